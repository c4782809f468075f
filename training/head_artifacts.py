"""An intent head as artifacts: whole, or for a draft as a head that is stored already and a small change to it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from bot.intent_heads import INTENT_CHANGE, INTENT_HEAD
from bot.stores.manifest import sha256_of
from intents.artifact import CHANGE_KIND, write_head_change, write_intent_head
from intents.classifier import KernelIntentHead
from intents.container import HeadManifest
from training.intent import InstantIntents
from training.kept_fit import KeptFit

# A change takes a column as long as the head for each example that is new or gone; so many, and the head is smaller.
_MOST: Final = 64


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A head that many drafts rest on.

    Attributes:
        sha256: Of its bytes.
    """

    head: KernelIntentHead
    manifest: HeadManifest
    sha256: str

    @classmethod
    def of(cls, head: KernelIntentHead, manifest: HeadManifest) -> "KeptHead":
        """Take a head; its bytes are not kept."""
        return cls(head, manifest, sha256_of(write_intent_head(head, manifest)))

    def content(self) -> bytes:
        """Return its bytes, made again."""
        return write_intent_head(self.head, self.manifest)


@dataclass(slots=True)
class HeadWriter:
    """Writes the heads of drafts; hashes the one below them once only."""

    _kept: tuple[KeptFit, KeptHead] | None = field(default=None, repr=False)

    def write(
        self, intents: InstantIntents, manifest: HeadManifest
    ) -> tuple[Mapping[str, bytes], KeptHead | None]:
        """Turn a head into artifacts.

        Args:
            intents: As they were fitted.
            manifest: Of the head, as it is written whole.

        Returns:
            Artifacts by name, and the head that has to be stored besides, under ``INTENT_HEAD``; None where the artifacts
            hold all of it.
        """
        if intents.change.weights.count > _MOST:
            return {INTENT_HEAD: write_intent_head(intents.head, manifest)}, None
        kept = self._base(intents, manifest)
        changed = replace(manifest, kind=CHANGE_KIND)
        return {INTENT_CHANGE: write_head_change(intents.change, changed, base=kept.sha256)}, kept

    def _base(self, intents: InstantIntents, manifest: HeadManifest) -> KeptHead:
        if self._kept is None or self._kept[0] is not intents.kept:
            base = intents.base
            # The texts of a kept fit are not known any more, but its vectors are.
            data = hashlib.sha256(base.examples.tobytes()).hexdigest()
            own = replace(manifest, labels=base.names, data_fingerprint=data)
            self._kept = (intents.kept, KeptHead.of(base, own))
        return self._kept[1]
