"""A folder with a deep result: the tuned encoder, what its head knows, and what cross-validation said about it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.encoder import OnnxEncoder
from bot.intent_heads import INTENT_HEAD
from bot.loading import DEEP, ENCODER_FILES
from bot.stores.manifest import Manifest
from intents.artifact import (
    DEEP_KIND,
    read_deep_part,
    read_intent_head,
    write_deep_part,
)
from intents.container import HeadManifest
from intents.deep import DeepPart
from intents.errors import ArtifactError
from training.intent_report import IntentThresholds
from training.progress import say
from training.report import package_versions

PART_FILE: Final = "head.safetensors"
RESULT_FILE: Final = "deep.json"
_KIND: Final = "kefu-deep-intents"
_FORMAT: Final = 1
_REMEDY: Final = "run 'kefu train intents --deep' again, or remove the folder"


@dataclass(frozen=True, slots=True)
class DeepNotes:
    """What stands in ``deep.json``.

    Attributes:
        base: SHA-256 of the encoder that the instant head rests on.
        thresholds: The fields of ``IntentThresholds``, for both heads together.
        verdict: What cross-validation said; see ``training.deep_verdict``.
        data_fingerprint: Of the examples.
    """

    base: str
    thresholds: Mapping[str, float]
    verdict: Mapping[str, object]
    data_fingerprint: str
    seed: int


@dataclass(frozen=True, slots=True)
class DeepFolder:
    """A deep result that was read back."""

    folder: Path
    part: DeepPart
    notes: DeepNotes

    @property
    def thresholds(self) -> IntentThresholds:
        """Return where the policy would draw its lines."""
        return IntentThresholds(**self.notes.thresholds)

    @property
    def artifacts(self) -> Mapping[str, Path]:
        """Return its files under the names that a release has them by."""
        return {f"{DEEP}/{name}": self.folder / name for name in (*ENCODER_FILES, PART_FILE)}

    def added_to(self, manifest: Manifest) -> Manifest:
        """Return a release's manifest with this part's thresholds and what it gained."""
        gain = self.notes.verdict["accuracy_gain"]
        metrics = {"deep_accuracy_gain": float(gain)} if isinstance(gain, int | float) else {}
        return replace(
            manifest,
            thresholds={**manifest.thresholds, **self.notes.thresholds},
            metrics={**manifest.metrics, **metrics},
        )

    def open_encoder(self, *, workers: int) -> OnnxEncoder:
        """Load the tuned encoder.

        Raises:
            ConfigurationError: It is missing or corrupt.
        """
        return OnnxEncoder(self.folder, workers=workers)

    def misfit(self, names: Sequence[str], base: str) -> str:
        """Say why it does not go with an instant head; "" where it does.

        Args:
            names: The head's intents.
            base: SHA-256 of the encoder that the head rests on.
        """
        if self.notes.base != base:
            return "it was tuned beside another encoder"
        changed = sorted({*self.part.names} ^ {*names})
        return f"these intents are new or gone since: {', '.join(changed)}" if changed else ""


class UnfinishedFolder:
    """A folder being written beside its place; put there whole, or not at all."""

    def __init__(self, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        self._place = place
        self.path = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))

    def write(self, part: DeepPart, notes: DeepNotes, metrics: Mapping[str, float]) -> DeepFolder:
        """Write the part and the notes beside the encoder that was exported here, and put all in place.

        Raises:
            ArtifactError: The encoder cannot be used.
        """
        tuned = OnnxEncoder(self.path)
        manifest = HeadManifest(
            DEEP_KIND,
            part.names,
            tuned.sha256,
            part.dim,
            notes.data_fingerprint,
            config={"seed": notes.seed},
            metrics=metrics,
            versions=package_versions("torch", "transformers", "numpy"),
        )
        (self.path / PART_FILE).write_bytes(write_deep_part(part, manifest))
        content = {"kind": _KIND, "format": _FORMAT, **asdict(notes)}
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        (self.path / RESULT_FILE).write_text(text, encoding="utf-8")
        self.path.chmod(0o755)  # mkdtemp makes it readable for its owner only
        remove_deep_folder(self._place)
        self.path.rename(self._place)
        return DeepFolder(self._place, part, notes)

    def discard(self) -> None:
        """Remove what was not put in place."""
        rmtree(self.path, ignore_errors=True)


def remove_deep_folder(folder: Path) -> None:
    """Remove an older result, where there is one."""
    if folder.exists():
        rmtree(folder)


def read_deep_folder(folder: Path) -> DeepFolder:
    """Read a result back.

    Raises:
        ArtifactError: A file is missing, corrupt, or does not fit the others; names it and a remedy.
    """
    try:
        content = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
        if (content.pop("kind"), content.pop("format")) != (_KIND, _FORMAT):
            raise ArtifactError(f"{folder / RESULT_FILE} is of another version; {_REMEDY}")
        notes = DeepNotes(**content)
        IntentThresholds(**notes.thresholds)
        sha256 = json.loads((folder / ENCODER_FILES[-1]).read_text(encoding="utf-8"))["sha256"]
        blob = (folder / PART_FILE).read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{folder} holds no deep result that can be read ({error!r}); {_REMEDY}"
        ) from error
    part, _ = read_deep_part(blob, str(folder / PART_FILE), encoder=sha256)
    return DeepFolder(folder, part, notes)


def find_deep(folder: Path | None, head: bytes, base: str) -> DeepFolder | None:
    """Find the deep result that goes with an instant head; says so where one lies there that does not.

    Args:
        folder: Where it would lie; None takes none.
        head: The instant head's artifact.
        base: SHA-256 of the encoder it rests on.

    Raises:
        ArtifactError: It cannot be read.
    """
    if folder is None:
        return None
    found = read_deep_folder(folder)
    own, _ = read_intent_head(head, INTENT_HEAD, encoder=base)
    misfit = found.misfit(own.names, base)
    if misfit:
        say(
            f"the deep result in {folder} is left out, for {misfit}; 'kefu train intents --deep' makes a new one"
        )
        return None
    return found


@dataclass(frozen=True, slots=True)
class EncoderPair:
    """What two encoders say, side by side: the release's, and the one that was tuned for its intents."""

    own: OnnxEncoder
    tuned: OnnxEncoder

    @property
    def dim(self) -> int:
        """Return the length of both vectors together."""
        return self.own.dim + self.tuned.dim

    @property
    def sha256(self) -> str:
        """Name the pair by both models' hashes."""
        return f"{self.own.sha256[:32]}{self.tuned.sha256[:32]}"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts with both, shape ``(len(texts), dim)``."""
        return np.concatenate([self.own.encode(texts), self.tuned.encode(texts)], axis=1)
