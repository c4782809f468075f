"""Live updates: replay from the last entry seen, and an end when the listener may not listen any more."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx

from bot.domain.message import ConversationId
from tests.fakes import SetClock
from tests.ui.conftest import Site
from tests.ui.wiring import token_for
from ui.api.live import live_entries
from ui.api.schemas import entry_out


@dataclass
class Event:
    number: str
    name: str
    data: dict[str, object]


async def _events(answer: httpx.Response) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Event(fields.get("id", ""), fields["event"], json.loads(fields["data"]))
            fields = {}


async def _take(answer: httpx.Response, count: int) -> list[Event]:
    taken = []
    async with asyncio.timeout(10):
        async for event in _events(answer):
            taken.append(event)
            if len(taken) == count:
                break
    return taken


async def test_entries_come_live_and_are_replayed_from_the_last_one_seen(served: Site) -> None:
    address, secret = await served.start()
    kept = {"X-Conversation-Secret": secret}
    await served.client.post(f"{address}/messages", json={"text": "hi"}, headers=kept)

    async with served.client.stream("GET", f"{address}/live", headers=kept) as answer:
        reading = asyncio.create_task(_take(answer, 4))
        await asyncio.sleep(0.2)
        await served.client.post(f"{address}/messages", json={"text": "again"}, headers=kept)
        events = await reading
    seen = {**kept, "Last-Event-ID": "3"}
    async with served.client.stream("GET", f"{address}/live?after=0", headers=seen) as answer:
        replayed = await _take(answer, 1)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [(event.number, event.data["kind"]) for event in events] == [
        ("1", "message"), ("2", "reply"), ("3", "message"), ("4", "reply"),
    ]  # fmt: skip
    assert [event.number for event in replayed] == ["4"]


async def test_a_quiet_line_shows_every_15_seconds_that_it_is_alive(served: Site) -> None:
    address, _ = await served.start()
    conversation_id, clock = ConversationId(address.rsplit("/", 1)[1]), SetClock()

    async def anybody() -> None:
        return None

    lines = live_entries(replace(served.kefu, clock=clock), conversation_id, 0, anybody, entry_out)
    beats = [await anext(lines)]
    for _ in range(2):
        clock.pass_time(timedelta(seconds=16))
        beats.append(await asyncio.wait_for(anext(lines), 10))
    nothing = asyncio.ensure_future(anext(lines))
    clock.pass_time(timedelta(seconds=14))
    done, _ = await asyncio.wait({nothing}, timeout=1.2)

    assert beats == [": welcome\n\n", ": still here\n\n", ": still here\n\n"]
    assert not done
    nothing.cancel()


async def test_an_odd_last_event_id_is_no_failure(served: Site) -> None:
    address, secret = await served.start()
    await served.post(f"{address}/messages", {"text": "hi"}, X_Conversation_Secret=secret)

    for odd in ("²".encode(), b"9" * 40, b"-1", b"x"):
        headers = {b"X-Conversation-Secret": secret.encode(), b"Last-Event-ID": odd}
        async with served.client.stream("GET", f"{address}/live", headers=headers) as answer:
            assert answer.status_code == 200


async def test_a_stranger_hears_nothing(served: Site) -> None:
    address, _ = await served.start()

    answer = await served.client.get(f"{address}/live")

    assert answer.status_code == 401


async def test_the_stream_ends_when_the_token_expires(served: Site) -> None:
    address, secret = await served.start()
    # Tokens hold a minute longer than they say.
    token = token_for(served.kefu, valid_for=timedelta(seconds=-58))
    signed_in = {"Authorization": f"Bearer {token}"}
    await served.client.post(
        f"{address}/messages", json={"text": "hi"},
        headers={**signed_in, "X-Conversation-Secret": secret},
    )  # fmt: skip

    async with (
        asyncio.timeout(15),
        served.client.stream("GET", f"{address}/live", headers=signed_in) as answer,
    ):
        names = [event.name async for event in _events(answer)]

    assert names == ["entry", "entry", "closed"]


async def test_a_guest_is_cut_off_when_the_conversation_becomes_a_customers(served: Site) -> None:
    address, secret = await served.start()
    kept = {"X-Conversation-Secret": secret}
    await served.client.post(f"{address}/messages", json={"text": "hi"}, headers=kept)

    async with (
        asyncio.timeout(15),
        served.client.stream("GET", f"{address}/live", headers=kept) as answer,
    ):
        events = _events(answer)
        first = [await anext(events), await anext(events)]
        signed_in = {**kept, "Authorization": f"Bearer {token_for(served.kefu)}"}
        await served.client.post(
            f"{address}/messages", json={"text": "my order"}, headers=signed_in
        )
        rest = [event.name async for event in events]

    assert [event.name for event in first] == ["entry", "entry"]
    assert rest == ["closed"]


async def test_an_agent_sees_notes_live(served: Site) -> None:
    address, secret = await served.start()
    await served.post(f"{address}/messages", {"text": "person"}, X_Conversation_Secret=secret)
    signed_in = {"Authorization": f"Bearer {await served.agent_token()}"}
    here = f"/api/v1/handoffs/{address.rsplit('/', 1)[1]}"

    async with served.client.stream("GET", f"{here}/live?after=3", headers=signed_in) as answer:
        await served.client.post(f"{here}/notes", json={"text": "a note"}, headers=signed_in)
        events = await _take(answer, 1)

    assert (events[0].data["kind"], events[0].data["text"]) == ("note", "a note")
