"""A shop that takes another encoder: set, published, answered with, started again, looked over; and back."""

import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.bootstrap import Kefu, open_kefu
from bot.domain.message import GUEST, ConversationId, Message, MessageId
from bot.domain.reply import Reply
from bot.settings import read_settings
from bot.stores.manifest import EncoderInfo, Manifest
from tests.e2e.serving import copy_home, free_port, run_kefu
from tests.training.tiny_bert import write_sentence_encoder, write_tiny_bert
from tests.training.tiny_release import tiny_documents

WORDS = sorted(
    {word for text in tiny_documents().values() for word in re.findall("[a-z]+", text.lower())}
)
ANGRY = "this is awful, I am so disappointed and angry"


@pytest.fixture(scope="module")
def home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that was answering with the packaged encoder, and has a small draft now."""
    folder = tmp_path_factory.mktemp("other")
    for path, text in tiny_documents().items():
        (folder / "draft" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "draft" / path).write_text(text, encoding="utf-8")
    home = copy_home(built_home, folder / "home")
    run_kefu(home, "catalogue", "import", str(folder / "draft"))
    return home


@asynccontextmanager
async def serving(home: Path, encoder: str) -> AsyncIterator[Kefu]:
    async with open_kefu(read_settings({}, home=home, encoder=encoder)) as kefu:
        yield kefu


async def say(kefu: Kefu, text: str, message_id: str) -> Reply:
    conversation = ConversationId("chat")
    message = Message(conversation, MessageId(message_id), text, "test", kefu.clock.now(), GUEST)
    return await kefu.assistant.reply(message)


async def published_with(home: Path, encoder: str) -> tuple[Manifest, Manifest]:
    """Publish and return the first release's manifest and the new one's."""
    run_kefu(home, "publish", "--force", KEFU_ENCODER=encoder)
    async with serving(home, encoder) as kefu:
        return await kefu.releases.manifest(1), kefu.shelf.live().manifest


def doctored(home: Path, encoder: str) -> str:
    return run_kefu(home, "doctor", KEFU_PORT=str(free_port()), KEFU_ENCODER=encoder, COLUMNS="200")


async def test_an_encoder_with_its_own_pooling_and_prompt_answers_after_a_restart_too(
    home: Path, tmp_path: Path
) -> None:
    folder = write_sentence_encoder(
        tmp_path / "cls-encoder", pooling="cls", prompt="where is ", words=WORDS
    )
    encoder = str(folder)

    first, live = await published_with(home, encoder)

    assert live.encoder == EncoderInfo("cls-encoder", 16, "cls", True, "where is ", 24)  # noqa: FBT003 - normalise
    for name, sha256 in first.artifacts.items():
        if name.startswith("sentiment/"):  # the adapter fits the packaged encoder, and stays on it
            assert live.artifacts[name] == sha256
    for _start in range(2):
        async with serving(home, encoder) as kefu:
            understood = await kefu.shelf.live().understand(ANGRY)
            replies = [
                await say(kefu, "hello", "m1"),
                await say(kefu, "how long may I return a tent", "m2"),
            ]
        assert understood.vector.shape == (16,)
        assert understood.sentiment.negative > 0.5
        assert all(reply.parts for reply in replies)
    assert "All is well." in doctored(home, encoder)
    with pytest.raises(subprocess.CalledProcessError) as told:
        doctored(home, "")
    assert "cls-encoder, but KEFU_ENCODER asks for" in told.value.output


async def test_a_plain_folder_is_taken_and_left_again(home: Path, tmp_path: Path) -> None:
    encoder = str(write_tiny_bert(tmp_path / "plain-bert", words=WORDS))

    _, live = await published_with(home, encoder)
    first, back = await published_with(home, "")

    assert live.encoder == EncoderInfo("plain-bert", 16, "mean", True, "", 32)  # noqa: FBT003 - normalise
    assert back.encoder == first.encoder
    assert back.artifacts["base/model.onnx"] == first.artifacts["base/model.onnx"]
    assert "All is well." in doctored(home, "")


async def test_an_encoder_that_cannot_be_used_leaves_the_live_release(
    home: Path, tmp_path: Path
) -> None:
    folder = write_sentence_encoder(tmp_path / "max-encoder", pooling="max", words=WORDS)
    async with serving(home, "") as kefu:
        before = kefu.shelf.live().number

    with pytest.raises(subprocess.CalledProcessError) as told:
        run_kefu(home, "publish", KEFU_ENCODER=str(folder))

    assert "name an encoder that pools by mean or cls" in told.value.output
    async with serving(home, str(folder)) as kefu:
        assert kefu.shelf.live().number == before
