"""Lets only one process at a time do a thing; a killed process holds nothing."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from training.errors import AlreadyRunningError

_POLL_S: Final = 0.5


@contextmanager
def only_one(file: Path, what: str, *, waits: bool = False) -> Iterator[None]:
    """Hold a lock file.

    Args:
        file: Made where missing; empty, and left there.
        what: For the message, such as ``a publish``.
        waits: Wait until the other process is done, for as long as it takes.

    Raises:
        AlreadyRunningError: Another process holds it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waits:
                    raise AlreadyRunningError(
                        f"{what} is already running here ({file} is locked); wait for it to end"
                    ) from None
            time.sleep(_POLL_S)
        yield
