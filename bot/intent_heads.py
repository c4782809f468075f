"""Intent heads as they are served: read once, quick on long catalogues, and changed a little by drafts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.cosines import ChangedRows, RoundedRows
from bot.stores.manifest import sha256_of
from intents.artifact import read_head_change, read_intent_head
from intents.classifier import KernelIntentHead
from intents.container import REMEDY
from intents.errors import ArtifactError

INTENT_HEAD: Final = "intent/head.safetensors"
INTENT_CHANGE: Final = "intent/change.safetensors"


@dataclass(frozen=True, slots=True)
class LoadedHead:
    """A head that was read, so that what is but a change of it need not be read whole.

    Attributes:
        sha256: Of its bytes.
        encoder: SHA-256 of the encoder that it was made for.
    """

    sha256: str
    encoder: str
    head: KernelIntentHead

    @classmethod
    def read(cls, content: bytes, source: str, encoder: str) -> "LoadedHead":
        """Read a head.

        Args:
            content: Its bytes.
            source: The file's name, for messages.
            encoder: SHA-256 of the encoder in use.

        Raises:
            ArtifactError: The bytes are corrupt, of another kind, or made for another encoder.
        """
        head, _ = read_intent_head(content, source, encoder=encoder)
        quicker = replace(head, cosines=RoundedRows(head.examples).cosines)
        return cls(sha256_of(content), encoder, quicker)

    def is_in(self, artifacts: Mapping[str, str]) -> bool:
        """Tell whether it is the one among these artifacts, a release's names and hashes."""
        return artifacts[INTENT_HEAD] == self.sha256

    def changed(self, change: bytes, encoder: str) -> KernelIntentHead:
        """Return the head, with a change where there is one.

        Args:
            change: As written; empty for none.
            encoder: SHA-256 of the encoder in use.

        Raises:
            ArtifactError: The change is corrupt, or head or change were made for something else.
            ValueError: The change does not fit in size.
        """
        if encoder != self.encoder:
            raise ArtifactError(
                f"{INTENT_HEAD} was fitted on the encodings of encoder {self.encoder[:12]}, but encoder {encoder[:12]} is "
                f"in use; {REMEDY}"
            )
        if not change:
            return self.head
        read = read_head_change(change, INTENT_CHANGE, encoder=encoder, base=self.sha256)
        changed, weights = read.apply(self.head), read.weights
        if self.head.cosines is None:
            return changed
        rows = ChangedRows(self.head.cosines, weights.vectors, weights.rows)
        return replace(changed, cosines=rows.cosines)
