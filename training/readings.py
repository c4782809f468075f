"""Many texts as an encoder is asked about them for their mood: each as a whole, longer ones by their sentences too."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intents.feeling import readings_of


@dataclass(frozen=True, slots=True)
class Readings:
    """What an encoder is asked about.

    Attributes:
        texts: The readings of all texts, one text's behind another's; see ``intents.feeling``.
        counts: How many of them each text has.
    """

    texts: tuple[str, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Readings":
        """Take texts apart."""
        groups = [readings_of(text) for text in texts]
        return cls(tuple(one for group in groups for one in group), tuple(map(len, groups)))

    def by_text(self, rows: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Cut what was found for all readings, one row each, into one array for each text."""
        return np.split(rows, np.cumsum(self.counts)[:-1]) if self.counts else []
