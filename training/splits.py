"""Splits examples: folds with every intent in each, a limit that is fair to all intents."""

import hashlib
from collections.abc import Sequence

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


def cap_per_intent(texts: Sequence[str], classes: Places, limit: int, *, seed: int) -> Places:
    """Draw at most ``limit`` examples; only the largest classes lose some.

    Each text draws its own lot, whatever stands beside it: one example more changes as little as can be.

    Args:
        texts: Of the examples.
        classes: The intent of each, by number.
        limit: How many are kept at most.
        seed: Of the lots.

    Returns:
        The places of those that are kept, ascending.
    """
    if len(classes) <= limit:
        return np.arange(len(classes))
    lots = np.array([_lot(text, seed) for text in texts], dtype=np.uint64)
    rank_in_class = np.empty(len(classes), dtype=np.int64)
    for number in np.unique(classes):
        own = np.flatnonzero(classes == number)
        rank_in_class[own[np.argsort(lots[own], kind="stable")]] = np.arange(len(own))
    return np.sort(np.lexsort((lots, rank_in_class))[:limit])


def _lot(text: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {text}".encode()).digest()[:8], "little")
