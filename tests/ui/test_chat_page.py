"""The Gradio page over HTTP, called as anybody may call it: what a component sends proves nothing."""

import asyncio
import gc
import json
import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from gradio.queueing import Queue

from bot.crm.demo.making import ensure_demo
from bot.domain.entries import FeedbackGiven, MessageReceived
from bot.domain.message import ConversationId
from bot.sql import open_database
from tests.ui.conftest import OpenSite, Site
from ui.api.app import build_chat
from ui.chat import page

BASE = "/chat/gradio_api/queue"
Update = dict[str, Any]


async def call(site: Site, handler: str, *data: object, event_data: object = None) -> list[Update]:
    """Call a handler of the page; return its updates, each by the component's id or type."""
    config = (await site.client.get("/chat/config")).json()
    known = {c["id"]: c["props"].get("elem_id") or c["type"] for c in config["components"]}
    event = next(d for d in config["dependencies"] if d["api_name"] == handler)
    session = uuid4().hex
    joined = await site.post(
        f"{BASE}/join",
        {"data": data, "fn_index": event["id"], "session_hash": session, "event_data": event_data},
    )
    assert joined.status_code == 200, joined.text
    updates: list[Update] = []
    url = f"{BASE}/data?session_hash={session}"
    async with site.client.stream("GET", url) as answer:
        async for line in answer.aiter_lines():
            message = json.loads(line.removeprefix("data: ")) if line else {}
            if message.get("msg") == "process_completed":
                assert message["success"], message
                output = message["output"].get("data", [])
                names = [known[component] for component in event["outputs"]]
                updates.append(dict(zip(names, output, strict=False)))
                return updates
    raise AssertionError("the call never ended")


def shown(update: Update) -> list[str]:
    """Return the words of the bubbles."""
    chat = update["kefu-chat"]
    value = chat.get("value", [])
    return [re.sub(r"<[^>]*>", "", m["content"][0]["text"]) for m in value]


async def stored_state(site: Site, text: str, customer_id: str = "") -> dict[str, str]:
    """Send a message; return what the browser would keep."""
    before = {"customer_id": customer_id}
    update = (await call(site, "sent", text, before))[-1]
    kept: dict[str, str] = update["browserstate"]
    return kept


@pytest.fixture
async def shop_site(serve_site: OpenSite) -> Site:
    """Serve the page as a demo with a small generated shop."""
    site = await serve_site(chat_by=build_chat, demo=True)
    records = open_database(site.kefu.settings.records_url)
    await ensure_demo(records, anchor=date(2026, 11, 22), customers=5, orders=5)
    await records.close()
    return site


async def test_a_guest_chats_and_the_conversation_is_read_again(chat_site: Site) -> None:
    kept = await stored_state(chat_site, "<b>hello</b>\n\n# there")

    opened = (await call(chat_site, "opened", kept))[-1]

    assert shown(opened) == [
        "&lt;b&gt;hello&lt;/b&gt;# there", "You said: &lt;b&gt;hello&lt;/b&gt;# there",
    ]  # fmt: skip
    conversation = await chat_site.kefu.conversations.get(ConversationId(kept["conversation_id"]))
    assert isinstance(conversation.entries[0], MessageReceived)
    assert conversation.entries[0].channel == "chat"


async def test_what_is_said_while_a_reply_is_drawn_part_by_part_stays(
    chat_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await stored_state(chat_site, "hello")
    is_between, may_go_on = asyncio.Event(), asyncio.Event()

    async def between_parts() -> None:
        is_between.set()
        await may_go_on.wait()

    monkeypatch.setattr(page, "between_parts", between_parts)
    slowly = asyncio.create_task(call(chat_site, "sent", "how much is delivery?", kept))
    await is_between.wait()
    quickly = await call(chat_site, "sent", "thank you", kept)
    may_go_on.set()
    drawn_last = (await slowly)[-1]

    assert shown(quickly[-1])[-2:] == ["thank you", "You said: thank you"]
    assert shown(drawn_last) == shown(quickly[-1])


async def test_a_guessed_conversation_shows_nothing(chat_site: Site) -> None:
    kept = await stored_state(chat_site, "my private words")

    for secret in ("", "guessed", None, {"$ne": ""}):
        forged = {**kept, "secret": secret}
        opened = (await call(chat_site, "opened", forged))[-1]
        looked = (await call(chat_site, "looked", forged, 0))[-1]
        sent = (await call(chat_site, "sent", "what did I say?", forged))[-1]

        assert shown(opened) == []
        assert "private" not in str(looked)
        assert "private" not in str(sent)
        assert sent["browserstate"]["conversation_id"] != kept["conversation_id"]


async def test_a_stranger_cannot_judge(chat_site: Site) -> None:
    kept = await stored_state(chat_site, "hello")
    liked = {"index": 1, "value": "x", "liked": True}

    await call(chat_site, "judged", {**kept, "secret": "no"}, event_data=liked)
    before = await chat_site.kefu.conversations.get(ConversationId(kept["conversation_id"]))
    await call(chat_site, "judged", kept, event_data={**liked, "index": 0})
    await call(chat_site, "judged", kept, event_data={**liked, "index": 99})
    own = await chat_site.kefu.conversations.get(ConversationId(kept["conversation_id"]))
    await call(chat_site, "judged", kept, event_data=liked)
    after = await chat_site.kefu.conversations.get(ConversationId(kept["conversation_id"]))

    assert len(before.entries) == len(own.entries) == 2
    judged = after.entries[2]
    assert isinstance(judged, FeedbackGiven)
    assert judged.is_helpful
    assert isinstance(after.entries[0], MessageReceived)
    assert judged.message_id == after.entries[0].message_id


async def test_a_demo_customer_is_verified_and_sees_their_own(shop_site: Site) -> None:
    kept = await stored_state(shop_site, "where is my order", "C-1001")

    mine = (await call(shop_site, "opened", kept))[-1]
    other = (await call(shop_site, "opened", {**kept, "customer_id": "C-1002"}))[-1]
    guest = (await call(shop_site, "opened", {**kept, "customer_id": ""}))[-1]

    assert "ForC-1001" in shown(mine)[1]
    assert (shown(other), shown(guest)) == ([], [])


async def test_only_customers_of_the_story_can_be_chosen(shop_site: Site) -> None:
    for customer_id in ("C-1999", "C-1", "admin", "C-1001 "):
        update = await stored_update(shop_site, "sent", "where is my order", customer_id)

        assert "cannot be chosen" in str(update["kefu-notice"])
        assert "Order CP" not in str(update)


async def stored_update(site: Site, handler: str, text: str, customer_id: str) -> Update:
    return (await call(site, handler, text, {"customer_id": customer_id}))[-1]


async def test_nobody_can_be_chosen_where_the_records_are_not_the_demos(chat_site: Site) -> None:
    update = await stored_update(chat_site, "sent", "where is my order", "C-1001")

    assert "Order CP" not in str(update)


async def test_nobody_can_be_chosen_outside_a_demo(serve_site: OpenSite) -> None:
    site = await serve_site(chat_by=build_chat)

    update = await stored_update(site, "sent", "where is my order", "C-1001")
    page = (await site.client.get("/chat/")).text

    assert "cannot be chosen" in str(update["kefu-notice"])
    assert "Maya Okafor" not in page


async def test_a_failure_keeps_the_text(chat_site: Site) -> None:
    failed = (await call(chat_site, "sent", "boom", {}))[-1]

    assert failed["kefu-box"] == "boom"
    assert "went wrong" in str(failed["kefu-notice"])
    assert "Traceback" not in str(failed)


async def test_what_is_no_message_is_explained(chat_site: Site) -> None:
    for text in ("", "  ", "x" * 4001, "a\x00b"):
        update = (await call(chat_site, "sent", text, {}))[-1]

        assert "Sorry" in str(update["kefu-notice"])
        assert update["kefu-box"] == text


async def test_a_shapeless_state_is_a_new_visitor(chat_site: Site) -> None:
    states: tuple[object, ...] = (
        None, [], "x", 7, {"conversation_id": 5}, {"secret": "x" * 9000}, {"conversation_id": "a\x00"},
    )  # fmt: skip

    for state in states:
        assert shown((await call(chat_site, "opened", state))[-1]) == []


async def test_an_agents_words_are_looked_up(chat_site: Site) -> None:
    kept = await stored_state(chat_site, "a person please")
    signed_in = {"Authorization": f"Bearer {await chat_site.agent_token()}"}
    here = f"/api/v1/handoffs/{kept['conversation_id']}"
    await chat_site.client.post(f"{here}/claim", headers=signed_in)
    await chat_site.client.post(f"{here}/notes", json={"text": "hidden"}, headers=signed_in)
    await chat_site.client.post(
        f"{here}/messages", json={"text": "<i>Ada</i> here"}, headers=signed_in
    )

    looked = (await call(chat_site, "looked", kept, 0))[-1]

    assert shown(looked)[-2:] == ["Ada has joined the chat.", "Ada&lt;i&gt;Ada&lt;/i&gt; here"]
    assert "hidden" not in str(looked)


async def test_the_page_names_no_other_host(chat_site: Site) -> None:
    answer = await chat_site.client.get("/chat/")

    hosts = set(re.findall(r"https?://([^/\"'\s]+)", answer.text))
    assert hosts <= {chat_site.base_url.removeprefix("http://")}
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    config = (await chat_site.client.get("/chat/config")).json()
    assert config["analytics_enabled"] is False
    assert config["stylesheets"] == []
    assert (await chat_site.client.get("/chat/gradio_api/info")).json()["named_endpoints"] == {}


async def test_the_rest_of_gradio_is_not_there(chat_site: Site) -> None:
    paths = (
        "gradio_api/upload", "gradio_api/file=/etc/passwd", "gradio_api/file=https://evil.example",
        "gradio_api/run/predict", "gradio_api/call/sent", "monitoring", "login", "gradio_api/proxy=x",
        "gradio_api/runs",
    )  # fmt: skip

    for path in paths:
        assert (await chat_site.client.get(f"/chat/{path}")).status_code == 404
        assert (await chat_site.client.post(f"/chat/{path}", json={})).status_code == 404


async def test_gradio_keeps_no_statistics(chat_site: Site) -> None:
    for _ in range(3):
        await call(chat_site, "looked", {}, 0)

    told = await chat_site.client.get("/chat/monitoring/summary")

    assert told.status_code == 404
    queues = [found for found in gc.get_objects() if type(found) is Queue]
    assert {str(queue.cached_event_analytics_summary) for queue in queues} == {"{'functions': {}}"}
