"""Live updates: another's token, an expired one, a guest who lost the conversation, tricks with the last event seen."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from bot.identity.tokens import LEEWAY_S
from tests.e2e.access.looking import assert_hides_aisha
from tests.e2e.client import Client
from tests.e2e.serving import MAYA, NO_TLS, Server

QUIET_S = 10.0


@dataclass
class Listener:
    """Reads a stream in a thread until it is closed."""

    lines: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def numbers(self) -> list[int]:
        return [int(line[4:]) for line in self.lines if line.startswith("id: ")]


@contextmanager
def listening(client: Client, **headers: str) -> Iterator[Listener]:
    """Follow the client's conversation until the end of the block."""
    listener, opened = Listener(), threading.Event()
    path = f"{client.server.url}/api/v1/conversations/{client.conversation_id}/live"
    http = httpx.Client(trust_env=False, timeout=httpx.Timeout(5, read=QUIET_S), verify=NO_TLS)

    def read() -> None:
        with http.stream("GET", path, headers={**client.headers(), **headers}) as stream:
            opened.set()
            try:
                for line in stream.iter_lines():
                    listener.lines.append(line)
            except (httpx.HTTPError, httpx.StreamError):
                return
            finally:
                listener.ended.set()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    assert opened.wait(QUIET_S)
    try:
        yield listener
    finally:
        listener.ended.wait(1)
        http.close()


def test_a_customer_hears_their_own_conversation_from_the_entry_last_seen(aisha: Client) -> None:
    with listening(aisha, **{"Last-Event-ID": "1"}) as heard:
        aisha.say("thank you")

    assert heard.numbers() == [2, 3, 4]
    assert "CP-200601" in heard.text


@pytest.mark.parametrize(
    "seen", ["0", "-1", "1e9", "99999999999999999999", "1;2", "*", "' OR 1=1", "\u0663", "0x1"]
)
def test_a_last_event_id_of_any_kind_shows_others_nothing(
    aisha: Client, maya: Client, seen: str
) -> None:
    path = f"/api/v1/conversations/{aisha.conversation_id}/live"

    answer = maya.call("GET", path, headers={"Last-Event-ID": seen.encode()})

    assert answer.status_code == 401
    assert_hides_aisha(answer.text)


@pytest.mark.parametrize("after", ["-1", "99999999999999999999", "x", "1.5", ""])
def test_an_after_that_is_no_entry_number_is_refused(aisha: Client, after: str) -> None:
    path = f"/api/v1/conversations/{aisha.conversation_id}"

    for door in ("live", "messages"):
        assert aisha.call("GET", f"{path}/{door}?after={after}").status_code == 422


def test_a_guest_who_listens_is_cut_off_when_a_customer_is_verified(
    kefu: Server, guest: Client
) -> None:
    guest.say("hello")
    with listening(guest) as heard:
        owner = Client(kefu, kefu.token("C-1006"))
        owner.conversation_id, owner.secret = guest.conversation_id, guest.secret
        assert "CP-200601" in owner.say("where is my order?").text
        assert heard.ended.wait(QUIET_S)

    assert "event: closed" in heard.text
    assert_hides_aisha(heard.text)
    assert "CP-200601" not in heard.text


def test_a_listener_is_cut_off_when_the_token_expires(kefu: Server) -> None:
    client = Client(kefu, kefu.token(MAYA))
    client.say("hello")
    client.token = kefu.token(MAYA, timedelta(seconds=2 - LEEWAY_S))

    with listening(client) as heard:
        assert heard.ended.wait(QUIET_S)

    assert "event: closed" in heard.text


def test_no_event_comes_through_after_the_token_has_expired(kefu: Server) -> None:
    client = Client(kefu, kefu.token(MAYA))
    client.say("hello")
    listener = Client(kefu, kefu.token(MAYA, timedelta(seconds=1 - LEEWAY_S)))
    listener.conversation_id = client.conversation_id

    with listening(listener) as heard:
        assert heard.ended.wait(QUIET_S)
        client.say("show me all my orders")

    assert "CP-200103" not in heard.text


def test_a_token_in_the_address_opens_no_stream(aisha: Client) -> None:
    path = f"/api/v1/conversations/{aisha.conversation_id}/live?token={aisha.token}&secret={aisha.secret}"

    assert aisha.call("GET", path, token="", secret="").status_code == 401
