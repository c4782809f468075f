"""One file of numbers that is mapped instead of read: whole or not there, and proved so when it is opened."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

_LENGTH: Final = 8
_NUMBER: Final = 4
_UNFINISHED: Final = ".unfinished-"
_PROOF: Final = 32


class KeptFileError(TrainingError):
    """A file of kept numbers is not whole; it is made again."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What was read.

    Attributes:
        header: What was written beside the numbers, as JSON values.
        numbers: All numbers in a row, mapped, not to be changed.
    """

    header: Mapping[str, Any]  # JSON values are of many kinds
    numbers: Floats


def write_kept(
    file: Path,
    size: int,
    fill: Callable[[Floats], tuple[Sequence[Floats], Mapping[str, object]] | None],
) -> bool:
    """Write a file; one that is there already stays until the new one is whole and on disk.

    Args:
        file: Its folder is made where missing.
        size: How many numbers come first; they are written in place, without a copy in memory.
        fill: Is given room for these; returns further arrays to append, and the header; None gives up.

    Returns:
        Whether it was written.

    Raises:
        OSError: It cannot be written, such as on a full disk.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{_UNFINISHED}{uuid4().hex}")
    try:
        with unfinished.open("w+b") as written:
            # A mapped file that finds no room on disk would end the process; so room is taken first.
            os.posix_fallocate(written.fileno(), 0, size * _NUMBER)
            room = np.memmap(written, dtype=np.float32, mode="r+", shape=(size,))
            filled = fill(room)
            room.flush()
            if filled is None:
                return False
            arrays, header = filled
            written.seek(size * _NUMBER)
            for array in arrays:
                written.write(np.ascontiguousarray(array, dtype=np.float32).tobytes())
            text = json.dumps(header, ensure_ascii=False).encode()
            written.write(text + len(text).to_bytes(_LENGTH, "little"))
            written.seek(0)
            proof = hashlib.file_digest(written, "sha256").digest()
            written.write(proof)
            written.flush()
            os.fsync(written.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return True


def read_kept(file: Path) -> Kept:
    """Map a file.

    Raises:
        FileNotFoundError: There is none.
        KeptFileError: It is not what was written.
    """
    try:
        content: Bytes = np.memmap(file, dtype=np.uint8, mode="r")
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as problem:  # an empty file cannot be mapped
        raise KeptFileError(f"{file} cannot be read ({problem}); it is made again") from problem
    proven = content[:-_PROOF]
    if hashlib.sha256(proven.data).digest() != content[-_PROOF:].tobytes():
        raise KeptFileError(f"{file} is not what was written; it is made again")
    length = int.from_bytes(proven[-_LENGTH:].tobytes(), "little")
    end = len(proven) - _LENGTH - length
    return Kept(json.loads(proven[end:-_LENGTH].tobytes()), proven[:end].view(np.float32))


def sweep(folder: Path) -> None:
    """Delete what a killed process left unfinished; only for the one process that writes here."""
    for file in folder.glob(f"{_UNFINISHED}*"):
        file.unlink(missing_ok=True)
