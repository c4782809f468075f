"""``kefu serve --draft`` beside ``kefu serve``: one answers from what was just saved, the other from what is live."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import open_releases
from bot.dialogue.reading import ROUTES_FILE
from bot.settings import read_settings
from bot.stores.releases import Documents
from intents.catalogue import read_catalogue
from tests.e2e.client import Client
from tests.e2e.serving import Server, copy_home, request

ASKED = "is there anybody who can tune my piano"
ANSWER = "We do not tune pianos."
WORDING_FILE = "catalogue/wording.yml"
ROUTE = "  piano_tuning: {say: piano_tuning, title: have a piano tuned}\n"
PATIENCE_S = 30.0


@pytest.fixture
def home(built_home: Path, tmp_path: Path) -> Path:
    """A folder of its own, where somebody may teach."""
    return copy_home(built_home, tmp_path / "home")


@pytest.fixture
def live(home: Path) -> Iterator[Server]:
    """What customers talk to."""
    server = Server(home, {"KEFU_DEMO": "true"})
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def drafting(home: Path) -> Iterator[Server]:
    """What a trainer talks to."""
    server = Server(home, {"KEFU_DEMO": "true"}, options=("--draft",))
    try:
        yield server.start()
    finally:
        server.stop()


def test_a_running_server_of_the_draft_answers_by_what_was_saved(
    home: Path, live: Server, drafting: Server
) -> None:
    before = intent_of(drafting)
    asyncio.run(teach_pianos(home))

    until = time.monotonic() + PATIENCE_S
    while intent_of(drafting) != "piano_tuning" and time.monotonic() < until:
        time.sleep(0.1)
    answered = Client(drafting).say(ASKED)

    assert before != "piano_tuning"
    assert intent_of(drafting) == "piano_tuning"
    assert ANSWER in answered.words
    assert intent_of(live) == before
    assert ANSWER not in Client(live).say(ASKED).words


async def teach_pianos(home: Path) -> None:
    """Save the draft with something new in it."""
    async with open_releases(read_settings(home=home)) as releases:
        draft = await releases.draft()
        await releases.save_draft(with_pianos(draft.documents), expected=draft.fingerprint)


def intent_of(server: Server) -> str:
    """Return what a server takes the question for."""
    answer = request("POST", f"{server.url}/model/parse", json={"text": ASKED})
    return str(answer.json()["intent"]["name"])


def with_pianos(documents: Documents) -> Documents:
    """Return the documents with an intent, its route and its wording."""
    examples = (
        "do you tune pianos",
        "my piano is out of tune, can you help",
        "piano tuner needed",
        "i would like my old piano tuned please",
        "who could tune a piano for me?",
    )
    catalogue = read_catalogue(documents)
    taught = catalogue.with_intent("piano_tuning", examples, "catalogue/nlu_piano.yml").documents()
    return {
        **documents,
        **taught,
        ROUTES_FILE: documents[ROUTES_FILE].rstrip("\n") + f"\n{ROUTE}",
        WORDING_FILE: documents[WORDING_FILE].rstrip("\n") + f"\n  piano_tuning:\n    - {ANSWER}\n",
    }
