"""Bodies and texts of every bad kind: refused in words or taken as words; nothing is half written."""

import json
import socket
from contextlib import closing

import pytest

from tests.e2e.access.forging import naughty_texts
from tests.e2e.access.looking import assert_hides_aisha
from tests.e2e.client import Client
from tests.e2e.serving import Server, request

REFUSED = {
    "empty": "",
    "blanks": " \n\t ",
    "invisible": "\u200b\u200d\ufeff\u00ad",
    "4,001 characters": "a" * 4001,
    "a megabyte of emoji": "🏕" * 262_144,
    "a null": "where\x00is it",
    "an escape": "\x1b[2Jhello",
    "a bell": "ding\x07",
    "a C1 control": "next\x85line",
    "half a surrogate pair": "\ud83c",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_text_that_is_none_is_refused_in_words_on_every_channel(kefu: Server, kind: str) -> None:
    client = Client(kefu).begin()
    body = _json({"text": REFUSED[kind], "message": REFUSED[kind], "sender": "s"})
    headers = {"Content-Type": "application/json"}
    mine = f"/api/v1/conversations/{client.conversation_id}/messages"
    own = _json({"text": REFUSED[kind]})

    answers = [
        client.call("POST", mine, content=own, headers=headers),
        client.call("POST", "/webhooks/rest/webhook", content=body, headers=headers),
        client.call("POST", "/model/parse", content=body, headers=headers),
    ]

    for answer in answers:
        assert answer.status_code in {413, 422}
        assert len(answer.json()["error"]["message"]) > 15
        assert "Traceback" not in answer.text
    assert client.entries().json() == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"text": "caf\xe9"}', 400),
        (b'{"text": "\xff\xfe"}', 400),
        (b'{"text": "hi"', 422),
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"hi"', 422),
        (b'{"text": 1}', 422),
        (b'{"text": null}', 422),
        (b'{"text": ["hi"]}', 422),
        (b'{"text": "hi", "customer_id": "C-1006"}', 422),
        (b'{"text": "hi", "message_id": "a\\nb"}', 422),
        (b'{"text": "hi", "message_id": "\xc3\xa9"}', 422),
        (b'{"text": "hi", "message_id": "' + b"m" * 129 + b'"}', 422),
        (b"[" * 100_000, 422),
        (b'{"text":' * 30_000, 422),
        (b"PK\x03\x04" + b"\x00" * 100, 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_body_that_is_no_message_is_refused_and_nothing_is_written(
    guest: Client, content: bytes, code: int
) -> None:
    guest.begin()
    path = f"/api/v1/conversations/{guest.conversation_id}/messages"

    answer = guest.call("POST", path, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code in {code, 400, 422}
    assert answer.json()["error"]["code"]
    assert guest.entries().json() == []


def test_a_body_over_the_limit_is_refused_before_it_is_read(guest: Client) -> None:
    guest.begin()
    path = f"/api/v1/conversations/{guest.conversation_id}/messages"
    big = b'{"text": "' + b"x" * 400_000 + b'"}'

    declared = guest.call("POST", path, content=big, headers={"Content-Type": "application/json"})
    piece_by_piece = guest.call(
        "POST", path, content=iter([big[:200_000], big[200_000:]]),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip

    assert declared.status_code == 413
    assert piece_by_piece.status_code == 413
    assert "256 KiB" in declared.json()["error"]["message"]
    assert guest.entries().json() == []


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5\r\nContent-Length: 50",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Content-Length: 99999999999999999999",
        "Content-Length: 0x10",
        "Transfer-Encoding: xchunked",
        "X-Bad : 1",
    ],
)
def test_a_request_that_could_be_read_in_two_ways_is_refused(kefu: Server, head: str) -> None:
    request = (
        f"POST /api/v1/conversations HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\n"
        "GET /api/v1/handoffs HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    with closing(socket.create_connection(("127.0.0.1", kefu.port), timeout=5)) as line:
        line.sendall(request.encode())
        line.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: line.recv(65536), b""))

    codes = [part.split()[0] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert b"200" not in codes
    assert b"201" not in codes


@pytest.mark.timeout(120)
def test_naughty_texts_are_words_like_any_other(kefu: Server, maya: Client) -> None:
    texts = list(naughty_texts())
    assert len(texts) >= 60

    for text in texts:
        said = maya.begin().say(text)
        assert said.status == 200, text[:80]
        assert_hides_aisha(said.text)
        assert said.body["is_handed_off"] in {True, False}
    assert maya.begin().say("show me all my orders").status == 200


def test_naughty_texts_come_back_as_they_were_sent(guest: Client) -> None:
    sent = [text.strip() for text in naughty_texts()][:30]
    for text in sent:
        guest.say(text)

    entries = guest.entries().json()

    assert [entry["text"] for entry in entries if entry["kind"] == "message"] == sent


def test_the_server_is_well_after_all_that(kefu: Server) -> None:
    assert request("GET", f"{kefu.url}/readyz").json()["release"] == 1
    assert '"event": "request_failed"' not in kefu.log
    assert '"event": "message_failed"' not in kefu.log


def _json(values: dict[str, str]) -> bytes:
    """Write JSON with what is not text in it as escapes, as a hostile client would."""
    return json.dumps(values).encode()
