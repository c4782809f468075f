"""The table of ours beside published figures: every line that we promised to measure, measured or not."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from training.errors import TrainingError
from training.evaluation.public_runs import Run
from training.evaluation.sections import number

_MISSING: Final = "not measured"
_TARGET: Final = re.compile(r"\+?(?P<gain>\d+) points .*|(?P<score>nDCG@10 )?(?P<value>[\d.]+)")


@dataclass(frozen=True, slots=True)
class Line:
    """A promised figure.

    Attributes:
        score: Its public name, as in ``Scores.as_json``.
        frozen: The frozen encoder with logistic regression; "" where it is measured here.
        published: By others, in words.
        target: What we want to reach.
    """

    set_name: str
    score: str
    frozen: str
    published: str
    target: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, as it is kept between runs."""

    set_name: str
    score: str
    recipe: str
    value: float
    seeds: int
    n: int
    day: str


_BANKING = "93.83 ConvBERT+; 94.4 best small"
_CPFT_BANKING = ("80.86 CPFT", "87.20 CPFT")
LINES: Final = (
    Line("BANKING77", "in_scope_accuracy", "93.05", _BANKING, "94.5"),
    Line("CLINC150", "in_scope_accuracy", "95.3", "96.5 BERT-base; 97.3 best single", "97.0"),
    Line("CLINC150", "oos_auroc", "0.972", "0.969 SNGP; 0.973 ensemble of 10", "0.980"),
    Line("CLINC150", "oos_recall_at_95", "86", "", "91"),
    Line("BANKING77-OOS near", "oos_auroc", "", "see the set's README", "+3 points on frozen"),
    Line("BANKING77-OOS far", "oos_auroc", "", "see the set's README", "+3 points on frozen"),
    Line("BANKING77 5-shot", "in_scope_accuracy", "80.7", _CPFT_BANKING[0], "83.0"),
    Line("BANKING77 10-shot", "in_scope_accuracy", "86.4", _CPFT_BANKING[1], "88.5"),
    Line("CLINC150 5-shot", "in_scope_accuracy", "87.0", "92.34 CPFT", "92.5"),
    Line("CLINC150 10-shot", "in_scope_accuracy", "90.2", "94.18 CPFT", "94.5"),
    Line("HINT3 Curekart", "in_scope_accuracy", "83.0", "83.6 BERT; 84.1 Rasa", "86"),
    Line("HINT3 Curekart", "oos_auroc", "0.80", "", "0.90"),
    Line("HINT3 Powerplay11", "in_scope_accuracy", "62.2", "58.5 BERT; 49.1 Rasa", "66"),
    Line("HINT3 Powerplay11", "oos_auroc", "0.75", "", "0.85"),
    Line("BANKING77", "ece", "", "", "0.015"),
    Line("CLINC150", "ece", "", "0.010 SNGP", "0.015"),
    Line("SST-2", "accuracy", "81.3", "92–93 with ten times the data (phrases)", "90.5"),
    Line("airline tweets", "macro_f1", "", "82.0 RoBERTa; 76 BERT", "80"),
    *(
        Line(name, score, "", published if score == "ndcg@10" else "", target)
        for name, published, target in (
            ("FeedbackQA CDC", "", "5 points above BM25 and dense alone"),
            ("FeedbackQA WHO", "", "5 points above BM25 and dense alone"),
            ("StackFAQ", "0.858, trained on FAQ pairs only", "nDCG@10 0.88"),
        )
        for score in ("recall@1", "mrr@10", "ndcg@10")
    ),
)


def figures_of(runs: Iterable[Run]) -> tuple[Figure, ...]:
    """Return every number of the runs."""
    day = datetime.now(UTC).date().isoformat()
    return tuple(
        Figure(run.set_name, name, run.recipe, value, run.seeds, run.scores.n, day)
        for run in runs
        for name, value in run.scores.as_json().items()
        if name != "n"
    )


def keep_figures(file: Path, fresh: Sequence[Figure]) -> tuple[Figure, ...]:
    """Put fresh figures in the place of older ones of the same set, score and recipe; the others stay.

    Raises:
        TrainingError: The file is there, but cannot be read.
    """
    older: list[Figure] = []
    if file.exists():
        try:
            older = [Figure(**one) for one in json.loads(file.read_text("utf-8"))]
        except (OSError, ValueError, TypeError) as error:
            raise TrainingError(f"{file} cannot be read ({error}); remove it") from error
    kept = {(one.set_name, one.score, one.recipe): one for one in (*older, *fresh)}
    figures = tuple(kept.values())
    rows = ",\n ".join(json.dumps(asdict(one), ensure_ascii=False) for one in figures)
    file.write_text(f"[{rows}]\n", encoding="utf-8")
    return figures


def write_table(file: Path, figures: Sequence[Figure]) -> None:
    """Write the table: one line per promised figure, our recipes in one cell, the best first."""
    recipes = sorted({one.recipe for one in figures})
    days = sorted({one.day for one in figures})
    lines = [
        "# Quality",
        "",
        (
            f"Ours beside published figures, on the published test parts. Measured {_span(days)} with `make evaluate`, or its parts with `kefu evaluate nlu --data DIR --encoders DIR` and so on. Accuracy, "
            "macro-F1, recall in per cent; AUROC, calibration error, MRR and nDCG from 0 to 1. What each score means stands "
            "in `docs/evaluation.md`; where published figures come from, in the README of each set. *Frozen* is the "
            "unchanged MiniLM with logistic regression. A closed form is run once; what is tuned deeply as often as the row says."
        ),
        "",
        "| set | score | ours | frozen | published | target | reached |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_row(line, figures) for line in LINES),
        "",
        "Recipes: " + "; ".join(recipes) + ".",
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")


def _row(line: Line, figures: Sequence[Figure]) -> str:
    found = [one for one in figures if (one.set_name, one.score) == (line.set_name, line.score)]
    sign = 1 if line.score == "ece" else -1
    found.sort(key=lambda one: sign * one.value)
    ours = [one for one in found if not _is_baseline(one.recipe)]
    frozen = [one for one in found if _is_baseline(one.recipe)]
    cells = (
        line.set_name,
        line.score,
        "<br>".join(_told(one) for one in ours) or _MISSING,
        line.frozen or "<br>".join(_told(one) for one in frozen) or _MISSING,
        line.published,
        line.target,
        _reached(line, ours, frozen),
    )
    return "| " + " | ".join(cells) + " |"


def _told(one: Figure) -> str:
    seeds = f", mean of {one.seeds}" if one.seeds > 1 else ""
    return f"{_value(one)} ({one.recipe}{seeds})"


def _value(one: Figure) -> str:
    return number(one.score, one.value).removesuffix(" %")


def _reached(line: Line, ours: Sequence[Figure], frozen: Sequence[Figure]) -> str:
    """Tell whether the target is reached; "" where it cannot be told, or is another score's."""
    found = _TARGET.fullmatch(line.target)
    if found is None or not ours:
        return ""
    if found["gain"]:
        if not frozen:
            return ""
        gain = ours[0].value - max(one.value for one in frozen)
        return "yes" if 100 * gain >= float(found["gain"]) else "no"
    if found["score"] and line.score != "ndcg@10":
        return ""
    best, target = float(_value(ours[0])), float(found["value"])
    return "yes" if (best <= target if line.score == "ece" else best >= target) else "no"


def _is_baseline(recipe: str) -> bool:
    return ("logistic regression" in recipe and recipe.startswith("frozen")) or "alone" in recipe


def _span(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"from {days[0]} to {days[-1]}" if days else "never"
