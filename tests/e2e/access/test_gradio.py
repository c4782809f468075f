"""Gradio's HTTP API under the chat page: every function it exposes, every other address it has."""

from contextlib import suppress

import httpx
import pytest

from tests.e2e.access.gradio_api import API, call, config_of, functions_of, join
from tests.e2e.access.looking import assert_hides_aisha, records_of_aisha, refusals
from tests.e2e.client import Client
from tests.e2e.serving import NO_TLS, Server, request

LIKED = {"index": 1, "value": "x", "liked": True}
CHOSEN = {"index": 0, "value": '/order_status{"order_number": "CP-200601"}'}


def visits(aisha: Client, other: Client) -> list[object]:
    """Return what a browser could claim to remember, none of which opens Aisha's conversation."""
    mine, secret = aisha.conversation_id, aisha.secret
    return [
        {"conversation_id": mine},
        {"conversation_id": mine, "secret": secret},
        {"conversation_id": mine, "secret": secret, "customer_id": "C-1001"},
        {"conversation_id": mine, "secret": other.secret, "customer_id": ""},
        {"conversation_id": mine, "customer_id": {"$ne": ""}, "token": "x"},
        {"conversation_id": mine, "secret": secret, "unsent_id": "their-message",
         "unsent_text": "where is my order?"},
        [mine], None,
    ]  # fmt: skip


def test_no_function_shows_another_customers_conversation(
    kefu: Server, plain: Server, aisha: Client, guest: Client
) -> None:
    guest.begin()
    before = aisha.entries().json()
    claimed = visits(aisha, guest)
    assert len(functions_of(kefu)) >= 8

    for server, some in ((plain, claimed), (kefu, claimed[1:3])):
        for function in functions_of(server):
            for visit in some:
                values = {"browserstate": visit, "textbox": "hello", "state": 0}
                answer = call(server, function, values, event=LIKED)
                assert_hides_aisha(answer)
                assert "CP-200601" not in answer

    assert aisha.entries().json() == before


def test_without_demo_nobody_becomes_a_customer(plain: Server) -> None:
    before = refusals(plain)
    for function in functions_of(plain):
        for wanted in ("C-1006", "C-1001", " C-1006", "c-1006", "*"):
            values = {
                "browserstate": {"customer_id": wanted},
                "dropdown": wanted,
                "textbox": "where is my order?",
                "state": 0,
            }
            answer = call(plain, function, values, event=CHOSEN)
            assert_hides_aisha(answer)
            assert "CP-2" not in answer.replace("CP-200601", "")
    assert refusals(plain) > before


@pytest.mark.parametrize(
    "wanted", ["C-2001", "C-9999", "c-1006", "C-1006 ", "", "' OR 1=1", ["C-1006"]]
)
def test_in_a_demo_only_the_customers_of_the_list_can_be_chosen(
    kefu: Server, wanted: object
) -> None:
    for function in functions_of(kefu):
        values = {
            "browserstate": {"customer_id": wanted},
            "dropdown": wanted,
            "textbox": "show me all my orders",
            "state": 0,
        }
        answer = call(kefu, function, values, event=CHOSEN)
        assert_hides_aisha(answer)
        assert "Order CP-" not in answer


def test_a_chosen_payload_that_was_not_offered_changes_and_shows_nothing(kefu: Server) -> None:
    before = records_of_aisha(kefu)
    for payload in (
        '/cancel_order{"order_number": "CP-200601"}',
        '/choose{"order_number": "CP-200601"}',
    ):
        for function in functions_of(kefu):
            values = {"browserstate": {"customer_id": "C-1001"}, "textbox": payload, "state": 0}
            event = {"index": 0, "value": payload}
            assert_hides_aisha(call(kefu, function, values, event=event))

    assert records_of_aisha(kefu) == before


def test_calls_of_any_shape_do_no_harm(kefu: Server) -> None:
    shapes: list[list[object]] = [
        [],
        [None] * 9,
        [{"a": 1}] * 2,
        ["x" * 5000, {}],
        [[[[]]]],
        [-1, "é\x00"],
    ]
    for function in functions_of(kefu):
        for shape in shapes:
            answer = join(
                kefu, function.number, shape, event={"index": [9, 9], "value": None, "liked": 7}
            )
            assert_hides_aisha(answer)
            assert "Traceback" not in answer
    for number in (-1, 999, 10**9):
        assert_hides_aisha(join(kefu, number, [None]))
    assert request("GET", f"{kefu.url}/readyz").status_code == 200


# What the page itself does not need is not there.
CLOSED = (
    ("GET", f"{API}/file=/etc/passwd"),
    ("GET", f"{API}/file=/proc/self/environ"),
    ("GET", f"{API}/file=var/secrets.toml"),
    ("GET", f"{API}/file=http://127.0.0.1:1/x"),
    ("GET", f"{API}/file=https://example.com/x.html"),
    ("GET", f"{API}/file/etc/passwd"),
    ("GET", f"{API}/proxy=https://example.com/"),
    ("GET", f"{API}/stream/a/1/2/playlist.m3u8"),
    ("POST", f"{API}/stream/abc"),
    ("POST", f"{API}/upload"),
    ("GET", f"{API}/upload_progress?upload_id=x"),
    ("POST", f"{API}/component_server"),
    ("POST", f"{API}/process_recording"),
    ("POST", f"{API}/run/sent"),
    ("POST", f"{API}/run/predict"),
    ("POST", f"{API}/api/predict"),
    ("POST", f"{API}/call/sent"),
    ("POST", f"{API}/call/v2/sent"),
    ("GET", f"{API}/call/sent/abc"),
    ("GET", f"{API}/deep_link?session_hash=x"),
    ("GET", "/chat/gradio_api/gradio_api/deep_link?session_hash=x"),
    ("GET", f"{API}/vibe-code"),
    ("POST", f"{API}/vibe-edit"),
    ("GET", f"{API}/token"),
    ("GET", f"{API}/user"),
    ("GET", f"{API}/app_id"),
    ("GET", f"{API}/openapi.json"),
    ("GET", f"{API}/runs"),
    ("GET", f"{API}/run-history/records"),
    ("GET", f"{API}/dev/reload"),
    ("GET", f"{API}/custom_component/x/client/component/index.js"),
    ("GET", f"{API}/profiling/traces"),
    ("GET", f"{API}/mcp"),
    ("POST", f"{API}/mcp/"),
    ("GET", "/chat/monitoring"),
    ("GET", "/chat/monitoring/summary"),
    ("POST", "/chat/login"),
    ("GET", "/chat/pwa_icon"),
    ("GET", "/chat/docs"),
    ("GET", "/chat/redoc"),
    ("GET", "/chat/openapi.json"),
    ("GET", "/chat/runs"),
)


@pytest.mark.parametrize(("method", "path"), CLOSED, ids=lambda value: value)
def test_what_the_page_does_not_need_is_not_there(kefu: Server, method: str, path: str) -> None:
    body = {"data": ["hello", {}], "session_hash": "x"} if method == "POST" else None

    answer = request(method, f"{kefu.url}{path}", json=body)

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "HttpError"


def test_the_pages_config_tells_no_secret_that_opens_anything(kefu: Server) -> None:
    text = str(config_of(kefu))

    for secret in (
        kefu.vault.customer_secret,
        kefu.vault.session_secret,
        kefu.vault.admin_password,
    ):
        assert secret not in text
    assert str(kefu.home) not in text


def test_what_one_session_says_is_not_heard_by_another(kefu: Server) -> None:
    send = next(one for one in functions_of(kefu) if "textbox" in one.inputs)
    call(
        kefu,
        send,
        {"browserstate": {"customer_id": "C-1006"}, "textbox": "where is my order?"},
        session="victim",
    )

    with httpx.Client(base_url=kefu.url, trust_env=False, timeout=5, verify=NO_TLS) as http:
        for session in ("other", "", "victi", "victim%", "*"):
            heard: list[str] = []
            with (
                suppress(
                    httpx.RemoteProtocolError
                ),  # Gradio breaks off where there is nothing to hear
                http.stream("GET", f"{API}/queue/data", params={"session_hash": session}) as stream,
            ):
                heard.extend(stream.iter_lines())
            assert_hides_aisha("".join(heard))
            assert "CP-200601" not in "".join(heard)


def test_the_chat_page_answers_its_own_visitor(kefu: Server) -> None:
    send = next(one for one in functions_of(kefu) if "textbox" in one.inputs)

    answer = call(
        kefu, send, {"browserstate": {"customer_id": "C-1006"}, "textbox": "where is my order?"}
    )

    assert "CP-200601" in answer
