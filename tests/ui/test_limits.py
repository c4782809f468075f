"""How much one address may ask for: on every channel, and never this machine itself or a trusted server."""

import asyncio
from dataclasses import dataclass

import aiohttp
import pytest
import socketio

from bot.errors import TooManyRequestsError
from tests.ui.conftest import OpenSite
from tests.ui.test_chat_page import call
from tests.ui.wiring import API_TOKEN
from ui.api.app import build_chat
from ui.api.limits import Limits

VISITOR = "203.0.113.9"
FROM_VISITOR = {"X-Forwarded-For": VISITOR}


@dataclass
class Seconds:
    """A clock that stands still until it is set."""

    now: float = 30.0

    def __call__(self) -> float:
        return self.now


def refuses(limits: Limits, address: str) -> bool:
    try:
        limits.count(address)
    except TooManyRequestsError:
        return True
    return False


def test_an_address_has_its_share_of_a_minute_and_another_one_its_own() -> None:
    clock = Seconds()
    limits = Limits(2, clock)

    first = [refuses(limits, VISITOR) for _ in range(3)]
    other = refuses(limits, "203.0.113.10")
    clock.now = 60.0
    later = refuses(limits, VISITOR)

    assert (first, other, later) == ([False, False, True], False, False)


def test_a_refusal_says_when_there_is_room_again() -> None:
    limits = Limits(1, Seconds(42.5))
    limits.count(VISITOR)

    with pytest.raises(TooManyRequestsError, match="try again in 18 seconds") as refused:
        limits.count(VISITOR)

    assert refused.value.retry_after_s == 18


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_not_counted(address: str) -> None:
    limits = Limits(1, Seconds())

    assert not any(refuses(limits, address) for _ in range(5))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        (VISITOR, f"::ffff:{VISITOR}"),
        ("fe80::1%eth0", "fe80::2%eth0"),
        ("", ""),
    ],
)
def test_addresses_that_one_visitor_can_have_count_together(one: str, other: str) -> None:
    limits = Limits(1, Seconds())

    assert (refuses(limits, one), refuses(limits, other)) == (False, True)


def test_zero_is_no_limit() -> None:
    limits = Limits(0, Seconds())

    assert not any(refuses(limits, VISITOR) for _ in range(1000))


async def test_a_visitor_who_asks_for_too_much_is_told_when_to_come_back(
    serve_site: OpenSite,
) -> None:
    site = await serve_site(requests_per_minute=5)

    answers = [await site.client.get("/help", headers=FROM_VISITOR) for _ in range(12)]
    own = await site.client.get("/help")
    metrics = (await site.client.get("/metrics", headers=FROM_VISITOR)).text

    # A minute may end on the way, and the count with it.
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == own.status_code == 200
    assert refused
    assert refused[0].json()["error"]["code"] == "TooManyRequestsError"
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert 'kefu_refusals_total{channel="http",error="TooManyRequestsError"}' in metrics


async def test_a_flood_of_bad_tokens_is_not_written_down_line_by_line(serve_site: OpenSite) -> None:
    site = await serve_site(requests_per_minute=5)
    forged = {**FROM_VISITOR, "Authorization": "Bearer x.y.z"}

    codes = [
        (await site.client.post("/api/v1/conversations", headers=forged)).status_code
        for _ in range(30)
    ]

    assert set(codes) == {401, 429}
    assert len(await site.kefu.audit.newest(100)) == codes.count(401) <= 10


async def test_signing_in_counts_more_than_asking(serve_site: OpenSite) -> None:
    site = await serve_site(requests_per_minute=25)
    given = {"name": "nobody", "password": "guessed, and wrong"}

    codes = [
        (await site.client.post("/api/v1/sessions", json=given, headers=FROM_VISITOR)).status_code
        for _ in range(6)
    ]

    assert set(codes) == {401, 429}


async def test_a_trusted_server_speaks_for_all_its_customers(serve_site: OpenSite) -> None:
    site = await serve_site(requests_per_minute=2, api_token=API_TOKEN)
    webhook, body = "/webhooks/rest/webhook", {"sender": "s", "message": "hi"}

    as_bearer = [
        await site.client.post(
            webhook, json=body, headers={**FROM_VISITOR, "Authorization": f"Bearer {API_TOKEN}"}
        )
        for _ in range(4)
    ]
    in_address = [
        await site.client.post(f"{webhook}?token={API_TOKEN}", json=body, headers=FROM_VISITOR)
        for _ in range(4)
    ]
    forged = [
        await site.client.post(f"{webhook}?token=guessed", json=body, headers=FROM_VISITOR)
        for _ in range(6)
    ]

    assert {answer.status_code for answer in (*as_bearer, *in_address)} == {200}
    assert 429 in {answer.status_code for answer in forged}


async def test_a_socket_is_told_and_stays_open(serve_site: OpenSite) -> None:
    site = await serve_site(requests_per_minute=3)
    heard: list[tuple[str, object]] = []
    async with socketio.AsyncSimpleClient() as client:
        await client.connect(site.base_url, headers=FROM_VISITOR, transports=["websocket"])
        for _ in range(8):
            await client.emit("user_uttered", {"message": "hi"})
        async with asyncio.timeout(10):
            while not {"kefu_error", "kefu_meta"} <= {name for name, _ in heard}:
                name, data = await client.receive()
                heard.append((name, data))

    errors = [data for name, data in heard if name == "kefu_error"]
    assert isinstance(errors[0], dict)
    assert (errors[0]["code"], errors[0]["error"]) == (429, "TooManyRequestsError")


async def test_a_socket_that_connects_on_and_on_is_refused(serve_site: OpenSite) -> None:
    site = await serve_site(requests_per_minute=2)
    for _ in range(6):
        await site.client.get("/help", headers=FROM_VISITOR)

    # a session of our own: the client forgets to close the one it makes when it is refused
    async with (
        aiohttp.ClientSession() as session,
        socketio.AsyncSimpleClient(http_session=session) as client,
    ):
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(site.base_url, headers=FROM_VISITOR, transports=["websocket"])


async def test_the_chat_page_counts_messages_and_lets_pages_look(serve_site: OpenSite) -> None:
    site = await serve_site(chat_by=build_chat, requests_per_minute=3)
    site.client.headers.update(FROM_VISITOR)

    said = [(await call(site, "sent", "hi", {}))[-1] for _ in range(8)]
    looked = [await call(site, "looked", {}, 0) for _ in range(8)]

    told = [update.get("kefu-notice", {}).get("value", "") for update in said]
    assert told[0] == ""
    assert any("asks for too much at once" in words for words in told)
    assert len(looked) == 8


async def test_the_chat_page_cannot_be_called_without_end(serve_site: OpenSite) -> None:
    site = await serve_site(requests_per_minute=1)

    codes = [
        (await site.client.post("/chat/gradio_api/queue/join", headers=FROM_VISITOR)).status_code
        for _ in range(24)
    ]

    assert codes[0] != 429
    assert 429 in codes
