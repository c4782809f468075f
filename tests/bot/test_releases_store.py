"""What draft and releases in the database promise."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.errors import (
    DraftConflictError,
    ReleaseError,
    ReleaseInvalidError,
    ReleaseNotFoundError,
)
from bot.seed import ensure_seed, seed_documents
from bot.sql import Database, open_database
from bot.sql_work import SqlConnection
from bot.stores import tables
from bot.stores.manifest import (
    DRAFT,
    EncoderInfo,
    Manifest,
    manifest_from_json,
    manifest_to_json,
    sha256_of,
)
from bot.stores.releases import NO_DRAFT, SqlReleases

MANIFEST = Manifest(DRAFT, datetime(2026, 11, 2, 9, 30, tzinfo=UTC), {})
DOCUMENTS = {"catalogue/nlu.yml": "version: '3.1'\n", "articles/a/b.md": "# grüezi\n"}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def releases(database: Database, tmp_path: Path) -> SqlReleases:
    made = SqlReleases(database, tmp_path / "cache")
    await made.set_up()
    return made


async def count_blobs(database: Database) -> int:
    async with database.read() as connection:
        found = await connection.execute(select(func.count()).select_from(tables.blob))
        return int(found.scalar_one())


async def spoil(database: Database, sha256: str) -> None:
    async def work(connection: SqlConnection) -> None:
        await connection.execute(
            update(tables.blob).where(tables.blob.c.sha256 == sha256).values(bytes=b"spoilt")
        )

    await database.write(work)


def test_a_manifest_is_read_as_it_was_written() -> None:
    manifest = replace(
        MANIFEST,
        number=7,
        documents={"a": "1"},
        artifacts={"b": "2"},
        thresholds={"accept": 0.5},
        encoder=EncoderInfo("minilm", 384, "mean", True, "", 128),  # noqa: FBT003
        metrics={"intent_accuracy": 0.93},
        versions={"numpy": "2"},
        seed=3,
        based_on=6,
        message="first words",
    )

    assert manifest_from_json(manifest_to_json(manifest)) == manifest


@pytest.mark.parametrize("text", ["", "{}", '{"format": 1}', "[]", '{"format": 1, "number": 2}'])
def test_what_is_no_manifest_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(ReleaseError, match="kefu rollback"):
        manifest_from_json(text)


def test_a_manifest_of_a_newer_kefu_is_refused() -> None:
    text = manifest_to_json(MANIFEST).replace('"format": 1', '"format": 9')

    with pytest.raises(ReleaseError, match="newer Kefu"):
        manifest_from_json(text)


async def test_without_a_release_nothing_is_live(releases: SqlReleases) -> None:
    assert await releases.live_number() is None
    assert await releases.releases() == ()


async def test_frozen_releases_count_from_one_and_keep_what_they_were_given(
    releases: SqlReleases, tmp_path: Path
) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"big")

    first = await releases.freeze(MANIFEST, DOCUMENTS, {"base/model.onnx": model, "head": b"one"})
    second = await releases.freeze(MANIFEST, DOCUMENTS, {"base/model.onnx": model, "head": b"two"})

    assert (first.number, second.number) == (1, 2)
    assert await releases.documents(1) == DOCUMENTS
    assert await releases.artifacts_of(first, ["head"]) == {"head": b"one"}
    assert await releases.artifacts_of(second, ["head"]) == {"head": b"two"}
    assert first.artifacts["base/model.onnx"] == second.artifacts["base/model.onnx"]
    assert [manifest.number for manifest in await releases.releases()] == [2, 1]


async def test_a_release_is_live_only_once_it_is_switched_to(releases: SqlReleases) -> None:
    await releases.freeze(MANIFEST, DOCUMENTS, {})
    await releases.freeze(MANIFEST, DOCUMENTS, {})

    assert await releases.live_number() is None
    await releases.switch(2)
    assert await releases.live_number() == 2
    assert await releases.rollback_target() == 1
    await releases.switch(1)
    assert await releases.live_number() == 1


@pytest.mark.parametrize("number", [DRAFT, 5])
async def test_only_a_frozen_release_can_go_live(releases: SqlReleases, number: int) -> None:
    await releases.save_draft(DOCUMENTS, expected=None)

    with pytest.raises(ReleaseNotFoundError):
        await releases.switch(number)


async def test_without_an_older_release_there_is_nothing_to_roll_back_to(
    releases: SqlReleases,
) -> None:
    await releases.freeze(MANIFEST, DOCUMENTS, {})
    await releases.switch(1)

    with pytest.raises(ReleaseNotFoundError, match="kefu publish"):
        await releases.rollback_target()


async def test_a_release_knows_which_one_it_followed(releases: SqlReleases) -> None:
    await releases.freeze(MANIFEST, DOCUMENTS, {})
    await releases.switch(1)

    assert (await releases.freeze(MANIFEST, DOCUMENTS, {})).based_on == 1


async def test_two_editors_do_not_overwrite_each_other(releases: SqlReleases) -> None:
    seen = await releases.save_draft(DOCUMENTS, expected=None)
    theirs = {**DOCUMENTS, "catalogue/nlu.yml": "theirs"}
    after_theirs = await releases.save_draft(theirs, expected=seen)

    with pytest.raises(DraftConflictError, match="read it again"):
        await releases.save_draft({**DOCUMENTS, "catalogue/nlu.yml": "ours"}, expected=seen)

    draft = await releases.draft()
    assert draft.documents == theirs
    assert draft.fingerprint == after_theirs


async def test_files_that_are_imported_replace_the_draft_whatever_it_was(
    releases: SqlReleases,
) -> None:
    await releases.save_draft(DOCUMENTS, expected=NO_DRAFT)

    await releases.save_draft({"a": "imported"}, expected=None)

    assert (await releases.draft()).documents == {"a": "imported"}


async def test_the_draft_is_trained_only_for_the_documents_it_holds(releases: SqlReleases) -> None:
    await releases.save_draft(DOCUMENTS, expected=None)
    before = await releases.manifest(DRAFT)

    assert await releases.save_trained_draft(before, {"head": b"weights"})

    trained = await releases.manifest(DRAFT)
    assert trained.is_trained
    assert await releases.artifacts_of(trained, ["head"]) == {"head": b"weights"}
    await releases.save_draft({"catalogue/nlu.yml": "new"}, expected=trained.fingerprint)
    assert not (await releases.manifest(DRAFT)).is_trained
    assert not await releases.save_trained_draft(before, {"head": b"late"})


async def test_a_frozen_release_cannot_be_trained_again(releases: SqlReleases) -> None:
    frozen = await releases.freeze(MANIFEST, DOCUMENTS, {})

    with pytest.raises(ReleaseInvalidError, match="frozen"):
        await releases.save_trained_draft(frozen, {"head": b"other"})


async def test_a_draft_that_cannot_be_trained_says_why_until_it_is_changed(
    releases: SqlReleases,
) -> None:
    fingerprint = await releases.save_draft(DOCUMENTS, expected=None)

    await releases.refuse_draft(fingerprint, "catalogue/nlu.yml:3: no examples")

    refused = await releases.manifest(DRAFT)
    assert refused.refused == refused.fingerprint
    assert "nlu.yml:3" in refused.message
    await releases.save_draft({}, expected=fingerprint)
    changed = await releases.manifest(DRAFT)
    assert changed.refused != changed.fingerprint


async def test_what_only_an_older_draft_needed_is_dropped(
    releases: SqlReleases, database: Database
) -> None:
    await releases.freeze(MANIFEST, {"a": "shared"}, {})
    fingerprint = await releases.save_draft({"a": "shared", "b": "mine"}, expected=None)
    for text in ("one", "two", "three"):
        fingerprint = await releases.save_draft({"b": text}, expected=fingerprint)

    assert await count_blobs(database) == 2
    assert await releases.documents(1) == {"a": "shared"}


async def test_a_corrupt_file_in_the_cache_is_fetched_again(releases: SqlReleases) -> None:
    sha256 = await releases.blobs.put(b"model")
    file = await releases.blobs.path("base/model.onnx", sha256)
    file.write_bytes(b"broken")

    again = await releases.blobs.path("base/model.onnx", sha256)

    assert again == file
    assert file.read_bytes() == b"model"


async def test_a_blob_that_is_corrupt_in_the_database_is_named_with_a_remedy(
    releases: SqlReleases, database: Database
) -> None:
    sha256 = await releases.blobs.put(b"model")
    await spoil(database, sha256)

    with pytest.raises(ReleaseError, match=rf"base/model\.onnx.*{sha256}.*kefu publish"):
        await releases.blobs.path("base/model.onnx", sha256)


async def test_a_blob_that_is_corrupt_in_the_database_is_mended_when_it_is_made_again(
    releases: SqlReleases, database: Database
) -> None:
    sha256 = await releases.blobs.put(b"model")
    await spoil(database, sha256)

    await releases.blobs.put(b"model")

    assert await releases.blobs.read({"base/model.onnx": sha256}) == {"base/model.onnx": b"model"}


async def test_a_good_cache_does_not_ask_the_database(
    releases: SqlReleases, database: Database
) -> None:
    sha256 = await releases.blobs.put(b"model")
    await releases.blobs.path("base/model.onnx", sha256)
    await spoil(database, sha256)

    assert (await releases.blobs.path("base/model.onnx", sha256)).read_bytes() == b"model"


async def test_a_blob_that_is_not_there_is_named(releases: SqlReleases) -> None:
    with pytest.raises(ReleaseError, match=r"intent/head \(blob .* is not in the database"):
        await releases.blobs.read({"intent/head": sha256_of(b"never kept")})


async def test_the_seed_goes_into_the_draft_once(releases: SqlReleases) -> None:
    assert await ensure_seed(releases)
    draft = await releases.draft()
    assert draft.documents == seed_documents()
    await releases.save_draft({"catalogue/nlu.yml": "mine"}, expected=draft.fingerprint)

    assert not await ensure_seed(releases)
    assert await releases.documents(DRAFT) == {"catalogue/nlu.yml": "mine"}


def test_the_seed_holds_catalogue_articles_and_conversations() -> None:
    paths = seed_documents()

    assert "catalogue/routes.yml" in paths
    assert "articles/orders/cancel-order.md" in paths
    assert any(path.startswith("conversations/") for path in paths)


def test_a_hash_is_the_sha256_of_the_bytes() -> None:
    assert sha256_of(b"abc") == hashlib.sha256(b"abc").hexdigest()
