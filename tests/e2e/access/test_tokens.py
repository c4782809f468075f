"""Forged, expired and swapped tokens, at every channel that takes one."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.e2e.access.forging import forged_tokens
from tests.e2e.access.looking import assert_hides_aisha, audit_lines, refusals
from tests.e2e.access.socketing import uttered
from tests.e2e.client import Client
from tests.e2e.serving import AISHA, MAYA, Server, request

QUESTION = "where is my order?"


def over_api(server: Server, token: str) -> tuple[int, str]:
    client = Client(server).begin()
    said = client.say(QUESTION, token=token)
    return said.status, said.text


def over_new_conversation(server: Server, token: str) -> tuple[int, str]:
    answer = Client(server, token).call("POST", "/api/v1/conversations")
    return answer.status_code, answer.text


def over_list(server: Server, token: str) -> tuple[int, str]:
    answer = Client(server, token).call("GET", "/api/v1/conversations")
    return answer.status_code, answer.text


def over_rest_metadata(server: Server, token: str) -> tuple[int, str]:
    body = {"sender": "s1", "message": QUESTION, "metadata": {"customerToken": token}}
    answer = request("POST", f"{server.url}/webhooks/rest/webhook", json=body)
    return answer.status_code, answer.text


def over_rest_header(server: Server, token: str) -> tuple[int, str]:
    answer = Client(server, token).call(
        "POST", "/webhooks/rest/webhook", json={"sender": "s2", "message": QUESTION}
    )
    return answer.status_code, answer.text


def over_socket(server: Server, token: str) -> tuple[int, str]:
    heard = uttered(server, QUESTION, token)
    return heard.code, heard.text


CHANNELS = (
    over_api,
    over_new_conversation,
    over_list,
    over_rest_metadata,
    over_rest_header,
    over_socket,
)


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.__name__)
def test_a_bad_token_is_refused_and_noted_never_taken_for_a_guest(
    kefu: Server, channel: Callable[[Server, str], tuple[int, str]]
) -> None:
    forged = forged_tokens(kefu)
    before = refusals(kefu)

    answers = {name: channel(kefu, token) for name, token in forged.items()}

    assert {name: code for name, (code, _) in answers.items() if code != 401} == {}
    for name, (_, text) in answers.items():
        assert_hides_aisha(text)
        assert forged[name] not in text or len(forged[name]) < 10
    assert refusals(kefu) - before == len(forged)


def test_the_audit_log_says_where_and_why_and_holds_no_token(kefu: Server) -> None:
    for token in forged_tokens(kefu).values():
        over_api(kefu, token)

    what, who, detail = audit_lines(kefu)[-1]

    assert (what, who) == ("access_refused", "")
    assert detail == "TokenError at POST /api/v1/conversations/{conversation_id}/messages"


def test_a_valid_token_opens_its_own_customers_records(maya: Client) -> None:
    assert "CP-200103" in maya.say("show me all my orders").text


def test_a_token_works_on_this_very_message_and_not_on_the_next(maya: Client) -> None:
    maya.say("show me all my orders")

    without = maya.say("show me all my orders", token="")  # "" is none

    assert without.status == 401
    assert "CP-200103" not in without.text


def test_a_token_that_expires_between_two_messages_ends_the_visit(kefu: Server) -> None:
    client = Client(kefu, kefu.token(MAYA, timedelta(seconds=2)))
    assert client.say("show me my orders").status == 200

    # Past the minute of leeway.
    late = client.say("show me my orders", token=kefu.token(MAYA, timedelta(seconds=-61)))

    assert late.status == 401


def test_other_schemes_and_bare_tokens_never_make_a_customer(kefu: Server) -> None:
    token = kefu.token(MAYA)
    client = Client(kefu).begin()
    path = f"/api/v1/conversations/{client.conversation_id}/messages"
    for header in (token, f"Basic {token}", f"Token {token}", f"JWT {token}"):
        answer = client.call(
            "POST", path, json={"text": "show me my orders"}, headers={"Authorization": header}
        )
        assert "CP-2001" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-User-Id": AISHA},
        {"X-User-Id": AISHA, "X-User-Hash": ""},
        {"x-user-id": AISHA, "X-Customer-Id": AISHA, "X-Forwarded-User": AISHA},
        {"X-Remote-User": AISHA, "Remote-User": AISHA, "Customer-Id": AISHA},
        {"X-Original-URL": "/api/v1/handoffs", "X-Forwarded-For": "127.0.0.1"},
        {"Cookie": f"customer={AISHA}; user_id={AISHA}"},
    ],
    ids=str,
)
def test_smuggled_headers_identify_nobody(kefu: Server, headers: dict[str, str]) -> None:
    client = Client(kefu).begin()
    path = f"/api/v1/conversations/{client.conversation_id}/messages"

    answer = client.call("POST", path, json={"text": "where is my order?"}, headers=headers)
    mine = client.call("GET", "/api/v1/conversations", headers=headers)

    assert answer.status_code == 200
    assert_hides_aisha(answer.text)
    assert "CP-2006" not in answer.text
    assert mine.json() == []


def test_a_smuggled_user_id_beside_a_token_changes_nothing(maya: Client) -> None:
    maya.begin()
    path = f"/api/v1/conversations/{maya.conversation_id}/messages"

    answer = maya.call(
        "POST", path, json={"text": "show me all my orders"}, headers={"X-User-Id": AISHA}
    )

    assert "CP-200103" in answer.text
    assert_hides_aisha(answer.text)


def test_a_user_hash_is_refused_unless_a_setting_allows_it(kefu: Server, plain: Server) -> None:
    secret = kefu.vault.customer_secret.encode()
    mayas = hmac.new(secret, MAYA.encode(), hashlib.sha256).hexdigest()
    answers = {}
    for server in (kefu, plain):
        for user in (MAYA, AISHA):
            client = Client(server).begin()
            answers[server is plain, user] = client.call(
                "POST",
                f"/api/v1/conversations/{client.conversation_id}/messages",
                json={"text": "show me all my orders"},
                headers={"X-User-Id": user, "X-User-Hash": mayas},
            )

    codes = {key: answer.status_code for key, answer in answers.items()}
    assert codes == {
        (False, MAYA): 401, (False, AISHA): 401, (True, MAYA): 200, (True, AISHA): 401,
    }  # fmt: skip
    assert "CP-200103" in answers[True, MAYA].text


def test_a_colleagues_session_is_no_customers_token(kefu: Server) -> None:
    admin = request(
        "POST",
        f"{kefu.url}/api/v1/sessions",
        json={"name": "admin", "password": kefu.vault.admin_password},
    ).json()["token"]

    assert over_api(kefu, admin)[0] == 401
    assert over_rest_metadata(kefu, admin)[0] == 401
