"""How Python's garbage collector is used in a process that serves."""

import gc
from typing import Final

# A turn makes some thousand short-lived objects, hardly any of them in a cycle; the defaults would look through
# everything several times a turn.
_THRESHOLDS: Final = (20_000, 20, 20)


def settle() -> None:
    """Take what is loaded by now out of the collector's rounds; call it once, when serving begins."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
