"""Deep tuning on the public sets that have enough examples for it."""

from collections.abc import Iterator
from pathlib import Path

from training.evaluation.deep_recipe import DeepTrials
from training.evaluation.public_intents import PUBLIC_INTENTS
from training.evaluation.public_runs import Run, run_intents
from training.evaluation.public_scope import DEEPLY_TUNED
from training.evaluation.unseen import Tunable, Unseen
from training.progress import Timed


def run_deeply(
    folders: tuple[Path, Path], unseen: Unseen, shipped: Tunable, shown_as: Timed, *, seeds: range
) -> Iterator[Run]:
    """Tune encoders that never saw a set for it, as ``kefu train intents --deep`` does, and measure what it takes.

    Args:
        folders: The cache, for checkpoints, and that of the public sets.
        unseen: Encoders made like the shipped one, without this set or that.
        shipped: That one.
        shown_as: Told how far it is.
        seeds: The mean over them is reported; each takes 14 to 19 minutes of one core on each set.
    """
    cache, data = folders
    recipe = DeepTrials(
        shipped,
        unseen.strangers_to,
        cache / "deep-trials",
        shown_as,
        len(seeds),
        first_seed=seeds.start,
    )
    sets = [one for one in PUBLIC_INTENTS if one.name in DEEPLY_TUNED]
    yield from run_intents(data, [recipe], shown_as, draws=False, sets=sets)
