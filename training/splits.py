"""Splits examples: folds with every intent in each, a limit that is fair to all intents."""

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


def stratified_folds(classes: Places, folds: int, *, seed: int) -> list[Places]:
    """Deal the examples of every class to folds as evenly as can be.

    Returns:
        The places of each fold's examples, ascending; fewer folds where there are fewer examples than folds.
    """
    generator = np.random.default_rng(seed)
    dealt = np.empty(len(classes), dtype=np.int64)
    begin = 0
    for number in np.unique(classes):
        places = generator.permutation(np.flatnonzero(classes == number))
        dealt[places] = (begin + np.arange(len(places))) % folds
        begin += len(places)  # small classes do not all begin with the first fold
    groups = [np.flatnonzero(dealt == fold) for fold in range(folds)]
    return [places for places in groups if len(places)]


def cap_per_intent(classes: Places, limit: int, *, seed: int) -> Places:
    """Return the places of at most ``limit`` examples, ascending; only the largest classes lose some."""
    if len(classes) <= limit:
        return np.arange(len(classes))
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(classes))
    rank_in_class = np.empty(len(classes), dtype=np.int64)
    for number in np.unique(classes):
        own = shuffled[classes[shuffled] == number]
        rank_in_class[own] = np.arange(len(own))
    chosen = np.argsort(rank_in_class, kind="stable")[:limit]
    return np.sort(chosen)
