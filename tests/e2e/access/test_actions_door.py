"""``kefu actions`` called as a Rasa server, or somebody who says to be one, would call it."""

from collections.abc import Mapping

import httpx
import pytest

from bot.actions.registry import CHANGING_NAMES, READING_NAMES
from tests.e2e.access.conftest import ACTION_SECRET, ActionServer
from tests.e2e.access.forging import forged_tokens
from tests.e2e.access.looking import assert_hides_aisha, records_of_aisha
from tests.e2e.serving import AISHA, MAYA, Server, request

ALL = sorted(READING_NAMES | CHANGING_NAMES)
# Changes about no order: the token's own customer is all that they could mean.
ABOUT_THE_CALLER = {"action_newsletter", "action_delete_my_data", "action_open_ticket"}
# Every slot that says something about an order of Aisha's, or claims to be her.
SLOTS: Mapping[str, object] = {
    "order_number": "CP-200601", "lines": "1,2", "kind": "damaged", "description": "a hole",
    "return_reason": "faulty", "address": "5 Oak Street, Leeds LS1 4AB", "subject": "hello",
    "subscribed": "false", "for_flow": "cancel_order", "product": "Fellside 2",
    "customer_id": AISHA, "customer": AISHA, "user_id": AISHA, "sender_id": AISHA,
}  # fmt: skip


def called(
    server: ActionServer,
    action: object,
    *,
    token: object = None,
    secret: str = ACTION_SECRET,
    **tracker: object,
) -> httpx.Response:
    metadata = {} if token is None else {"customerToken": token}
    latest = {"text": "x", "message_id": "m1", "metadata": {"operation_id": "op", **metadata}}
    body = {
        "next_action": action,
        "sender_id": AISHA,
        "tracker": {
            "sender_id": AISHA, "user_id": AISHA, "slots": dict(SLOTS), "events": [],
            "latest_message": latest, **tracker,
        },
        "domain": {},
    }  # fmt: skip
    headers = {"X-Kefu-Action-Secret": secret} if secret else {}
    return request("POST", f"{server.url}/webhook", json=body, headers=headers)


@pytest.mark.parametrize("action", ALL)
def test_forged_ids_and_slots_identify_nobody(
    kefu: Server, actions: ActionServer, action: str
) -> None:
    before = records_of_aisha(kefu)

    answer = called(actions, action)

    assert answer.status_code == 200
    assert_hides_aisha(answer.text)
    assert records_of_aisha(kefu) == before


@pytest.mark.parametrize("action", sorted(set(ALL) - ABOUT_THE_CALLER))
def test_another_customers_token_shows_and_changes_only_their_own(
    kefu: Server, actions: ActionServer, action: str
) -> None:
    before = records_of_aisha(kefu)

    answer = called(actions, action, token=kefu.token(MAYA))

    assert answer.status_code == 200
    assert_hides_aisha(answer.text)
    assert records_of_aisha(kefu) == before


def test_the_right_token_opens_the_right_order(kefu: Server, actions: ActionServer) -> None:
    answer = called(actions, "action_order_status", token=kefu.token(AISHA))

    assert answer.status_code == 200
    assert "CP-200601" in answer.text
    assert "Snug" in answer.text


@pytest.mark.parametrize(
    ("action", "about", "reason"),
    [
        ("action_start_return", {"lines": "1,99"}, "unknown_line"),
        ("action_report_problem", {"lines": "99", "kind": "missing"}, "unknown_line"),
        ("action_report_problem", {"lines": "", "kind": "missing"}, "unknown_line"),
    ],
)
def test_lines_that_the_order_does_not_have_are_refused(
    kefu: Server, actions: ActionServer, action: str, about: dict[str, str], reason: str
) -> None:
    slots = {"order_number": "CP-200103", "return_reason": "faulty", **about}

    answer = called(actions, action, token=kefu.token(MAYA), slots=slots)

    events = {event["name"]: event["value"] for event in answer.json()["events"]}
    assert events["rejected_reason"] == reason


def test_bad_tokens_are_refused_and_logged(kefu: Server, actions: ActionServer) -> None:
    forged = forged_tokens(kefu)

    for name, token in forged.items():
        answer = called(actions, "action_order_status", token=token)
        assert answer.status_code == 401, name
        assert_hides_aisha(answer.text)

    log = actions.log_path.read_text("utf-8", "replace")
    assert log.count('"event": "token_refused"') >= len(forged)
    assert not [name for name, token in forged.items() if len(token) > 20 and token in log]


@pytest.mark.parametrize("token", ["", 0, False, [], {}, ["a"]], ids=repr)
def test_a_token_that_is_no_text_is_refused(actions: ActionServer, token: object) -> None:
    assert called(actions, "action_order_status", token=token).status_code == 401


@pytest.mark.parametrize("secret", ["", "wrong", ACTION_SECRET[:-1], ACTION_SECRET + " x", "*"])
@pytest.mark.parametrize(
    "path", ["/webhook", "/actions", "/webhook/", "/actions/", "/health/../actions"]
)
def test_without_the_secret_every_door_is_closed(
    actions: ActionServer, secret: str, path: str
) -> None:
    headers = {"X-Kefu-Action-Secret": secret} if secret else {}
    for method in ("GET", "POST"):
        answer = request(method, f"{actions.url}{path}", headers=headers)
        assert answer.status_code in {401, 404, 405}
        assert "action_order_status" not in answer.text


@pytest.mark.parametrize(
    "content",
    [
        b"", b"null", b"[]", b'"x"', b"{", b"{}", b'{"next_action": 1}', b"\xff\xfe",
        b'{"next_action": "action_order_status"}',
        b'{"next_action": "action_order_status", "tracker": []}',
        b'{"next_action": "action_order_status", "tracker": {"sender_id": 7}}',
        b'{"next_action": "action_order_status", "tracker": {"sender_id": "s", "slots": [1]}}',
        b'{"next_action": "action_order_status", "tracker": {"sender_id": "s"}, "domain": [1]}',
        b'{"next_action": "../../etc/passwd", "tracker": {"sender_id": "s"}}',
        b"[" * 100_000, b'{"tracker":' * 100_000,
    ],
    ids=lambda content: repr(content[:60]),
)  # fmt: skip
def test_a_body_that_is_no_call_is_refused_without_being_repeated(
    actions: ActionServer, content: bytes
) -> None:
    headers = {"X-Kefu-Action-Secret": ACTION_SECRET, "Content-Type": "application/json"}

    answer = request("POST", f"{actions.url}/webhook", content=content, headers=headers)

    assert answer.status_code in {200, 400, 404, 449}  # 449: a domain is wanted first
    assert "Traceback" not in answer.text
    assert_hides_aisha(answer.text)
    assert "sender" not in answer.text


def test_a_change_sent_again_by_somebody_else_is_not_the_first_ones(
    kefu: Server, actions: ActionServer
) -> None:
    """The id of a change is bound to its customer: nobody learns what came of another's."""
    mine = called(
        actions, "action_send_invoice", token=kefu.token(MAYA), slots={"order_number": "CP-200103"}
    )
    theirs = called(
        actions,
        "action_send_invoice",
        token=kefu.token("C-1002"),
        slots={"order_number": "CP-200103"},
    )

    assert "maya.okafor@example.com" in mine.text
    assert "maya" not in theirs.text
