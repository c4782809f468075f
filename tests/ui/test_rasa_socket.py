"""Rasa's socket.io channel, asked by the real python-socketio client."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import socketio

from bot.domain.message import ConversationId
from tests.ui.conftest import OpenSite, Site
from tests.ui.wiring import token_for
from ui.api.rasa_socket import is_allowed

Heard = tuple[str, Any]


@dataclass
class Widget:
    """A chat widget: says things, keeps what it hears."""

    client: socketio.AsyncClient
    heard: list[Heard] = field(default_factory=list)
    session_id: str = ""

    async def ask_for_session(self, stored: object = None) -> str:
        before = len(self.heard)
        await self.client.emit("session_request", {"session_id": stored})
        self.session_id = (await self.wait_for("session_confirm", after=before))[1]
        return self.session_id

    async def say(self, text: object, **custom_data: object) -> list[Heard]:
        """Say something; return everything up to the end of the reply."""
        before = len(self.heard)
        body = {"message": text, "customData": custom_data, "session_id": self.session_id}
        await self.client.emit("user_uttered", body)
        await self.wait_for("kefu_meta", "kefu_error", after=before)
        return self.heard[before:]

    async def wait_for(self, *names: str, after: int = 0) -> Heard:
        async with asyncio.timeout(10):
            while True:
                for event in self.heard[after:]:
                    if event[0] in names:
                        return event
                await asyncio.sleep(0.01)


@asynccontextmanager
async def _widget(site: Site) -> AsyncIterator[Widget]:
    client = socketio.AsyncClient(reconnection=False)
    widget = Widget(client)

    async def hear(event: str, data: object = None) -> None:
        widget.heard.append((event, data))

    client.on("*", hear)
    await client.connect(site.base_url, transports=["websocket"], socketio_path="/socket.io")
    try:
        yield widget
    finally:
        await client.disconnect()


async def test_a_session_is_made_here_and_taken_up_again(served: Site) -> None:
    async with _widget(served) as widget:
        made = await widget.ask_for_session()
    async with _widget(served) as again:
        kept = await again.ask_for_session(made)
    async with _widget(served) as third:
        odd = await third.ask_for_session("admin")

    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert kept == made
    assert re.fullmatch(r"[0-9a-f]{32}", odd)


async def test_parts_come_one_by_one_with_exactly_the_keys_old_widgets_know(served: Site) -> None:
    async with _widget(served) as widget:
        await widget.ask_for_session()
        delivery = await widget.say("delivery")
        buttons = await widget.say("which")
        image = await widget.say("a picture")

    url = f"{served.base_url}/help/delivery-cost"
    assert delivery[:2] == [
        ("bot_uttered", {"text": "Standard delivery costs £3.95."}),
        ("bot_uttered", {"text": f"What does delivery cost?: {url}"}),
    ]
    assert delivery[2][0] == "kefu_meta"
    assert delivery[2][1]["sources"] == [{"title": "What does delivery cost?", "url": url}]
    assert delivery[2][1]["number"] == 2
    replies = [
        {"content_type": "text", "title": "Cancel an order", "payload": "/cancel_order"},
        {"content_type": "text", "title": "<b>Bold</b>", "payload": "/greet"},
    ]
    asked = {"text": "Which one do you mean?", "quick_replies": replies}
    assert buttons[0] == ("bot_uttered", asked)
    src = f"{served.base_url}/static/favicon.svg"
    picture = {"attachment": {"type": "image", "payload": {"src": src}}}
    assert image[0] == ("bot_uttered", picture)


async def test_the_customer_is_verified_on_every_message(served: Site) -> None:
    async with _widget(served) as widget:
        await widget.ask_for_session()
        mine = await widget.say("my order", customerToken=token_for(served.kefu, "C-1001"))
        bare = await widget.say("my order")
        other = await widget.say("my order", customerToken=token_for(served.kefu, "C-1002"))

    assert mine[1][1]["text"].splitlines()[2] == "For: C-1001"
    for refused in (bare, other):
        assert [name for name, _ in refused] == ["kefu_error"]
        assert refused[0][1]["code"] == 401


@pytest.mark.parametrize("token", ["forged", "a.b.c", 7])
async def test_a_bad_token_gets_an_error_and_no_reply(served: Site, token: object) -> None:
    async with _widget(served) as widget:
        session_id = await widget.ask_for_session()
        heard = await widget.say("hello", customerToken=token)

    assert [(name, body["code"]) for name, body in heard] == [("kefu_error", 401)]
    follow = served.kefu.conversations.follow(ConversationId(f"socketio:{session_id}"), 0)
    assert await anext(follow) is None
    audited = await served.kefu.audit.newest(1)
    assert audited[0].detail == "TokenError at socketio"


async def test_an_expired_token_is_refused(served: Site) -> None:
    async with _widget(served) as widget:
        await widget.ask_for_session()
        expired = token_for(served.kefu, valid_for=timedelta(minutes=-5))
        heard = await widget.say("hello", customerToken=expired)

    assert heard[0][1]["code"] == 401


@pytest.mark.parametrize("text", ["", None, 5, "x" * 4001, "a\x00"])
async def test_what_is_no_message_is_refused(served: Site, text: object) -> None:
    async with _widget(served) as widget:
        await widget.ask_for_session()
        heard = await widget.say(text)

    assert [(name, body["code"]) for name, body in heard] == [("kefu_error", 422)]


async def test_a_failure_says_sorry_where_old_widgets_see_it(served: Site) -> None:
    async with _widget(served) as widget:
        await widget.ask_for_session()
        await widget.say("boom")
        words = await widget.wait_for("bot_uttered")

    assert words[1].keys() == {"text"}
    assert "went wrong" in words[1]["text"]


async def test_shapeless_events_do_no_harm(served: Site) -> None:
    async with _widget(served) as widget:
        for event, data in (("session_request", None), ("session_request", [1]), ("user_uttered", "x"), ("user_uttered", None), ("user_uttered", {"message": "hi", "customData": "odd"})):  # fmt: skip
            await widget.client.emit(event, data)
        async with asyncio.timeout(10):
            while len(widget.heard) < 6:  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0.01)
        answers = sorted(name for name, _ in widget.heard)
        await widget.ask_for_session()
        heard = await widget.say("still there?")

    assert answers == [
        "bot_uttered", "kefu_error", "kefu_error", "kefu_meta", "session_confirm", "session_confirm",
    ]  # fmt: skip
    assert heard[0] == ("bot_uttered", {"text": "You said: still there?"})


async def _as_agent(site: Site, session_id: str, text: str) -> None:
    signed_in = {"Authorization": f"Bearer {await site.agent_token()}"}
    here = f"/api/v1/handoffs/socketio:{session_id}"
    await site.client.post(f"{here}/claim", headers=signed_in)
    await site.client.post(f"{here}/messages", json={"text": text}, headers=signed_in)


async def test_an_agents_words_are_pushed_to_whoever_may_see_them(served: Site) -> None:
    token = token_for(served.kefu)
    async with _widget(served) as customer, _widget(served) as stranger:
        session_id = await customer.ask_for_session()
        await customer.say("a person please", customerToken=token)
        await stranger.ask_for_session(session_id)
        await _as_agent(served, session_id, "Ada here")
        async with asyncio.timeout(10):
            while ("bot_uttered", {"text": "Ada: Ada here"}) not in customer.heard:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)

    assert customer.heard[-1][1]["agent"] == "Ada"
    assert [name for name, _ in stranger.heard] == ["session_confirm"]


async def test_words_are_held_back_once_the_token_has_expired(served: Site) -> None:
    # Tokens hold a minute longer than they say: this one for a second and a half.
    token = token_for(served.kefu, valid_for=timedelta(seconds=-58))
    async with _widget(served) as customer:
        session_id = await customer.ask_for_session()
        await customer.say("a person please", customerToken=token)
        heard = len(customer.heard)
        await asyncio.sleep(2.5)
        await _as_agent(served, session_id, "Ada here")
        await asyncio.sleep(1.2)

    assert customer.heard[heard:] == []


async def test_a_guest_who_comes_back_hears_the_agent(served: Site) -> None:
    async with _widget(served) as first:
        session_id = await first.ask_for_session()
        await first.say("a person please")
    async with _widget(served) as again:
        await again.ask_for_session(session_id)
        await _as_agent(served, session_id, "welcome back")
        words = await again.wait_for("bot_uttered")

    assert words[1] == {"text": "Ada: welcome back"}


async def test_only_named_shops_and_our_own_pages_may_connect(serve_site: OpenSite) -> None:
    site = await serve_site(allowed_origins="https://shop.example")
    hello = "/socket.io/?EIO=4&transport=polling"

    answers = [
        (await site.client.get(hello, headers={"Origin": origin})).status_code
        for origin in ("https://shop.example", site.base_url, "https://evil.example")
    ]

    assert answers == [200, 200, 400]
    assert not is_allowed("https://evil.example", {"HTTP_HOST": "kefu.test"}, [])
    assert not is_allowed("http://", {}, [])
