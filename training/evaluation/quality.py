"""Figures that were measured on public sets, kept from run to run."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from training.errors import TrainingError
from training.evaluation.public_runs import Run
from training.evaluation.scores import spread_of


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, as it is kept between runs; ``spread`` is its standard deviation over seeds, 0 of one."""

    set_name: str
    score: str
    recipe: str
    value: float
    seeds: int
    n: int
    day: str
    spread: float = 0.0


def figures_of(runs: Iterable[Run]) -> tuple[Figure, ...]:
    """Return every number of the runs."""
    day = datetime.now(UTC).date().isoformat()
    found = []
    for run in runs:
        scores, spread = run.scores, spread_of(run.trials)
        for name, value in scores.as_json().items():
            if name != "n":
                about = (run.set_name, name, run.recipe, value, len(run.trials), scores.n, day)
                found.append(Figure(*about, spread.get(name, 0.0)))
    return tuple(found)


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
