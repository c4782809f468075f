"""Shows measurements in the terminal, on standard error; standard output is kept for ``--json``."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from training.evaluation.cross_validation import CrossValidation
from training.evaluation.findings import (
    Doubled,
    Mislabelled,
    most_confused,
    per_intent,
    thin,
)
from training.evaluation.predictions import Predictions
from training.evaluation.scores import Scores
from training.evaluation.sections import number

_LONGEST: Final = 60
_IN_FILES: Final = 140


def show_scores(title: str, scores: Scores) -> None:
    """Show the scores of one set."""
    table = _table(title, f"n = {scores.n:,}")
    for name, value in scores.as_json().items():
        if name != "n":
            table.add_row(name, number(name, value))
    _console().print(table)


def show_all(sets: Mapping[str, Scores]) -> None:
    """Show the scores of many sets, a line each."""
    names = list(dict.fromkeys(name for scores in sets.values() for name in scores.as_json()))
    table = _table("set", *names)
    for title, scores in sets.items():
        found = scores.as_json()
        table.add_row(title, *(_cell(name, found) for name in names))
    _console().print(table)


def show_intents(predictions: Predictions, *, worst: int) -> None:
    """Show the weakest intents and the pairs most confused."""
    weakest = _table("weakest intents", "precision", "recall", "F1", "support")
    for line in per_intent(predictions)[:worst]:
        score = line.score
        cells = (score.precision, score.recall, score.f1)
        weakest.add_row(line.name, *(f"{cell:.2f}" for cell in cells), str(score.examples))
    confused = _table("most confused", "taken for", "times", "such as")
    for pair in most_confused(predictions)[:worst]:
        confused.add_row(pair.intent, pair.mistaken_for, str(pair.count), _cut(pair.texts[0]))
    console = _console()
    console.print(weakest)
    console.print(confused)


def show_findings(
    found: CrossValidation, suspects: Sequence[Mislabelled], pairs: Sequence[Doubled], *, worst: int
) -> None:
    """Show what a person should look at."""
    console = _console()
    doubtful = _table("looks mislabelled", "stands under", "looks like", "own", "other")
    for one in suspects[:worst]:
        shares = (f"{one.probability:.2f}", f"{one.likely_probability:.2f}")
        doubtful.add_row(_cut(one.row.text), one.row.intent, one.likely, *shares)
    doubles = _table("says the same", "intent", "as", "intent", "likeness")
    for pair in pairs[:worst]:
        first, second = pair.first, pair.second
        doubles.add_row(
            _cut(first.text), first.intent, _cut(second.text), second.intent, f"{pair.likeness:.3f}"
        )
    few = _table("too few examples", "has")
    for name, count in thin(found.rows)[:worst]:
        few.add_row(name, str(count))
    for table, count in ((doubtful, len(suspects)), (doubles, len(pairs)), (few, few.row_count)):
        if count:
            console.print(table)
    console.print(
        f"{len(suspects)} examples look mislabelled, {len(pairs)} pairs say the same, "
        f"{len(thin(found.rows))} intents are thin; all stand in the report."
    )


def _cell(name: str, found: Mapping[str, float]) -> str:
    if name not in found:
        return ""
    return f"{found[name]:,.0f}" if name == "n" else number(name, found[name])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _table(*columns: str) -> Table:
    table = Table(box=None)
    for column in columns:
        table.add_column(column)
    return table


def _console() -> Console:
    """Return a console on standard error; into a file, lines are as long as the widest table needs."""
    found = Console(stderr=True, highlight=False)
    return found if found.is_terminal else Console(stderr=True, highlight=False, width=_IN_FILES)
