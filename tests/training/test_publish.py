"""Publishing end to end, on a tiny release: what goes live, what does not, and what is left behind."""

import asyncio
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.dialogue.playbook import Thresholds
from bot.domain.conversation import RunningFlow
from bot.domain.understanding import Understanding
from bot.errors import ReleaseError, ReleaseInvalidError
from bot.intent_heads import INTENT_HEAD
from bot.releases import LiveShelf
from bot.sql import Database
from bot.sql_work import SqlConnection
from bot.stores import tables
from bot.stores.manifest import DRAFT, Manifest
from tests.training.tiny_release import (
    EXAMPLES,
    IDLE,
    NLU,
    House,
    TinyPlan,
    nlu_document,
    tiny_documents,
)
from training.errors import AlreadyRunningError, RegressionError, TrainingError
from training.exports import ExportSource
from training.lock import only_one
from training.publish import as_json
from training.regression import rehearsal_loader


def best(understanding: Understanding) -> str:
    return understanding.intents[0].name


async def test_the_draft_goes_live_trained_measured_and_whole(house: House) -> None:
    report = await house.publish(message="first words")

    manifest = await house.releases.manifest(1)
    assert await house.releases.live_number() == 1
    assert report.manifest == manifest
    assert manifest.message == "first words"
    assert manifest.is_trained
    assert await house.releases.documents(1) == tiny_documents()
    assert manifest.encoder is not None
    assert (manifest.encoder.name, manifest.encoder.dim) == ("tiny base", 32)
    assert manifest.metrics["intent_examples"] == 24
    assert set(manifest.thresholds) == set(Thresholds.__slots__)
    assert report.scripts == 1
    assert as_json(report)["release"] == 1
    shelf = await LiveShelf.open(house.releases, house.loader.load)
    understood = await shelf.live().understand("where is my parcel")
    assert best(understood) == "order_status"
    found = shelf.live().retriever.search("years of warranty", understood.vector, top_k=3)
    assert found


async def test_a_second_publish_exports_nothing_and_shares_the_encoders(house: House) -> None:
    await house.publish()
    broken = TinyPlan("", Path(), ready=Path("/nowhere"))
    await house.change(NLU, nlu_document({**EXAMPLES, "greet": [*EXAMPLES["greet"], "salut"]}))

    await replace(house, plan=broken).publish()

    first, second = await house.releases.manifest(1), await house.releases.manifest(2)
    assert second.artifacts["base/model.onnx"] == first.artifacts["base/model.onnx"]
    assert second.artifacts[INTENT_HEAD] != first.artifacts[INTENT_HEAD]
    assert second.based_on == 1
    one, two = await house.loader.load(first), await house.loader.load(second)
    assert one.nlu._models.encoder is two.nlu._models.encoder  # noqa: SLF001 - memory is what is at stake


async def test_a_running_shelf_follows_and_a_running_flow_stays(house: House) -> None:
    await house.publish()
    shelf = await LiveShelf.open(house.releases, house.loader.load)
    await house.change(NLU, nlu_document({**EXAMPLES, "greet": [*EXAMPLES["greet"], "salut"]}))

    await house.publish()
    await shelf.refresh()

    assert shelf.live().number == 2
    in_flow = replace(IDLE, flow=RunningFlow("order_status", 1))
    assert (await shelf.for_turn(in_flow)).playbook.release == 1
    assert (await shelf.for_turn(IDLE)).playbook.release == 2
    await house.releases.switch(await house.releases.rollback_target())
    await shelf.refresh()
    assert (await shelf.for_turn(IDLE)).playbook.release == 1


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        (NLU, "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n   - a\n  - b: [\n", NLU),
        (NLU, nlu_document({**EXAMPLES, "greet": ["where is my parcel"]}), f"{NLU}:8"),
        ("articles/returns/return-policy.md", "---\ntopic: returns\n---\n\nText.\n", ".md:1"),
        ("catalogue/routes.yml", "routes:\n  greet: {say: nothing_like_it, title: x}\n", ".yml:2"),
        ("conversations/all.yml", "- name: x\n  turns:\n    - sais: hi\n", "all.yml:3"),
        ("catalog/nlu.yml", "nlu: []\n", "catalog/nlu.yml:1"),
    ],
)
async def test_a_draft_that_does_not_hold_is_refused_with_file_and_line(
    house: House, path: str, text: str, place: str
) -> None:
    await house.change(path, text)

    with pytest.raises(ReleaseInvalidError, match="cannot be published") as told:
        await house.publish()

    assert place in str(told.value)
    assert await house.releases.live_number() is None
    assert await house.releases.releases() == ()


async def test_a_stray_conversation_stops_publishing_unless_forced(house: House) -> None:
    wanted = "- name: sings\n  turns:\n    - says: hello\n      replies: [{contains: la la la}]\n"
    await house.change("conversations/all.yml", wanted)

    with pytest.raises(RegressionError, match=r"all\.yml:3: sings: the reply lacks 'la la la'"):
        await house.publish()
    assert await house.releases.live_number() is None
    assert await house.releases.releases() == ()

    report = await house.publish(forces=True)
    assert await house.releases.live_number() == 1
    assert [stray.script for stray in report.strays] == ["sings"]


async def test_two_publishes_do_not_run_at_once(house: House) -> None:
    with (
        only_one(house.releases.cache / "publish.lock", "publishing"),
        pytest.raises(AlreadyRunningError, match="publishing is already running"),
    ):
        await house.publish()


async def test_a_publish_that_is_stopped_leaves_everything_as_it_was(house: House) -> None:
    await house.publish()
    slow = ExportSource(("base",), "slow", (sys.executable, "-c", "import time; time.sleep(60)"))

    @dataclass(frozen=True, slots=True)
    class SlowPlan(TinyPlan):
        def sources(self) -> tuple[ExportSource, ...]:
            return (slow,)

    publishing = asyncio.create_task(replace(house, plan=SlowPlan("", Path())).publish())
    await asyncio.sleep(0.5)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing

    assert await house.releases.live_number() == 1
    assert (await house.publish()).manifest.number == 2


async def test_an_export_that_fails_leaves_the_live_release(house: House) -> None:
    await house.publish()

    broken = TinyPlan("", Path(), ready=Path("/nowhere"), mark="2")
    with pytest.raises(TrainingError, match="exporting the"):
        await replace(house, plan=broken).publish()

    assert await house.releases.live_number() == 1


async def spoil(database: Database, sha256: str) -> None:
    async def work(connection: SqlConnection) -> None:
        await connection.execute(
            update(tables.blob).where(tables.blob.c.sha256 == sha256).values(bytes=b"spoilt")
        )

    await database.write(work)


@pytest.mark.parametrize("artifact", [INTENT_HEAD, "base/encoder.json", "search/weights"])
async def test_a_corrupt_artifact_is_named_and_the_running_release_stays(
    house: House, artifact: str
) -> None:
    await house.publish()
    serving = rehearsal_loader(house.releases)  # another process than the one that publishes
    shelf = await LiveShelf.open(house.releases, serving.load)
    await house.change(NLU, nlu_document({**EXAMPLES, "greet": [*EXAMPLES["greet"], "salut"]}))
    await house.change("articles/returns/return-policy.md", _other_article())
    manifest = (await house.publish()).manifest
    await spoil(house.database, manifest.artifacts[artifact])

    with pytest.raises(ReleaseError, match=rf"{artifact}.*kefu publish"):
        await shelf.refresh()

    assert shelf.live().number == 1


def _other_article() -> str:
    text = tiny_documents()["articles/returns/return-policy.md"]
    return text.replace("60 days", "sixty days")


async def test_a_model_that_is_corrupt_in_the_cache_is_fetched_again(house: House) -> None:
    manifest = (await house.publish()).manifest
    file = house.releases.cache / manifest.artifacts["base/model.onnx"]
    file.unlink()
    file.write_bytes(b"spoilt")

    release = await rehearsal_loader(house.releases).load(manifest)

    assert best(await release.understand("hello")) == "greet"
    assert file.read_bytes() != b"spoilt"


async def test_a_manifest_that_lacks_a_part_is_refused(house: House) -> None:
    manifest = await house.releases.manifest(DRAFT)

    with pytest.raises(ReleaseError, match=r"lacks base/model\.onnx"):
        await house.loader.load(manifest)


async def test_thresholds_of_another_kefu_are_refused(house: House) -> None:
    manifest: Manifest = (await house.publish()).manifest
    strange = replace(manifest, thresholds={**manifest.thresholds, "courage": 0.3})

    with pytest.raises(ReleaseError, match=r"courage.*; build it again with 'kefu publish'"):
        await house.loader.load(strange)
