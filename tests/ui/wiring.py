"""Kefu with real stores on SQLite, and an assistant and a release that follow a small script."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bot.assistant import Assistant
from bot.bootstrap import Kefu, SystemClock
from bot.crm.gateway import SqlCrm
from bot.dialogue.playbook import Playbook, Thresholds, Wording
from bot.domain.colleague import Role
from bot.domain.conversation import ConversationStatus
from bot.domain.decision import Why
from bot.domain.facts import ButtonsOffered, SlotFilled
from bot.domain.message import Caller, CustomerId, Message
from bot.domain.reply import (
    Button,
    Buttons,
    Card,
    HandoffRequest,
    Image,
    Reply,
    Source,
    Sources,
    Text,
)
from bot.domain.trace import Trace, TraceStep
from bot.domain.understanding import RankedIntent, Sentiment, SlotValue, Understanding
from bot.errors import CrmUnavailableError
from bot.identity.door import Door
from bot.identity.passwords import Argon2Passwords
from bot.identity.tokens import make_token
from bot.identity.vault import open_vault
from bot.nlu import Nlu
from bot.recovery import Recovery
from bot.releases import LiveShelf, Release
from bot.settings import Settings
from bot.sql import open_database
from bot.stores.audit import Audit
from bot.stores.colleagues import SqlColleagues
from bot.stores.conversations import SqlConversationStore
from bot.stores.handoffs import Handoffs
from bot.stores.manifest import Manifest
from bot.stores.releases import SqlReleases
from knowledge_base.passage import Match, Passage

COLLEAGUES = {"ada": ("Ada", Role.AGENT), "tia": ("Tia", Role.TRAINER)}
API_TOKEN = "open-sesame"  # noqa: S105 - of a server in a test
PASSWORD = "correct horse battery"  # noqa: S105 - of a colleague in a test
CALM = Sentiment(0.1, 0.8, 0.1)
ARTICLE = """---
title: What does delivery cost?
topic: delivery
questions:
  - how much is delivery
updated: 2026-10-05
---
Standard delivery costs £3.95 and is **free from £60**. See [returns](/help/return-policy).

## Abroad

| country | price |
| --- | --- |
| France | £12.95 |

<script>alert("never")</script> [evil](javascript:alert(1))
"""
OTHER = ARTICLE.replace("What does delivery cost?", "How long does delivery take?")
RETURNS = ARTICLE.replace("What does delivery cost?", "Can I return things?").replace(
    "topic: delivery", "topic: returns"
)
DOCUMENTS = {
    "articles/delivery/delivery-cost.md": ARTICLE,
    "articles/delivery/delivery-time.md": OTHER,
    "articles/returns/return-policy.md": RETURNS,
}


class ScriptedNlu(Nlu):
    """Understands a few words."""

    def __init__(self) -> None: ...

    def understand(self, text: str, *, chosen_intent: str | None = None) -> Understanding:
        is_known = "cancel" in text.lower()
        found = text.find("CP-104233")
        values = (
            (SlotValue("order_number", "CP-104233", found, found + 9, "pattern", role="old"),)
            if found >= 0
            else ()
        )
        return Understanding(
            utterance=text,
            intents=(
                RankedIntent("cancel_order", 0.9 if is_known else 0.3),
                RankedIntent("greet", 0.1),
            ),
            out_of_scope_probability=0.0 if is_known else 0.5,
            sentiment=CALM,
            slot_values=values,
            vector=np.zeros(3, dtype=np.float32),
            chosen_intent=chosen_intent,
        )


class WordSearch:
    """Finds the two delivery articles when delivery is asked for."""

    def search(
        self, question: str, vector: NDArray[np.float32], *, top_k: int, topic: str = ""
    ) -> tuple[Match, ...]:
        if "delivery" not in question.lower():
            return ()
        passages = (
            Passage("delivery-cost#0", "delivery-cost", "What does delivery cost?", "", "delivery", "Standard delivery costs **£3.95**."),
            Passage("delivery-cost#1", "delivery-cost", "What does delivery cost?", "Abroad", "delivery", "France: £12.95"),
            Passage("delivery-time#0", "delivery-time", "How long does delivery take?", "", "delivery", "word " * 200),
        )  # fmt: skip
        found = tuple(Match(p, 1.0 - n / 10, 0.9 - n / 10) for n, p in enumerate(passages))
        return found[:top_k]


class ScriptedAssistant(Assistant):
    """Answers by what the message holds, on real turns of the real store."""

    async def reply(self, message: Message) -> Reply:
        async with self.conversations.open_turn(message) as turn:
            if turn.is_repeated:
                return turn.stored_reply
            is_silent = turn.conversation.status is ConversationStatus.HANDED_OFF
            reply = Reply() if is_silent else _scripted(message)
            step = TraceStep(
                intents=(RankedIntent("greet", 0.8),),
                out_of_scope_probability=0.1,
                sentiment=CALM,
                slot_values=(),
                why=Why("scripted"),
                decision="StaySilent" if is_silent else "Say",
                outcome="Nothing",
            )
            return await turn.close(reply, Trace(1, (step,), {"understand": 1.5}))


def _scripted(message: Message) -> Reply:
    text, caller = message.text, message.caller
    lowered = text.lower()
    if "boom" in lowered:
        raise RuntimeError(f"broke on {text}")
    if "crm" in lowered:
        raise CrmUnavailableError("the records do not answer; try again in a minute")
    if "order" in lowered:
        return _order(caller)
    if "delivery" in lowered:
        sources = Sources((Source("What does delivery cost?", "/help/delivery-cost"),))
        return Reply((Text("Standard delivery costs £3.95."), sources))
    if "which" in lowered:
        buttons = (Button("Cancel an order", "/cancel_order"), Button("<b>Bold</b>", "/greet"))
        facts = (ButtonsOffered(("/cancel_order", "/greet")),)
        return Reply((Buttons("Which one do you mean?", buttons),), facts)
    if "picture" in lowered:
        return Reply((Image("/static/favicon.svg", "A tent"),))
    if "person" in lowered:
        handoff = HandoffRequest("asked", "The customer asked for a person.")
        return Reply((Text("I am passing you on to a colleague."),), handoff=handoff)
    return Reply((Text(f"You said: {text}"),))


def _order(caller: Caller) -> Reply:
    if caller.customer_id is None:
        return Reply((Text("Please sign in first."),))
    card = Card(
        "Order CP-104233",
        (("Status", "shipped"), ("For", caller.customer_id)),
        "https://parcels.example/1",
    )
    return Reply((Text("Here it is."), card), (SlotFilled("order_number", "CP-104233"),))


@asynccontextmanager
async def open_scripted(settings: Settings) -> AsyncIterator[Kefu]:
    """Open Kefu on ``settings.home``."""
    clock, vault = SystemClock(), open_vault(settings.home / "secrets.toml")
    database, records = open_database(settings.store_url), open_database(settings.records_url)
    conversations = SqlConversationStore(database, clock, lease_s=settings.lease_s)
    await conversations.set_up()
    colleagues = SqlColleagues(database, clock, Argon2Passwords())
    releases = SqlReleases(database, settings.home / "cache")
    release = await _release(releases)
    shelf = LiveShelf(releases, _no_other, release)
    no_actions = cast("Any", None)  # the script runs none
    assistant = ScriptedAssistant(conversations, shelf, no_actions, clock)
    api_token = settings.api_token.get_secret_value() if settings.api_token else ""
    try:
        yield Kefu(
            settings=settings,
            vault=vault,
            clock=clock,
            door=Door(
                customer_secret=vault.customer_secret,
                api_token=api_token,
                accepts_user_hash=settings.accept_user_hash,
                clock=clock,
            ),
            assistant=assistant,
            shelf=shelf,
            conversations=conversations,
            handoffs=Handoffs(database, conversations),
            colleagues=colleagues,
            audit=Audit(database, clock),
            crm=SqlCrm(records),
            releases=releases,
            recovery=Recovery(conversations, assistant, every_s=settings.lease_s / 3),
        )
    finally:
        await database.close()
        await records.close()


async def _release(releases: SqlReleases) -> Release:
    if await releases.live_number() is None:
        manifest = Manifest(number=0, created_at=datetime.now(UTC), documents={})
        await releases.switch((await releases.freeze(manifest, DOCUMENTS, {})).number)
    number = await releases.live_number()
    assert number is not None
    manifest = await releases.manifest(number)
    thresholds = Thresholds(0.6, 0.3, 0.7, 0.6, 0.5, 0.3, 0.7, 0.9, 0.02)
    playbook = Playbook(number, {}, {}, {}, Wording({}), thresholds)
    threads = ThreadPoolExecutor(1)
    return Release(number, playbook, WordSearch(), ScriptedNlu(), manifest, threads)


async def _no_other(manifest: Manifest) -> Release:
    raise AssertionError(f"release {manifest.number} is not in the script")


def settings_in(home: Path, **given: object) -> Settings:
    """Return settings for a test's own folder."""
    return Settings.model_validate({"home": home, "lease_s": 5.0, **given})


def token_for(
    kefu: Kefu, customer: str = "C-1001", valid_for: timedelta = timedelta(hours=1)
) -> str:
    """Sign a token as the shop's server does."""
    return make_token(CustomerId(customer), kefu.vault.customer_secret, kefu.clock.now(), valid_for)
