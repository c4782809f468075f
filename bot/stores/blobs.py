"""Files by content hash: kept in the database, with a cache of files beside it."""

import asyncio
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import bindparam, delete, exists, insert, select, update

from bot.errors import ReleaseError
from bot.sql import Database
from bot.sql_work import SqlConnection
from bot.stores import tables
from bot.stores.manifest import DRAFT, sha256_of

_TOGETHER: Final = 500


class SqlBlobs:
    """Blobs in the database; a corrupt file of the cache is fetched again."""

    def __init__(self, database: Database, cache: Path) -> None:
        self._database = database
        self._cache = cache

    async def put(self, content: bytes) -> str:
        """Keep a blob, in a transaction of its own; returns its hash."""
        await self._database.write(lambda connection: put_blobs(connection, [content]))
        return sha256_of(content)

    async def has(self, sha256: str) -> bool:
        """Tell whether the database holds a blob."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(tables.blob.c.sha256).where(tables.blob.c.sha256 == sha256)
            )
            return found.first() is not None

    async def read(self, wanted: Mapping[str, str]) -> Mapping[str, bytes]:
        """Read blobs from the database.

        Args:
            wanted: Name, for messages, to hash.

        Raises:
            ReleaseError: One is missing or corrupt.
        """
        found: dict[str, bytes] = {}
        hashes = sorted(set(wanted.values()))
        async with self._database.read() as connection:
            for start in range(0, len(hashes), _TOGETHER):
                part = hashes[start : start + _TOGETHER]
                rows = await connection.execute(
                    select(tables.blob.c.sha256, tables.blob.c.bytes).where(
                        tables.blob.c.sha256.in_(part)
                    )
                )
                found.update({row.sha256: row.bytes for row in rows})
        return await asyncio.to_thread(_checked, wanted, found)

    async def path(self, name: str, sha256: str) -> Path:
        """Return a file of the cache with this blob's bytes; fetched where missing or corrupt.

        Raises:
            ReleaseError: The database's copy is missing or corrupt too.
        """
        file = self._cache / sha256
        if not await asyncio.to_thread(_is_whole, file, sha256):
            content = (await self.read({name: sha256}))[name]
            await asyncio.to_thread(write_whole, file, content)
        return file


def write_whole(file: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{uuid4().hex}")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, file)  # noqa: PTH105 - same as Path.replace, named for what it does
    finally:
        unfinished.unlink(missing_ok=True)


async def put_blobs(connection: SqlConnection, contents: Iterable[bytes]) -> None:
    """Keep the blobs that are not there yet, and mend those that were spoilt, in the caller's transaction."""
    await put_hashed(connection, {sha256_of(content): content for content in contents})


async def put_hashed(connection: SqlConnection, by_hash: Mapping[str, bytes]) -> None:
    """Do the same with blobs that were hashed before; hashing a large head takes a tenth of a second."""
    hashes = sorted(by_hash)
    for start in range(0, len(hashes), _TOGETHER):
        part = hashes[start : start + _TOGETHER]
        rows = await connection.execute(
            select(tables.blob.c.sha256).where(tables.blob.c.sha256.in_(part))
        )
        present = {row.sha256 for row in rows}
        new = [{"sha256": h, "bytes": by_hash[h]} for h in part if h not in present]
        if new:
            await connection.execute(insert(tables.blob), new)
        old = [{"this": h, "right": by_hash[h], "bytes": by_hash[h]} for h in part if h in present]
        if old:
            await connection.execute(_MEND, old)


async def drop_unused(connection: SqlConnection, hashes: Iterable[str]) -> None:
    """Delete blobs that no frozen release needs, in the caller's transaction."""
    table = tables.release
    for sha256 in sorted(hashes):
        is_needed = exists().where(table.c.number != DRAFT, table.c.manifest.contains(sha256))
        await connection.execute(
            delete(tables.blob).where(tables.blob.c.sha256 == sha256, ~is_needed)
        )


def _is_whole(file: Path, sha256: str) -> bool:
    try:
        return sha256_of(file.read_bytes()) == sha256
    except OSError:
        return False


def _checked(wanted: Mapping[str, str], found: Mapping[str, bytes]) -> Mapping[str, bytes]:
    for name, sha256 in wanted.items():
        if sha256 not in found:
            raise ReleaseError(f"{name} (blob {sha256}) is not in the database; {_REMEDY}")
        if sha256_of(found[sha256]) != sha256:
            raise ReleaseError(
                f"{name} (blob {sha256}) is corrupt in the database: its bytes have another hash; {_REMEDY}"
            )
    return {name: found[sha256] for name, sha256 in wanted.items()}


_MEND: Final = update(tables.blob).where(
    tables.blob.c.sha256 == bindparam("this"), tables.blob.c.bytes != bindparam("right")
)
_REMEDY: Final = (
    "restore the database from a backup, roll back with 'kefu rollback', "
    "or build the release again with 'kefu publish'"
)
