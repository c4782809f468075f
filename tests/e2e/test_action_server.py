"""Our action server in a process of its own, for a Rasa server."""

import json
import zlib
from collections.abc import Iterator

import httpx
import pytest

from bot.actions.calls import ActionDomain
from bot.actions.registry import CHANGING_NAMES, READING_NAMES
from bot.actions.runner import LocalActionRunner
from bot.actions.server_runner import ServerActionRunner
from bot.crm.records import ShopRecords
from bot.domain.decision import RunAction, Why
from bot.domain.facts import ItemsListed
from bot.domain.message import Caller, MessageId
from bot.domain.outcome import ActionDone, ActionRejected, ActionText
from tests.e2e.action_caller import (
    AISHAS_ORDER,
    MAYA,
    SECRET,
    OurServer,
    a_conversation,
    a_token,
    our_server,
    rasa_call,
)
from tests.memory_crm import MemoryCrm


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurServer]:
    with our_server(tmp_path_factory.mktemp("ours"), SECRET) as server:
        yield server


def test_our_server_lists_all_actions(ours: OurServer) -> None:
    listed = httpx.get(
        f"{ours.url}/actions", headers={"X-Kefu-Action-Secret": SECRET}, trust_env=False
    )

    assert {item["name"] for item in listed.json()} == READING_NAMES | CHANGING_NAMES


@pytest.mark.parametrize("deflate", [False, True])
def test_our_server_answers_a_customer_in_the_seeds_words(
    ours: OurServer, *, deflate: bool
) -> None:
    slots = {"order_number": "CP-200102"}

    said = ours.says("action_order_status", token=a_token(), slots=slots, deflate=deflate)

    assert "CP-200102" in said
    assert "should reach you on Sunday 22 November" in said


def test_our_server_leaves_wording_to_callers_that_have_it(ours: OurServer) -> None:
    responses = {"order_on_way": [{"text": "Theirs: {order_number}"}]}

    answer = ours.post(
        "action_order_status",
        token=a_token(),
        slots={"order_number": "CP-200102"},
        responses=responses,
    ).json()

    said = answer["responses"][0]
    assert (said["response"], said["text"], said["order_number"]) == (
        "order_on_way",
        None,
        "CP-200102",
    )


def test_our_server_knows_guests(ours: OurServer) -> None:
    claims = {"user_id": "C-1001", "customer_id": "C-1001", "customerToken": a_token()}

    answer = ours.post("action_list_orders", slots=claims, user_id="C-1001").json()

    assert "sign in" in answer["responses"][0]["text"]
    assert answer["events"] == [
        {"event": "slot", "timestamp": None, "name": "rejected_reason", "value": "not_signed_in"}
    ]
    assert "the Cairn Fellside 2 tent is £259.00" in ours.says(
        "action_product_price", slots={"product": "Cairn Fellside 2 tent"}
    )


@pytest.mark.parametrize(
    "token",
    [
        a_token(secret="another-secret-" * 4),
        a_token(hours=-2),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJDLTEwMDEiLCJleHAiOjk5OTk5OTk5OTl9.",
        "nonsense",
        "",
    ],
    ids=["forged", "expired", "unsigned", "nonsense", "empty"],
)
def test_a_token_that_does_not_hold_is_refused(ours: OurServer, token: str) -> None:
    answer = ours.post("action_list_orders", token=token)

    assert answer.status_code == 401
    assert answer.json() == {"error": "the customer's token does not hold"}


def test_anothers_order_is_unknown(ours: OurServer) -> None:
    slots = {"order_number": AISHAS_ORDER}

    read = ours.says("action_order_status", token=a_token(), slots=slots)
    changed = ours.says("action_cancel_order", token=a_token(), slots=slots)
    hers = ours.says("action_order_status", token=a_token("C-1006"), slots=slots)

    assert read == changed
    assert f"I can't find order {AISHAS_ORDER} in your account" in read
    assert "waiting to be packed" in hers


def test_a_users_id_in_the_body_does_not_beat_thea_token(ours: OurServer) -> None:
    said = ours.says(
        "action_order_status",
        token=a_token(),
        slots={"order_number": AISHAS_ORDER},
        user_id="C-1006",
    )

    assert "I can't find order" in said


def test_a_change_is_made_once_per_message(ours: OurServer) -> None:
    slots = {"subject": "The zip is stuck"}

    first = ours.says("action_open_ticket", token=a_token(), slots=slots)
    again = ours.says("action_open_ticket", token=a_token(), slots=slots)
    later = ours.says("action_open_ticket", token=a_token(), slots=slots, message_id="rasa-2")

    assert first == again
    assert first != later


def test_an_operation_id_of_another_customer_is_of_no_use(ours: OurServer) -> None:
    slots, metadata = {"order_number": "CP-200103"}, {"operation_id": "op-of-maya"}

    mayas = ours.says("action_send_invoice", token=a_token(), slots=slots, metadata=metadata)
    others = ours.says(
        "action_send_invoice", token=a_token("C-1006"), slots=slots, metadata=metadata
    )

    assert "maya.okafor@example.com" in mayas
    assert "I can't find order" in others


def test_a_change_that_cannot_be_told_from_another_is_refused(ours: OurServer) -> None:
    answer = ours.post(
        "action_cancel_order",
        token=a_token(),
        slots={"order_number": "CP-200101"},
        message_id=None,
    )

    assert answer.status_code == 400
    assert answer.json()["action_name"] == "action_cancel_order"


def test_the_reason_of_an_earlier_rejection_is_forgotten(ours: OurServer) -> None:
    answer = ours.post(
        "action_loyalty_balance", token=a_token(), slots={"rejected_reason": "already_packed"}
    ).json()

    assert [(e["name"], e["value"]) for e in answer["events"]] == [("rejected_reason", None)]


def test_an_action_that_there_is_not_is_404(ours: OurServer) -> None:
    answer = ours.post("action_make_tea", token=a_token())

    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_make_tea"


def test_a_call_without_a_domain_asks_for_it(ours: OurServer) -> None:
    call = rasa_call("action_list_orders", token=a_token())
    del call["domain"]
    headers = {"Authorization": f"Bearer {SECRET}"}

    answer = ours.send(json.dumps({**call, "domain_digest": "unknown"}).encode(), headers)

    assert answer.status_code == 449


@pytest.mark.parametrize(
    ("body", "deflated", "status"),
    [
        (b"", False, 400),
        (b"{", False, 400),
        (b"[]", False, 400),
        (b"{}", False, 400),
        (b'{"next_action": "action_list_orders"}', False, 400),
        (b'{"tracker": {"sender_id": "x"}, "domain": {}}', False, 400),
        (b"\xff\xfe", False, 400),
        (b'{"next_action": "a", "tracker": {"sender_id": "x"}, "domain": "odd"}', False, 400),
        (b"not deflated", True, 400),
        (zlib.compress(b"{}")[:-3], True, 413),
        (zlib.compress(b" " * 6_000_000), True, 413),
    ],
)
def test_bodies_that_are_no_calls_are_refused(
    ours: OurServer, body: bytes, *, deflated: bool, status: int
) -> None:
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
    if deflated:
        headers["Content-Encoding"] = "deflate"

    answer = ours.send(body, headers)

    assert answer.status_code == status


def test_an_error_does_not_echo_what_was_asked(ours: OurServer) -> None:
    call = rasa_call("action_list_orders", token=a_token())
    call["version"] = {"odd": "customer text"}

    answer = ours.send(json.dumps(call).encode(), {"Authorization": f"Bearer {SECRET}"})

    assert answer.status_code == 500
    assert answer.json() == {"error": "the action failed"}


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"X-Kefu-Action-Secret": "é"}]
)
@pytest.mark.parametrize("path", ["/actions", "/webhook", "/nowhere"])
def test_without_the_secret_only_health_is_told(
    ours: OurServer, headers: dict[str, str], path: str
) -> None:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]

    answer = httpx.request(
        "GET" if path == "/actions" else "POST", ours.url + path, headers=encoded, trust_env=False
    )

    assert answer.status_code == 401
    assert httpx.get(f"{ours.url}/health", trust_env=False).status_code == 200


def test_no_page_of_another_origin_may_read_it(ours: OurServer) -> None:
    headers = {"Origin": "https://evil.example", "Authorization": f"Bearer {SECRET}"}

    answer = httpx.get(f"{ours.url}/actions", headers=headers, trust_env=False)

    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_our_own_runner_may_use_our_own_server(ours: OurServer) -> None:
    runner = await ServerActionRunner.connect(
        ours.url,
        LocalActionRunner([], MemoryCrm(ShopRecords()), timeout_s=1),
        timeout_s=5,
        passes_token=True,
        secret=SECRET,
        domain_of=lambda: ActionDomain(
            slots=("order_number",), responses={"several_orders": ("Which?",)}
        ),
    )
    caller = Caller(MAYA, a_token())
    packed = {"order_number": "CP-200102"}
    status = RunAction("action_order_status", why=Why("test"))
    cancel = RunAction("action_cancel_order", packed, reads_only=False, why=Why("test"))

    listed = await runner.run(status, a_conversation(), caller, MessageId("m1"))
    refused = await runner.run(cancel, a_conversation(), caller, MessageId("m1"))
    await runner.close()

    assert isinstance(listed, ActionDone)
    assert listed.said[0] == ActionText("several_orders", {"count": "2"})
    assert ItemsListed("order_number", ("CP-200101", "CP-200102")) in listed.facts
    assert isinstance(refused, ActionRejected)
    assert refused.reason == "already_shipped"
