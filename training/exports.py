"""Exports encoders, each in a process of its own and all at once; what was exported before is not made again."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot.stores.blobs import write_whole
from bot.stores.manifest import sha256_of
from training.errors import TrainingError
from training.progress import Report

_TICK_S: Final = 0.5
_USUAL_S: Final = 40.0


@dataclass(frozen=True, slots=True)
class ExportSource:
    """Something to export.

    Attributes:
        groups: Its files become artifacts ``<group>/<file>`` of each group; the first names it.
        fingerprint: Of the weights and whatever else decides what comes out.
        command: Writes files into the folder that is added as its last argument.
    """

    groups: tuple[str, ...]
    fingerprint: str
    command: tuple[str, ...]


def export_command(*arguments: str) -> tuple[str, ...]:
    """Return the command line that exports an encoder in a process of its own."""
    return (sys.executable, "-m", "training.exporting", *arguments)


async def ensure_exports(
    cache: Path, sources: Sequence[ExportSource], report: Report
) -> Mapping[str, Path]:
    """Return the exported files of all sources, by artifact name.

    Args:
        cache: Files lie here under their SHA-256; an index per fingerprint says which belong together.
        sources: What is wanted.
        report: Told how far it is.

    Raises:
        TrainingError: An export failed.
    """
    missing = [source for source in sources if not _find(cache, source)]
    ticking = asyncio.create_task(_tick(report, ", ".join(source.groups[0] for source in missing)))
    try:
        # gather would leave the others running when one fails
        async with asyncio.TaskGroup() as group:
            for source in missing:
                group.create_task(_export(cache, source))
    except* TrainingError as problems:
        raise problems.exceptions[0] from None
    finally:
        ticking.cancel()
    return {name: file for source in sources for name, file in _find(cache, source).items()}


def _find(cache: Path, source: ExportSource) -> Mapping[str, Path]:
    """Return a source's files; empty when it was not exported yet, or a file is not what it was."""
    try:
        index: dict[str, str] = json.loads(_index(cache, source).read_text("utf-8"))
        files = {name: cache / sha256 for name, sha256 in index.items()}
        if all(sha256_of(file.read_bytes()) == file.name for file in files.values()):
            return {
                f"{group}/{name}": file for group in source.groups for name, file in files.items()
            }
    except (OSError, ValueError, AttributeError):
        pass
    return {}


async def _export(cache: Path, source: ExportSource) -> None:
    await asyncio.to_thread(cache.mkdir, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="export-", dir=cache) as folder:
        process = await asyncio.create_subprocess_exec(
            *source.command,
            folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await process.communicate()
        finally:
            if process.returncode is None:  # cancelled, since publishing or the other export ended
                process.kill()
                await process.communicate()
        if process.returncode != 0:
            tail = said.decode(errors="replace").strip()[-2000:]
            raise TrainingError(
                f"exporting the {source.groups[0]} encoder failed; to see it alone, run "
                f"'{' '.join(source.command)} <folder>':\n{tail}"
            )
        await asyncio.to_thread(_keep, cache, source, Path(folder))


def _keep(cache: Path, source: ExportSource, folder: Path) -> None:
    index = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        sha256 = sha256_of(file.read_bytes())
        file.replace(cache / sha256)
        index[file.relative_to(folder).as_posix()] = sha256
    if not index:
        raise TrainingError(f"exporting the {source.groups[0]} encoder wrote no file")
    write_whole(_index(cache, source), json.dumps(index, indent=2).encode())


def _index(cache: Path, source: ExportSource) -> Path:
    return cache / "exports" / f"{source.groups[0]}-{source.fingerprint}.json"


async def _tick(report: Report, what: str) -> None:
    """Nobody knows how far an export is: go by how long it usually takes."""
    waited = 0.0
    while what:
        report(min(waited / _USUAL_S, 0.99), f"{what} ({waited:.0f} s)")
        await asyncio.sleep(_TICK_S)
        waited += _TICK_S
