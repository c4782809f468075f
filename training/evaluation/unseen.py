"""Encoders that never saw a public set: those of a folder whose training left it out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.encoder import OnnxEncoder
from training.encodings import CachedEncoder
from training.errors import DatasetError
from training.evaluation.adapter_folder import AdapterFolder
from training.evaluation.subjects import exported_with, remembering
from training.sentiment_adapter import sets_taught

# What a family of public sets is called in an adapter's config.json; NLU++ asks a bank the same things as BANKING77.
_SEEN_AS: Final = {
    "banking77": ("BANKING77", "NLU++ banking"),
    "clinc150": ("CLINC150",),
}


@dataclass(frozen=True, slots=True)
class Tunable:
    """An encoder that can be tuned further.

    Attributes:
        exported: As it is served.
        cached: The same, remembering what it encoded.
        adapter: The folder that its weights are made from.
    """

    exported: OnnxEncoder
    cached: CachedEncoder
    adapter: Path


@dataclass(frozen=True, slots=True)
class TaughtEncoder:
    """An encoder and the names of the sets that it was tuned on."""

    tunable: Tunable
    sets: frozenset[str]
    utterances: int

    @property
    def encoder(self) -> CachedEncoder:
        """Return the encoder, remembering what it encoded."""
        return self.tunable.cached


@dataclass(frozen=True, slots=True)
class Unseen:
    """Encoders that were tuned on different sets."""

    encoders: tuple[TaughtEncoder, ...]

    @classmethod
    async def read(cls, cache: Path, folder: Path) -> "Unseen":
        """Export and load every adapter for intents in a folder.

        Raises:
            DatasetError: There is none, or a ``config.json`` cannot be read.
            TrainingError: An export failed.
        """
        adapters = _adapters(folder)
        loaded = await exported_with(cache, adapters)
        return cls(
            tuple(
                TaughtEncoder(
                    Tunable(encoder, remembering(encoder, cache), adapter), *_taught(adapter)
                )
                for adapter, encoder in zip(adapters, loaded, strict=True)
            )
        )

    def without(self, family: str) -> Sequence[CachedEncoder]:
        """Return the encoders that never saw a family of sets; of these, those that saw most of the others."""
        return tuple(one.encoder for one in self._strangers_to(family))

    def strangers_to(self, family: str) -> Sequence[Tunable]:
        """Return the same, to be tuned further."""
        return tuple(one.tunable for one in self._strangers_to(family))

    def _strangers_to(self, family: str) -> Sequence[TaughtEncoder]:
        fitting = tuple(self._fitting(frozenset(_SEEN_AS.get(family, ()))))
        most = max((one.utterances for one in fitting), default=0)
        return tuple(one for one in fitting if one.utterances == most)

    def save(self) -> None:
        """Keep what was encoded."""
        for one in self.encoders:
            one.encoder.save()

    def _fitting(self, family: frozenset[str]) -> Iterator[TaughtEncoder]:
        return (one for one in self.encoders if not one.sets & family)


def _adapters(folder: Path) -> tuple[Path, ...]:
    found = AdapterFolder.read(folder).intents
    if not found:
        raise DatasetError(
            f"{folder} holds no encoder; make some with 'kefu train encoder --leave SET --out {folder}/NAME'"
        )
    return found


def _taught(adapter: Path) -> tuple[frozenset[str], int]:
    sets = sets_taught(adapter)
    names = frozenset(str(one["name"]) for one in sets)
    return names, sum(int(str(one["utterances"])) for one in sets)
