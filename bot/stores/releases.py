"""Draft and releases in the database: frozen manifests over content-addressed blobs, and which one is live."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import delete, insert, select

from bot.errors import DraftConflictError, ReleaseInvalidError, ReleaseNotFoundError
from bot.sql import Database
from bot.sql_work import SqlConnection
from bot.stores import release_rows, tables
from bot.stores.blobs import SqlBlobs, put_blobs, put_hashed
from bot.stores.manifest import (
    DRAFT,
    Manifest,
    fingerprint_of,
    manifest_from_json,
    manifest_to_json,
    sha256_of,
)

Documents = Mapping[str, str]
"""Path to text: ``catalogue/*.yml``, ``articles/<topic>/<slug>.md``, ``conversations/*.yml``."""

NO_DRAFT: Final = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The documents being edited, and the fingerprint to give back when saving."""

    documents: Documents
    fingerprint: str


class SqlReleases:
    """Draft and releases in SQLite or PostgreSQL.

    Big blobs are cached as files in the folder ``cache``, named by their hash.
    """

    def __init__(self, database: Database, cache: Path) -> None:
        self._database = database
        self.cache = cache
        self.blobs = SqlBlobs(database, cache)

    async def set_up(self) -> None:
        """Make the tables that are not there yet."""
        await self._database.write(tables.create_tables)

    async def live_number(self) -> int | None:
        """Return the live release's number; None before the first one."""
        async with self._database.read() as connection:
            return await release_rows.live_number(connection)

    async def find_manifest(self, number: int) -> Manifest | None:
        """Read the manifest of a release or, under 0, of the draft; None when there is none."""
        async with self._database.read() as connection:
            return await release_rows.find_manifest(connection, number)

    async def manifest(self, number: int) -> Manifest:
        """Read the manifest of a release or, under 0, of the draft.

        Raises:
            ReleaseNotFoundError: There is none.
        """
        found = await self.find_manifest(number)
        if found is None:
            raise ReleaseNotFoundError(_not_there(number))
        return found

    async def releases(self) -> tuple[Manifest, ...]:
        """Read the manifests of all frozen releases, newest first."""
        table = tables.release
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(table.c.manifest)
                .where(table.c.number != DRAFT)
                .order_by(table.c.number.desc())
            )
            return tuple(manifest_from_json(row.manifest) for row in rows)

    async def rollback_target(self) -> int:
        """Return the newest release older than the live one.

        Raises:
            ReleaseNotFoundError: There is none.
        """
        live = await self.live_number()
        older = [m.number for m in await self.releases() if live is not None and m.number < live]
        if not older:
            raise ReleaseNotFoundError(
                "there is no release before the live one; publish one with 'kefu publish'"
            )
        return older[0]

    async def documents(self, number: int) -> Documents:
        """Read the documents of a release or, under 0, of the draft.

        Raises:
            ReleaseError: One is missing or corrupt.
            ReleaseNotFoundError: There is no such release.
        """
        return await self.documents_of(await self.manifest(number))

    async def documents_of(self, manifest: Manifest) -> Documents:
        """Read the documents of a manifest.

        Raises:
            ReleaseError: One is missing or corrupt.
        """
        contents = await self.blobs.read(manifest.documents)
        return {path: content.decode() for path, content in sorted(contents.items())}

    async def artifacts_of(self, manifest: Manifest, names: Iterable[str]) -> Mapping[str, bytes]:
        """Read small artifacts of a manifest.

        Raises:
            ReleaseError: One is missing or corrupt.
        """
        return await self.blobs.read({name: manifest.artifacts[name] for name in names})

    async def switch(self, number: int) -> None:
        """Make a release live; serving processes follow within a second or two.

        Raises:
            ReleaseNotFoundError: There is no such release.
        """

        async def work(connection: SqlConnection) -> None:
            if number == DRAFT or await release_rows.find_manifest(connection, number) is None:
                raise ReleaseNotFoundError(_not_there(number))
            await connection.execute(delete(tables.live))
            await connection.execute(
                insert(tables.live).values(id=release_rows.LIVE_ROW, number=number)
            )

        await self._database.write(work)

    async def freeze(
        self, manifest: Manifest, documents: Documents, artifacts: Mapping[str, bytes | Path]
    ) -> Manifest:
        """Keep a candidate under the next number; it is not live yet.

        Args:
            manifest: What was measured; number, documents and artifacts are filled in here.
            documents: All of them.
            artifacts: All of them, as bytes or as files.
        """
        stored = {name: await self._put(content) for name, content in artifacts.items()}
        texts = _encoded(documents)
        hashes = {path: sha256_of(text) for path, text in texts.items()}

        async def work(connection: SqlConnection) -> Manifest:
            await put_blobs(connection, texts.values())
            frozen = replace(
                manifest,
                number=await release_rows.next_number(connection),
                documents=hashes,
                artifacts=stored,
                trained_on=fingerprint_of(hashes),
                based_on=await release_rows.live_number(connection) or 0,
            )
            await connection.execute(
                insert(tables.release).values(
                    number=frozen.number, manifest=manifest_to_json(frozen)
                )
            )
            return frozen

        return await self._database.write(work)

    async def draft(self) -> Draft:
        """Read the draft.

        Raises:
            ReleaseNotFoundError: Nobody has put the seed there yet.
        """
        manifest = await self.manifest(DRAFT)
        return Draft(await self.documents_of(manifest), manifest.fingerprint)

    async def save_draft(self, documents: Documents, *, expected: str | None) -> str:
        """Replace the draft's documents, all at once; its artifacts stay until they are trained again.

        Args:
            documents: All of them.
            expected: Fingerprint of the draft that was edited; ``NO_DRAFT`` where there must be none yet; None
                replaces whatever is there.

        Returns:
            The new fingerprint.

        Raises:
            DraftConflictError: Somebody else changed the draft in the meantime; nothing is written.
        """
        texts = _encoded(documents)
        hashes = {path: sha256_of(text) for path, text in texts.items()}
        now = datetime.now(UTC)

        async def work(connection: SqlConnection) -> str:
            present = await release_rows.find_manifest(connection, DRAFT)
            found = NO_DRAFT if present is None else present.fingerprint
            if expected not in (None, found):
                raise DraftConflictError(
                    "somebody else has changed the draft in the meantime; read it again and repeat your change"
                )
            await put_blobs(connection, texts.values())
            before = present or Manifest(DRAFT, now, {})
            after = replace(before, created_at=now, documents=hashes)
            await release_rows.write_draft(connection, present, after)
            return after.fingerprint

        return await self._database.write(work)

    async def save_trained_draft(self, trained: Manifest, artifacts: Mapping[str, bytes]) -> bool:
        """Attach freshly trained artifacts to the draft.

        Args:
            trained: The draft's manifest with ``artifacts`` that are kept already (``artifacts`` given here are
                added), thresholds, encoder and metrics.
            artifacts: New ones.

        Returns:
            False when the documents have changed since; nothing is written then.

        Raises:
            ReleaseInvalidError: The manifest is not the draft's.
        """
        if trained.number != DRAFT:
            raise ReleaseInvalidError(
                f"release {trained.number} is frozen; only the draft can be changed"
            )
        new = {name: sha256_of(content) for name, content in artifacts.items()}
        after = replace(
            trained,
            artifacts={**trained.artifacts, **new},
            trained_on=trained.fingerprint,
            refused="",
            message="",
        )

        async def work(connection: SqlConnection) -> bool:
            present = await release_rows.find_manifest(connection, DRAFT)
            if present is None or present.fingerprint != after.fingerprint:
                return False
            await put_hashed(connection, {new[name]: one for name, one in artifacts.items()})
            await release_rows.write_draft(connection, present, after)
            return True

        return await self._database.write(work)

    async def refuse_draft(self, fingerprint: str, why: str) -> None:
        """Note that the draft's documents cannot be trained on, if they are still those of ``fingerprint``."""

        async def work(connection: SqlConnection) -> None:
            present = await release_rows.find_manifest(connection, DRAFT)
            if present is not None and present.fingerprint == fingerprint:
                refused = replace(present, refused=fingerprint, message=why)
                await release_rows.write_draft(connection, present, refused)

        await self._database.write(work)

    async def _put(self, content: bytes | Path) -> str:
        if isinstance(content, bytes):
            return await self.blobs.put(content)
        return await self.blobs.put(await asyncio.to_thread(content.read_bytes))


def _encoded(documents: Documents) -> Mapping[str, bytes]:
    return {path: text.encode() for path, text in documents.items()}


def _not_there(number: int) -> str:
    if number == DRAFT:
        return "there is no draft yet; 'kefu serve' or 'kefu publish' begins with the seed"
    return f"there is no release {number}; 'kefu rollback --list' shows those there are"
