"""Pictures as inline SVG: they need no library, stay sharp at any size and take their colours from the page."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from training.evaluation.curves import Bin, Points
from training.intent_report import Confusion

_WIDTH: Final = 480
_HEIGHT: Final = 330
_LEFT: Final = 56
_RIGHT: Final = 18
_TOP: Final = 14
_BOTTOM: Final = 48
_TICKS: Final = 5
_COLOURS: Final = ("var(--one)", "var(--two)", "var(--three)", "var(--four)", "var(--five)")
_CLOSE: Final = 1e-9
_DOTS_UP_TO: Final = 12
_CELL: Final = 34
_LONGEST_LABEL: Final = 28
_LETTER: Final = 7.0
_SLANT: Final = 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """A curve; its name stands in the legend, "" for none."""

    name: str
    points: Points


@dataclass(frozen=True, slots=True)
class Axes:
    """What is drawn across and up.

    Attributes:
        x: What stands below; ``y`` what stands at the side.
        x_range: From where to where; ``y_range`` likewise.
        x_is_share: Label as per cent; else as plain numbers.
    """

    x: str
    y: str
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)
    x_is_share: bool = True

    def across(self, value: float) -> float:
        """Return where a value lies, in the picture's units."""
        low, high = self.x_range
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def up(self, value: float) -> float:
        """Return how far from the top a value lies."""
        low, high = self.y_range
        return _HEIGHT - _BOTTOM - (value - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)


def line_chart(axes: Axes, lines: Sequence[Line], *, reference: Points = ()) -> str:
    """Draw curves.

    Args:
        axes: What is drawn.
        lines: One or more, at most as many as there are colours.
        reference: A dashed line to compare with.
    """
    parts = [*_frame(axes)]
    if reference:
        parts.append(f'<path class="reference" d="{_path(axes, reference)}"/>')
    for colour, line in zip(_COLOURS, lines, strict=False):
        parts.append(
            f'<path class="curve" style="stroke:{colour}" d="{_path(axes, line.points)}"/>'
        )
        if len(line.points) <= _DOTS_UP_TO:
            parts += [
                f'<circle style="fill:{colour}" cx="{axes.across(x):.1f}" cy="{axes.up(y):.1f}" r="3.5"/>'
                for x, y in line.points
            ]
    parts += _legend([line.name for line in lines])
    return _svg(_WIDTH, _HEIGHT, parts, f"{axes.y} against {axes.x}")


def reliability_chart(bins: Sequence[Bin], *, of: str = "utterances") -> str:
    """Draw how often utterances, or something else, of a confidence are right; wide bars hold many."""
    axes = Axes("confidence", "share that is right")
    most = max((one.count for one in bins), default=1)
    parts = [*_frame(axes)]
    for one in bins:
        half = (axes.across(one.high) - axes.across(one.low)) / 2 - 1
        middle = axes.across((one.low + one.high) / 2)
        width = half * max(0.18, (one.count / most) ** 0.5)
        top = axes.up(one.accuracy)
        told = f"confidence {one.confidence:.1%}, right {one.accuracy:.1%}, {one.count} {of}"
        parts.append(
            f'<rect class="bar" x="{middle - width:.1f}" y="{top:.1f}" width="{2 * width:.1f}" '
            f'height="{axes.up(0) - top:.1f}"><title>{told}</title></rect>'
        )
    parts.append(f'<path class="reference" d="{_path(axes, ((0, 0), (1, 1)))}"/>')
    points = tuple((one.confidence, one.accuracy) for one in bins)
    parts.append(f'<path class="curve" style="stroke:{_COLOURS[1]}" d="{_path(axes, points)}"/>')
    parts += [
        f'<circle style="fill:{_COLOURS[1]}" cx="{axes.across(x):.1f}" cy="{axes.up(y):.1f}" r="3"/>'
        for x, y in points
    ]
    return _svg(_WIDTH, _HEIGHT, parts, f"how often {of} of a confidence are right")


def confusion_chart(pairs: Sequence[Confusion], right: Mapping[str, int], *, most: int = 12) -> str:
    """Draw the intents of the worst pairs as a matrix: right ones down, said ones across.

    Args:
        pairs: The most frequent first.
        right: How many utterances of each intent were understood.
        most: How many intents to draw at most.
    """
    names = _names(pairs, most)
    cells = {(one.intent, one.mistaken_for): one.count for one in pairs}
    cells |= {(name, name): right.get(name, 0) for name in names}
    wrong = [cells.get((a, b), 0) for a in names for b in names if a != b]
    left = round(_LETTER * max((len(_short(name)) for name in names), default=1)) + 14
    top = round(left * _SLANT)
    parts = []
    for row, name in enumerate(names):
        label, middle = escape(_short(name)), row * _CELL + _CELL / 2
        parts.append(f'<text class="name" x="{left - 8}" y="{top + middle + 4:.0f}">{label}</text>')
        parts.append(
            f'<text class="turned" transform="translate({left + middle + 4:.0f} {top - 8}) rotate(-52)">{label}</text>'
        )
        for column, other in enumerate(names):
            count = cells.get((name, other), 0)
            cell = _Cell(left + column * _CELL, top + row * _CELL, count, name == other)
            parts += _drawn(cell, count / max(1, *wrong), f"{name} said as {other}")
    size = len(names) * _CELL
    return _svg(
        left + size + round(0.62 * left), top + size + 8, parts, "the intents most confused"
    )


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of the matrix; ``x`` and ``y`` are its upper left corner."""

    x: int
    y: int
    count: int
    is_right: bool


def _names(pairs: Sequence[Confusion], most: int) -> list[str]:
    names: list[str] = []
    for one in pairs:
        fresh = [name for name in (one.intent, one.mistaken_for) if name not in names]
        if len(names) + len(fresh) > most:
            break
        names += fresh
    return names


def _drawn(cell: _Cell, share: float, told: str) -> Iterator[str]:
    """Draw a cell; the larger its share of the worst confusion, the darker."""
    box = f'x="{cell.x}" y="{cell.y}" width="{_CELL - 2}" height="{_CELL - 2}" rx="4"'
    if not cell.count:
        yield f'<rect class="empty" {box}/>'
        return
    kind = "right" if cell.is_right else "wrong"
    strength = 1.0 if cell.is_right else 0.15 + 0.85 * min(1.0, share)
    title = f"<title>{escape(told)}: {cell.count}</title>"
    yield f'<rect class="cell {kind}" {box} style="fill-opacity:{strength:.2f}">{title}</rect>'
    bold = " strong" if not cell.is_right and share > 0.5 else ""  # noqa: PLR2004 - dark enough for white
    middle = _CELL / 2 - 1
    yield f'<text class="count{bold}" x="{cell.x + middle}" y="{cell.y + middle + 5}">{cell.count}</text>'


def _frame(axes: Axes) -> Iterator[str]:
    left, bottom = _LEFT, _HEIGHT - _BOTTOM
    for y in _ticks(axes.y_range):
        up = axes.up(y)
        yield f'<path class="grid" d="M{left} {up:.1f}H{_WIDTH - _RIGHT}"/>'
        yield f'<text class="tick side" x="{left - 8}" y="{up + 4:.1f}">{_share(y)}</text>'
    for x in _ticks(axes.x_range):
        label = _share(x) if axes.x_is_share else f"{x:.3g}"
        yield f'<text class="tick" x="{axes.across(x):.1f}" y="{bottom + 18}">{label}</text>'
    yield f'<path class="axis" d="M{left} {_TOP}V{bottom}H{_WIDTH - _RIGHT}"/>'
    middle = (left + _WIDTH - _RIGHT) / 2
    yield f'<text class="label" x="{middle}" y="{_HEIGHT - 8}">{escape(axes.x)}</text>'
    yield (
        f'<text class="label" transform="translate(14 {(bottom + _TOP) / 2}) rotate(-90)">'
        f"{escape(axes.y)}</text>"
    )


def _ticks(between: tuple[float, float]) -> list[float]:
    """Return round numbers from low to high, about five steps of 1, 2 or 5 times a power of ten."""
    low, high = between
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * min((1, 2, 5, 10), key=lambda one: abs(one * power - rough))
    first = math.ceil(low / step - _CLOSE)
    return [n * step for n in range(first, math.floor(high / step + _CLOSE) + 1)]


def _legend(names: Sequence[str]) -> Iterator[str]:
    shown = [(colour, name) for colour, name in zip(_COLOURS, names, strict=False) if name]
    for n, (colour, name) in enumerate(shown):
        y = _HEIGHT - _BOTTOM - 18 * (len(shown) - n) + 6
        yield f'<rect style="fill:{colour}" x="{_WIDTH - _RIGHT - 165}" y="{y - 8}" width="14" height="4" rx="2"/>'
        yield f'<text class="legend" x="{_WIDTH - _RIGHT - 145}" y="{y}">{escape(name)}</text>'


def _share(value: float) -> str:
    return f"{100 * value:.3g}%"


def _path(axes: Axes, points: Points) -> str:
    places = (f"{axes.across(x):.1f} {axes.up(y):.1f}" for x, y in points)
    return "M" + "L".join(places)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…"


def _svg(width: int, height: int, parts: Sequence[str], told: str) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(told)}" '
        f'style="max-width:{width}px">{"".join(parts)}</svg>'
    )
