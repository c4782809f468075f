"""Shows reports in the terminal, on standard error; standard output is kept for ``--json``."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from training.evaluation.release_files import FileScores
from training.intent_report import IntentReport
from training.publish import PublishReport


def show_published(report: PublishReport) -> None:
    """Say what was published and how well it does."""
    manifest, console = report.manifest, _console()
    took = sum(report.took_s.values())
    console.print(
        f"Release [bold]{manifest.number}[/bold] is live ({len(manifest.documents)} documents, {took:.0f} s)."
    )
    table = _table("metric", "value")
    for name, value in manifest.metrics.items():
        table.add_row(name.replace("_", " "), _number(value))
    for name, value in manifest.thresholds.items():
        table.add_row(f"threshold: {name.replace('_', ' ')}", _number(value))
    for stage, seconds in report.took_s.items():
        table.add_row(f"seconds: {stage}", _number(seconds))
    console.print(table)
    went = report.scripts - len({stray.script for stray in report.strays})
    console.print(f"{went} of {report.scripts} regression conversations went as they should.")
    for stray in report.strays:
        console.print(str(stray), markup=False)


def show_intents(report: IntentReport, *, worst: int) -> None:
    """Show what cross-validation says about the intents."""
    console = _console()
    numbers = _table("metric", "value")
    for name, value in intents_as_json(report).items():
        numbers.add_row(name.replace("_", " "), _number(float(value)))
    console.print(numbers)
    scores = _table("intent", "examples", "precision", "recall")
    for one in sorted(report.intents, key=lambda one: one.recall)[:worst]:
        scores.add_row(one.name, str(one.examples), f"{one.precision:.2f}", f"{one.recall:.2f}")
    console.print("Weakest intents", scores)
    confusions = _table("intent", "taken for", "times", "such as")
    for pair in report.confusions[:worst]:
        confusions.add_row(pair.intent, pair.mistaken_for, str(pair.count), "\n".join(pair.texts))
    console.print("Most confused", confusions)


def intents_as_json(report: IntentReport) -> Mapping[str, float]:
    """Return metrics and thresholds."""
    lines = report.thresholds
    return {
        **report.metrics,
        "accept": lines.accept,
        "clarify": lines.clarify,
        "clarify_ratio": lines.clarify_ratio,
        "out_of_scope": lines.out_of_scope,
    }


def show_files(release: int, scores: Sequence[FileScores]) -> None:
    """Show what was measured on files."""
    console = _console()
    console.print(f"Release {release}")
    for score in scores:
        table = _table(f"{score.file} ({score.kind})", f"of {score.items}")
        for name, value in score.numbers.items():
            table.add_row(name, _number(value))
        console.print(table)


def _number(value: float) -> str:
    return f"{value:.4g}"


def _table(*columns: str) -> Table:
    table = Table(box=None)
    for column in columns:
        table.add_column(column)
    return table


def _console() -> Console:
    return Console(stderr=True)
