"""A fit that is kept, and what follows from it for examples that are a little different: exact, in milliseconds.

Kernel ridge regression solves ``(likeness + ridge) weights = targets``. With a factor of this system for the examples of
yesterday, the weights for those of today, some of which are new and some gone, take two triangular solves with as many
columns as examples changed, and a small system (block elimination; Golub and Van Loan, Matrix Computations, 2.1.4). The
factor itself is never changed, so that nothing adds up over many small steps.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.understanding import OUT_OF_SCOPE
from intents.change import Correction, WeightChange
from intents.classifier import likenesses
from training.factor import Factor, numbers_of
from training.guard import ridges_of
from training.kept_file import Kept, KeptFileError, read_kept, write_kept
from training.lesson import Key, Lesson, targets_of

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

# Raised whenever what is written, or the likeness, is defined otherwise.
_FORMAT: Final = 1
_MOST: Final = 512
_SHARE: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """How a lesson differs from the kept one.

    Attributes:
        rows: Where each example comes from, backdrop and all; see ``WeightChange``.
        new: Places in the new lesson.
        gone: Places in the kept one.
    """

    rows: NDArray[np.int32]
    new: Places
    gone: Places


@dataclass(frozen=True, slots=True, eq=False)
class KeptFit:
    """A fit of a lesson with the factor of its system: the examples first, then the backdrop.

    Attributes:
        vectors: Of examples and backdrop.
        head: Weights of the examples.
        guard: Weights of examples and backdrop; no rows without a backdrop.
        places: Where each example stands.
    """

    lesson: Lesson
    vectors: Floats
    factor: Factor
    head: Floats
    guard: Floats
    places: dict[Key, tuple[int, ...]]

    def follow(self, lesson: Lesson) -> WeightChange | None:
        """Return what another lesson changes; None where it is too different, and had better be fitted anew."""
        kept = self.lesson
        if not kept.is_like(lesson):
            return None
        change = self._change(lesson)
        count = len(change.new) + len(change.gone)
        if count > min(_MOST, len(kept.names) // _SHARE):
            return None
        known = {name: number for number, name in enumerate(kept.columns)}
        columns = np.array([known.get(name, -1) for name in lesson.columns], dtype=np.int32)
        guard = Correction(self.guard[:, :0], np.zeros((0, len(columns) - 1), dtype=np.float32))
        if len(kept.backdrop):
            guard = self._correct(self.guard, change, lesson, columns[:-1])
        head = self._correct(self.head, change, lesson, columns)
        return WeightChange(lesson.vectors[change.new], change.rows, columns, head, guard)

    def _change(self, lesson: Lesson) -> _Change:
        free = {key: list(places) for key, places in self.places.items()}
        backdrop = np.arange(len(self.lesson.names), len(self.vectors), dtype=np.int32)
        rows = np.empty(len(lesson.names), dtype=np.int32)
        new: list[int] = []
        for number, key in enumerate(lesson.keys()):
            if free.get(key):
                rows[number] = free[key].pop()
            else:
                rows[number] = len(self.vectors) + len(new)
                new.append(number)
        gone = sorted(place for places in free.values() for place in places)
        return _Change(
            np.concatenate([rows, backdrop]), np.array(new, np.int64), np.array(gone, np.int64)
        )

    def _correct(
        self, weights: Floats, change: _Change, lesson: Lesson, columns: NDArray[np.int32]
    ) -> Correction:
        """Return how the weights of the rows that were kept change, and those of the new ones."""
        gone, rows = len(change.gone), len(weights)
        new = lesson.vectors[change.new]
        if not gone + len(new):
            nothing = np.zeros((0, len(columns)), dtype=np.float32)
            return Correction(np.zeros((rows, 0), dtype=np.float32), nothing)
        # An example that is gone has weight 0; in return its equation may be missed by as much as it takes.
        border = np.zeros((len(self.vectors), gone + len(new)), dtype=np.float32, order="F")
        border[change.gone, np.arange(gone)] = -1.0
        border[:rows, gone:] = likenesses(self.vectors[:rows], new, lesson.sharpness)
        moved = self.factor.solve(border, first=rows)[:rows]
        across = border[:rows].T.astype(np.float64)
        corner = -(across @ moved)
        corner[gone:, gone:] += likenesses(new, new, lesson.sharpness)
        corner[gone:, gone:] += lesson.ridge * np.eye(len(new))
        wanted = -(across @ weights)[:, columns]
        wanted[:, columns < 0] = 0.0
        names = lesson.columns[: len(columns)]
        wanted[gone:] += targets_of([lesson.names[place] for place in change.new], names)
        return Correction(moved, np.linalg.solve(corner, wanted).astype(np.float32))


def keep_fit(
    lesson: Lesson, file: Path | None, goes_on: Callable[[], bool] = lambda: True
) -> KeptFit | None:
    """Fit a lesson and keep the factor.

    Args:
        lesson: Is kept too.
        file: Is replaced when all is done; None keeps everything in memory.
        goes_on: Asked now and then; False gives up.

    Returns:
        The fit; None if it was given up.

    Raises:
        OSError: The file cannot be written.
        ValueError: The ridge is too small for these vectors, or they are not finite.
    """
    if not np.isfinite(lesson.vectors).all():
        raise ValueError("some vectors hold numbers that are not finite")
    vectors = _rows_of(lesson)
    made: list[KeptFit] = []

    def fill(numbers: Floats) -> tuple[Sequence[Floats], dict[str, object]] | None:
        factor = Factor(numbers, len(vectors))
        ridges = ridges_of(len(lesson.names), len(lesson.backdrop), lesson.ridge)
        if not factor.fill(vectors, ridges, lesson.sharpness, goes_on):
            return None
        targets = np.zeros((len(vectors), len(lesson.columns)), dtype=np.float32)
        targets[: len(lesson.names)] = targets_of(lesson.names, lesson.columns)
        head = factor.solve(targets, first=len(lesson.names))[: len(lesson.names)]
        guard = (
            factor.solve(targets[:, :-1])
            if len(lesson.backdrop)
            else np.zeros((0, len(lesson.columns) - 1), dtype=np.float32)
        )
        made.append(KeptFit(lesson, vectors, factor, head, guard, _places(lesson)))
        return (vectors, head, guard), _header(lesson, ridges)

    size = numbers_of(len(vectors))
    if file is None:
        fill(np.empty(size, dtype=np.float32))
    elif write_kept(file, size, fill):
        return read_fit(file)
    return made[0] if made else None


def read_fit(file: Path) -> KeptFit | None:
    """Map a kept fit; None where there is none that can be used.

    Raises:
        KeptFileError: It is not what was written.
    """
    try:
        kept = read_kept(file)
    except FileNotFoundError:
        return None
    try:
        return _fit_of(kept) if kept.header["format"] == _FORMAT else None
    except (KeyError, TypeError, ValueError) as problem:
        raise KeptFileError(
            f"{file} does not hold a fit ({problem}); it is made again"
        ) from problem


def _fit_of(kept: Kept) -> KeptFit | None:
    header, numbers = kept.header, kept.numbers
    rows, dim, names = header["rows"], header["dim"], tuple(header["names"])
    examples, columns = len(names), len({*names, OUT_OF_SCOPE})
    guarded = rows if rows > examples else 0
    ends = np.cumsum(
        [numbers_of(rows), rows * dim, examples * columns, guarded * (columns - 1)]
    ).tolist()
    factor, vectors, head, guard, rest = np.split(numbers, ends)
    if len(rest):
        raise ValueError(f"{len(rest)} numbers too many")
    vectors = vectors.reshape(rows, dim)
    lesson = Lesson(
        vectors[:examples], names, vectors[examples:], header["sharpness"], header["ridge"]
    )
    doubts = ridges_of(examples, rows - examples, lesson.ridge)
    if doubts.tolist()[examples:] != [header["backdrop_ridge"]] * (rows - examples):
        return None  # what people write elsewhere is doubted otherwise by now
    return KeptFit(
        lesson,
        vectors,
        Factor(factor, rows),
        head.reshape(examples, columns),
        guard.reshape(guarded, columns - 1),
        _places(lesson),
    )


def _header(lesson: Lesson, ridges: Floats) -> dict[str, object]:
    return {
        "format": _FORMAT,
        "rows": len(ridges),
        "dim": lesson.vectors.shape[1],
        "names": lesson.names,
        "sharpness": lesson.sharpness,
        "ridge": lesson.ridge,
        "backdrop_ridge": float(ridges[-1]),
    }


def _rows_of(lesson: Lesson) -> Floats:
    if not len(lesson.backdrop):
        return lesson.vectors
    return np.concatenate([lesson.vectors, lesson.backdrop])


def _places(lesson: Lesson) -> dict[Key, tuple[int, ...]]:
    found: defaultdict[Key, list[int]] = defaultdict(list)
    for number, key in enumerate(lesson.keys()):
        found[key].append(number)
    return {key: tuple(places) for key, places in found.items()}
