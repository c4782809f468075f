"""A closer look at the vectors of one collection: what all its texts have in common no longer counts."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# With this many texts, what they show of how vectors vary weighs as much as the belief that all directions are alike.
_FAITH: Final = 600
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Lens:
    """Centres and whitens vectors: a cosine then says how alike two texts are among those of the collection.

    Attributes:
        centre: Mean of the collection's vectors, shape ``(dim,)``.
        matrix: Symmetric; stretches the directions in which the collection varies little, shape ``(dim, dim)``.
    """

    centre: Floats
    matrix: Floats

    @classmethod
    def fit(cls, vectors: Floats) -> "Lens":
        """Fit a lens: inverse square root of the covariance, shrunk towards a multiple of the identity.

        The fewer the texts, the more it is shrunk; a single text shows nothing, and all looks zero through its lens.

        Args:
            vectors: Of the collection's texts, shape ``(n, dim)``, n at least 1.
        """
        centre = vectors.mean(axis=0, dtype=np.float64)
        centred = vectors - centre
        sizes, axes = np.linalg.eigh(centred.T @ centred / len(vectors))
        spread = max(float(sizes.mean()), _TINY)
        stretches = np.sqrt(spread / (np.maximum(sizes, 0) + _FAITH / len(vectors) * spread))
        matrix = (axes * stretches) @ axes.T
        return cls(centre.astype(np.float32), matrix.astype(np.float32))

    def look(self, vectors: Floats) -> Floats:
        """Return unit vectors as seen through the lens, shape ``(n, dim)``; zero for the centre itself."""
        seen = (vectors - self.centre) @ self.matrix
        lengths = np.linalg.norm(seen, axis=1, keepdims=True)
        units: Floats = np.where(lengths > _TINY, seen / np.maximum(lengths, _TINY), 0.0)
        return units.astype(np.float32, copy=False)
