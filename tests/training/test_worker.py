"""The draft learns what was saved a moment ago."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import numpy as np
import pytest

from bot.intent_heads import INTENT_CHANGE, INTENT_HEAD
from bot.loading import SEARCH_PARTS
from bot.releases import DraftShelf
from bot.stores.blobs import drop_unused
from bot.stores.manifest import DRAFT
from tests.training.tiny_release import (
    EXAMPLES,
    IDLE,
    NLU,
    House,
    nlu_document,
    tiny_documents,
)
from training import head_artifacts, worker
from training.draft import DraftTrainer
from training.lock import only_one
from training.regression import rehearsal_loader

NEW = "did the joke of a flight match rain"  # words that stand under out_of_scope so far
TAUGHT = nlu_document({**EXAMPLES, "order_status": [*EXAMPLES["order_status"], NEW]})
ARTICLE = "articles/returns/return-policy.md"


async def trainer_for(house: House) -> DraftTrainer:
    return await DraftTrainer.open(house.releases, house.plan, seed=7)


@contextmanager
def reads_of(house: House) -> Iterator[set[str]]:
    """Note the names of all blobs that are read."""
    names, read = set[str](), house.releases.blobs.read

    async def noted(wanted: Mapping[str, str]) -> Mapping[str, bytes]:
        names.update(wanted)
        return await read(wanted)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(house.releases.blobs, "read", noted)
        yield names


async def test_a_new_example_is_answered_from_the_draft_and_not_from_the_live_release(
    house: House,
) -> None:
    live = await house.loader.load((await house.publish()).manifest)
    trainer = await trainer_for(house)
    await trainer.train()
    shelf = await DraftShelf.open(house.releases, house.loader.load)
    before = await (await shelf.for_turn(IDLE)).understand(NEW)

    await house.change(NLU, TAUGHT)
    assert await trainer.train() is not None
    after = await (await shelf.for_turn(IDLE)).understand(NEW)

    assert after.intent == "order_status"
    assert after.confidence > before.confidence + 0.2
    assert (await live.understand(NEW)).confidence == pytest.approx(before.confidence, abs=0.01)


async def test_a_draft_is_fitted_like_the_live_release(house: House) -> None:
    live = (await house.publish()).manifest
    trainer = await trainer_for(house)

    await house.change(NLU, TAUGHT)
    await trainer.train()

    draft = await house.releases.manifest(DRAFT)
    assert draft.is_trained
    assert draft.thresholds == live.thresholds
    assert draft.artifacts[INTENT_HEAD] != live.artifacts[INTENT_HEAD]
    for name in SEARCH_PARTS.values():
        assert draft.artifacts[name] == live.artifacts[name]


async def test_drafts_that_differ_a_little_share_the_head_below_them(house: House) -> None:
    await house.publish()
    trainer = await trainer_for(house)
    await trainer.train()
    first = await house.releases.manifest(DRAFT)
    shelf = await DraftShelf.open(house.releases, house.loader.load)

    await house.change(NLU, TAUGHT)
    await trainer.train()
    second = await house.releases.manifest(DRAFT)
    with reads_of(house) as read:
        served = await (await shelf.for_turn(IDLE)).understand(NEW)

    assert first.artifacts[INTENT_HEAD] == second.artifacts[INTENT_HEAD]
    assert first.artifacts[INTENT_CHANGE] != second.artifacts[INTENT_CHANGE]
    assert INTENT_CHANGE in read
    assert INTENT_HEAD not in read
    afresh = await rehearsal_loader(house.releases).load(second)
    alike = await afresh.understand(NEW)
    assert (served.intent, served.confidence) == (alike.intent, alike.confidence)


async def test_a_draft_that_differs_much_has_a_head_of_its_own(house: House) -> None:
    await house.publish()
    trainer = await trainer_for(house)
    await trainer.train()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(head_artifacts, "_MOST", 0)
        await house.change(NLU, TAUGHT)
        await trainer.train()
        draft = await house.releases.manifest(DRAFT)

    assert INTENT_CHANGE not in draft.artifacts
    release = await house.loader.load(draft)
    assert (await release.understand(NEW)).intent == "order_status"


async def test_a_head_that_was_cleared_away_is_stored_again(house: House) -> None:
    await house.publish()
    trainer = await trainer_for(house)
    await trainer.train()
    await house.change(NLU, TAUGHT)
    await trainer.train()
    stored = (await house.releases.manifest(DRAFT)).artifacts[INTENT_HEAD]
    await house.database.write(lambda connection: drop_unused(connection, [stored]))

    await house.change(NLU, TAUGHT.replace(NEW, "how is my parcel getting on"))
    await trainer.train()

    release = await rehearsal_loader(house.releases).load(await house.releases.manifest(DRAFT))
    assert (await release.understand("how is my parcel getting on")).intent == "order_status"


async def test_a_changed_article_is_searched(house: House) -> None:
    await house.publish()
    trainer = await trainer_for(house)
    text = tiny_documents()[ARTICLE].replace("60 days", "61 days")

    await house.change(ARTICLE, text)
    manifest = await trainer.train()

    assert manifest is not None
    release = await house.loader.load(manifest)
    vector = np.ones(32, dtype=np.float32) / np.sqrt(np.float32(32))
    found = release.retriever.search("how long may I return", vector, top_k=10)
    assert any("61 days" in match.passage.text for match in found)


async def test_a_draft_is_trained_without_any_release(house: House) -> None:
    trainer = await trainer_for(house)

    manifest = await trainer.train()

    assert manifest is not None
    release = await house.loader.load(manifest)
    assert (await release.understand("where is my parcel")).intent == "order_status"


async def test_nothing_is_done_twice(house: House) -> None:
    trainer = await trainer_for(house)
    assert await trainer.train() is not None

    assert await trainer.train() is None
    assert await (await trainer_for(house)).train() is None


async def test_a_worker_that_starts_again_follows_what_was_fitted_before(house: House) -> None:
    await house.publish()
    first = await trainer_for(house)
    await first.train()
    file = house.releases.cache / "draft" / "fit.bin"
    fitted = file.stat().st_ino

    again = await trainer_for(house)
    await again.prepare()
    await house.change(NLU, TAUGHT)
    assert await again.train() is not None

    assert file.stat().st_ino == fitted
    assert not again.builder.fitter.is_far


async def test_a_broken_draft_is_refused_and_answers_as_before(house: House) -> None:
    trainer = await trainer_for(house)
    await trainer.train()
    shelf = await DraftShelf.open(house.releases, house.loader.load)

    await house.change(NLU, "version: '3.1'\nnlu:\n- intent: greet\n  examples: 7\n")
    assert await trainer.train() is None

    draft = await house.releases.manifest(DRAFT)
    assert draft.refused == draft.fingerprint
    assert draft.message.startswith("catalogue/nlu.yml:")
    release = await shelf.for_turn(IDLE)
    assert (await release.understand("hello")).intent == "greet"
    await house.change(NLU, TAUGHT)
    assert await trainer.train() is not None


async def test_the_worker_follows_saves_until_it_is_ended(house: House) -> None:
    working = asyncio.create_task(worker.work(house.releases, house.plan, seed=7))
    shelf = await DraftShelf.open(house.releases, house.loader.load)

    await house.change(NLU, TAUGHT)
    for _ in range(600):
        if (await house.releases.manifest(DRAFT)).is_trained:
            break
        await asyncio.sleep(0.05)

    assert (await (await shelf.for_turn(IDLE)).understand(NEW)).intent == "order_status"
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def test_a_second_worker_leaves_at_once(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    with only_one(house.releases.cache / "worker.lock", "a worker"):
        async with asyncio.timeout(5):
            await worker.work(house.releases, house.plan, seed=7)

    assert "a worker is already running" in capsys.readouterr().err
    assert not (await house.releases.manifest(DRAFT)).is_trained


async def test_a_training_that_fails_is_not_tried_again_until_the_draft_changes(
    house: House,
) -> None:
    trainer = await trainer_for(house)

    await trainer.give_up()

    assert await trainer.train() is None
    draft = await house.releases.manifest(DRAFT)
    assert "worker --once" in draft.message
