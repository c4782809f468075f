"""The table of ours beside published figures: every line that we promised to measure, measured or not."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.evaluation.public_intents import PUBLIC_INTENTS
from training.evaluation.quality import Figure
from training.evaluation.recipes import DEEP, SERVICE, TAUGHT
from training.evaluation.sections import number

_MISSING: Final = "not measured"
_TARGET: Final = re.compile(r"\+?(?P<gain>\d+) points .*|(?P<score>nDCG@10 )?(?P<value>[\d.]+)")
# What ships is judged by its own figure, whatever else was measured; of these a set has one.
JUDGED: Final = (
    SERVICE,
    TAUGHT,
    "sentiment adapter",
    "hybrid",
)
_OTHER_SPLITS: Final = {
    "SST-2": "published test part, positive and negative",
    "airline tweets": "test part of the fixed split without duplicates",
    "FeedbackQA CDC": "published test questions",
    "FeedbackQA WHO": "published test questions",
    "StackFAQ": "published questions; nothing is trained on them",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A promised figure.

    Attributes:
        score: Its public name, as in ``Scores.as_json``.
        frozen: The frozen encoder with logistic regression; "" where it is measured here.
        published: By others, in words.
        target: What we want to reach.
        is_deep: Whether the slower way of learning is meant, for which the set is large enough.
    """

    set_name: str
    score: str
    frozen: str
    published: str
    target: str
    is_deep: bool = False


_BANKING = "93.83 ConvBERT+; 94.4 best small"
_CLINC = "96.5 BERT-base; 97.3 best single"
_CPFT_BANKING = ("80.86 CPFT", "87.20 CPFT")
LINES: Final = (
    Line("BANKING77", "in_scope_accuracy", "93.05", _BANKING, "94.5"),
    Line("BANKING77", "in_scope_accuracy", "93.05", _BANKING, "94.5", is_deep=True),
    Line("CLINC150", "in_scope_accuracy", "95.3", _CLINC, "97.0"),
    Line("CLINC150", "in_scope_accuracy", "95.3", _CLINC, "97.0", is_deep=True),
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
    Line("BANKING77", "ece", "", "", "0.015", is_deep=True),
    Line("CLINC150", "ece", "", "0.010 SNGP", "0.015"),
    Line("CLINC150", "ece", "", "0.010 SNGP", "0.015", is_deep=True),
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


def write_table(file: Path, figures: Sequence[Figure]) -> None:
    """Write one line per promised figure, what ships before our other recipes, and below how each was measured."""
    lines = [
        "# Quality",
        "",
        (
            "Ours beside published figures, with `make evaluate`, or its parts with `kefu evaluate nlu --data DIR --encoders "
            "DIR` and so on. Accuracy, macro-F1, recall in per cent; AUROC, calibration error, MRR and nDCG from 0 to 1; ± is the "
            "standard deviation over seeds. *Ours* is what ships, with encoders that never saw the set; *reached* is said of it alone. *Others of ours* are "
            "the same without a part. *Tuned deeply* is `kefu train intents --deep` (minutes; the others learn in seconds). *Frozen* is the unchanged MiniLM with logistic regression, or a "
            "search by words or by its encodings alone. What each score means stands in `docs/evaluation.md`; where published "
            "figures come from, in the README of each set."
        ),
        "",
        "| set | score | ours | others of ours | frozen | published | target | reached |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(line, figures) for line in LINES),
        "",
        "## How it was measured",
        "",
        "A closed form is run once. A day before the others' is that of a part that was not measured again.",
        "",
        "| set | split | tested on | runs | day |",
        "| --- | --- | --- | --- | --- |",
        *_measurings(figures),
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")


def _row(line: Line, figures: Sequence[Figure]) -> str:
    found = [one for one in figures if (one.set_name, one.score) == (line.set_name, line.score)]
    sign = 1 if line.score == "ece" else -1
    found.sort(key=lambda one: sign * one.value)
    frozen = [one for one in found if _is_baseline(one.recipe)]
    ours = [one for one in found if one not in frozen and (one.recipe == DEEP) == line.is_deep]
    names = (DEEP,) if line.is_deep else JUDGED
    judged = next((one for name in names for one in ours if one.recipe == name), None)
    cells = (
        f"{line.set_name}, tuned deeply" if line.is_deep else line.set_name,
        line.score,
        _MISSING if judged is None else f"**{_value(judged)}**{_seeds(judged)}",
        _told(one for one in ours if one is not judged),
        line.frozen or _told(frozen) or _MISSING,
        line.published,
        line.target,
        "" if judged is None else _reached(line, judged, frozen),
    )
    return "| " + " | ".join(cells) + " |"


def _told(figures: Iterable[Figure]) -> str:
    return "<br>".join(f"{_value(one)} ({one.recipe}{_seeds(one)})" for one in figures)


def _seeds(one: Figure) -> str:
    if one.seeds == 1:
        return ""
    spread = f" ± {_written(one.score, one.spread)}" if one.spread else ""
    return f"{spread}, mean of {one.seeds}"


def _value(one: Figure) -> str:
    return _written(one.score, one.value)


def _written(score: str, value: float) -> str:
    return number(score, value).removesuffix(" %")


def _reached(line: Line, judged: Figure, frozen: Sequence[Figure]) -> str:
    """Tell whether the target is reached; "" where it cannot be told, or is another score's."""
    found = _TARGET.fullmatch(line.target)
    if found is None:
        return ""
    if found["gain"]:
        if not frozen:
            return ""
        gain = judged.value - max(one.value for one in frozen)
        return "yes" if 100 * gain >= float(found["gain"]) else "no"
    if found["score"] and line.score != "ndcg@10":
        return ""
    best, target = float(_value(judged)), float(found["value"])
    return "yes" if (best <= target if line.score == "ece" else best >= target) else "no"


def _measurings(figures: Sequence[Figure]) -> Iterator[str]:
    splits = {one.name: one.split for one in PUBLIC_INTENTS} | _OTHER_SPLITS
    for name in dict.fromkeys(line.set_name for line in LINES):
        found = [one for one in figures if one.set_name == name]
        days = sorted({one.day for one in found})
        runs = sorted({(one.recipe, one.seeds) for one in found if one.seeds > 1})
        cells = (
            name,
            splits[name],
            " or ".join(sorted({f"{one.n:,}" for one in found})),
            "<br>".join(f"{recipe}: {seeds}" for recipe, seeds in runs) or "1",
            " to ".join(dict.fromkeys((*days[:1], *days[-1:]))) or _MISSING,
        )
        yield "| " + " | ".join(cells) + " |"


def _is_baseline(recipe: str) -> bool:
    return recipe.startswith("frozen") or recipe.endswith(" alone")
