"""The part of a report that says whether deep tuning is better, and by how much."""

from typing import Final

from training.deep_verdict import Gain, Verdict
from training.evaluation.page import Provenance, Section, Tile
from training.evaluation.sections import number
from training.report import Table

_TITLE: Final = "Deep tuning"
_HOW: Final = (
    "Both learnt from the same examples and were asked about the same others ({parts} of five parts, held out in turn). "
    "It is taken where more of them are right and the right intent's probability is higher, in 95 of 100 draws with "
    "replacement; who is out of scope is judged by the instant head alone."
)


def deep_section(verdict: Verdict, source: Provenance) -> Section:
    """Return a section with both heads side by side."""
    instant, deep = verdict.instant.as_json(), verdict.deep.as_json()
    rows = tuple(
        (name, number(name, instant[name]), number(name, deep[name]))
        for name in instant
        if name != "n"
    )
    gains = (
        ("in-scope accuracy, points", *_cells(verdict.accuracy, 100.0)),
        ("log-likelihood of the right intent", *_cells(verdict.evidence, 1.0)),
    )
    tables = (
        Table("Both heads", ("score", "instant", "with the deep part"), rows),
        Table("Difference", ("of", "mean", "95 % interval"), gains),
    )
    tile = Tile(
        f"{100 * verdict.accuracy.mean:+.1f}", "points", "in-scope accuracy, deep against instant"
    )
    lead = f"{verdict.sentence().capitalize()}."
    return Section(
        _TITLE, lead, (tile,), (), tables, (_HOW.format(parts=verdict.parts), source.caption)
    )


def _cells(gain: Gain, scale: float) -> tuple[str, str]:
    return f"{scale * gain.mean:+.2f}", f"{scale * gain.low:+.2f} to {scale * gain.high:+.2f}"
