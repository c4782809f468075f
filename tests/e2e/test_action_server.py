"""Action servers in processes of their own: others' for us, and ours for a Rasa server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.actions.calls import ActionDomain
from bot.actions.registry import CHANGING_NAMES, READING_NAMES
from bot.actions.runner import LocalActionRunner
from bot.actions.server import ActionServerOptions, serve_actions
from bot.actions.server_runner import ServerActionRunner
from bot.actions.wordings import SeedWording
from bot.crm.records import ShopRecords
from bot.domain.conversation import Conversation
from bot.domain.decision import RunAction, Why
from bot.domain.entries import MessageReceived
from bot.domain.facts import ItemsListed, SlotFilled
from bot.domain.message import Caller, ConversationId, CustomerId, MessageId
from bot.domain.outcome import ActionDone, ActionFailed, ActionRejected, ActionText, ActionUnclear
from bot.domain.reply import Button, Buttons
from bot.errors import ConfigurationError
from bot.identity.tokens import make_token
from tests.fakes import SetClock
from tests.memory_crm import MemoryCrm

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECRET = "calls-only-with-this"  # noqa: S105 - a test's
CUSTOMER_SECRET = "shared-with-the-shops-server-" * 2
MAYA, AISHAS_ORDER = CustomerId("C-1001"), "CP-200601"
START_S = 60.0

THEIR_ACTIONS = '''
import time
from rasa_sdk import Action, ActionExecutionRejection
from rasa_sdk.events import SlotSet


class Weather(Action):
    def name(self):
        return "action_mountain_weather"

    async def run(self, dispatcher, tracker, domain):
        place = tracker.get_slot("place")
        user = tracker.user_id
        said = [e["text"] for e in tracker.events if e["event"] == "user"]
        known = sorted(domain["responses"])
        dispatcher.utter_message(text=f"Snow on {place} for {user} <b>{said}</b> {known}")
        dispatcher.utter_message(
            text="Again?", buttons=[{"title": "Tomorrow", "payload": '/choose{"place": "Ben Nevis"}'}]
        )
        return [
            SlotSet("place", place.upper()),
            SlotSet("user_id", "C-1002"),
            SlotSet("listed_place", ["Ben Nevis", "Snowdon"]),
        ]


class BookHut(Action):
    """A change of theirs: keeps what it did by operation id, as it should."""

    done = {}

    def name(self):
        return "action_book_hut"

    def run(self, dispatcher, tracker, domain):
        operation = tracker.latest_message["metadata"]["operation_id"]
        bed = self.done.setdefault(operation, len(self.done) + 1)
        dispatcher.utter_message(text=f"Bed {bed} is yours.")
        return []


class Slow(Action):
    def name(self):
        return "action_slow"

    def run(self, dispatcher, tracker, domain):
        time.sleep(2)
        return []


class No(Action):
    def name(self):
        return "action_no"

    async def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection("action_no", "not for you")


class Broken(Action):
    def name(self):
        return "action_broken"

    async def run(self, dispatcher, tracker, domain):
        raise RuntimeError(tracker.latest_message["text"])
'''


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def _process(command: list[str], place: Path, log_path: Path, url: str) -> Iterator[None]:
    environment = {**os.environ, "SANIC_HOST": "127.0.0.1"}
    log = log_path.open("ab")
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
        command, cwd=place, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    try:
        _wait_until_up(process, url, log_path)
        yield
    finally:
        _stop(process)
        log.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _wait_until_up(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", trust_env=False).json() == {"status": "ok"}:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"no server at {url}: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def their_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("theirs")
    (folder / "their_actions.py").write_text(THEIR_ACTIONS, "utf-8")
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "their_actions", "--port", str(port)]
    with _process(command, folder, folder / "log.txt", url):
        yield url


def _conversation(message_id: str = "m1") -> Conversation:
    entry = MessageReceived(
        number=1, at=NOW, message_id=MessageId(message_id), text="is it snowing", channel="api"
    )
    return Conversation.of(ConversationId("c1"), [entry])


def _theirs(name: str, *, reads_only: bool = True) -> RunAction:
    return RunAction(name, {"place": "Snowdon"}, reads_only, why=Why("test"))


async def _run(url: str, action: RunAction, message_id: str = "m1") -> object:
    crm = MemoryCrm(ShopRecords())
    runner = await ServerActionRunner.connect(
        url,
        LocalActionRunner([], crm, timeout_s=1),
        timeout_s=1,
        domain_of=lambda: ActionDomain(slots=("place",), responses={"greet": ("Hi",)}),
    )
    try:
        caller = Caller(MAYA, "a-token-that-stays-here")
        return await runner.run(action, _conversation(message_id), caller, MessageId(message_id))
    finally:
        await runner.close()


async def test_their_server_runs_what_it_lists(their_server: str) -> None:
    outcome = await _run(their_server, _theirs("action_mountain_weather"))

    said = "Snow on Snowdon for C-1001 <b>['is it snowing']</b> ['greet']"
    button = Button("Tomorrow", '/choose{"place": "Ben Nevis"}')
    assert outcome == ActionDone(
        "action_mountain_weather",
        (ActionText(text=said), Buttons("Again?", (button,))),
        (SlotFilled("place", "SNOWDON"), ItemsListed("place", ("Ben Nevis", "Snowdon"))),
    )


async def test_their_server_makes_a_change_once_per_message(their_server: str) -> None:
    book = _theirs("action_book_hut", reads_only=False)

    first = await _run(their_server, book)
    again = await _run(their_server, book)
    other = await _run(their_server, book, "m2")

    assert first == again == ActionDone("action_book_hut", (ActionText(text="Bed 1 is yours."),))
    assert other == ActionDone("action_book_hut", (ActionText(text="Bed 2 is yours."),))


async def test_their_server_may_refuse_break_or_sleep(their_server: str) -> None:
    refused = await _run(their_server, _theirs("action_no"))
    broken = await _run(their_server, _theirs("action_broken"))
    broken_change = await _run(their_server, _theirs("action_broken", reads_only=False))
    slow_change = await _run(their_server, _theirs("action_slow", reads_only=False))
    unlisted = await _run(their_server, _theirs("action_not_listed"))

    assert isinstance(refused, ActionRejected)
    assert broken == ActionFailed("action_broken", "HTTP 500")
    assert broken_change == ActionUnclear("action_broken", "HTTP 500")
    assert slow_change == ActionUnclear("action_slow", "ReadTimeout")
    assert isinstance(unlisted, ActionFailed)


@dataclass(frozen=True)
class OurServer:
    """Our action server, called as a Rasa server calls it."""

    url: str
    secret: str = SECRET

    def post(
        self,
        action: str,
        *,
        token: str | None = None,
        deflate: bool = False,
        **given: Any,  # noqa: ANN401 - parts of a call may be anything
    ) -> httpx.Response:
        body = json.dumps(rasa_call(action, token=token, **given)).encode()
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        if deflate:
            body, headers = zlib.compress(body), {**headers, "Content-Encoding": "deflate"}
        return self.send(body, headers)

    def send(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        return httpx.post(
            f"{self.url}/webhook", content=body, headers=headers, trust_env=False, timeout=20
        )

    def says(self, action: str, **given: Any) -> str:  # noqa: ANN401 - as above
        answer = self.post(action, **given)
        assert answer.status_code == 200, answer.text
        return "\n".join(str(said["text"]) for said in answer.json()["responses"] if said["text"])


# The body is as Rasa 3 sends it.
def rasa_call(
    action: str,
    *,
    token: str | None = None,
    slots: dict[str, Any] | None = None,
    message_id: str | None = "rasa-1",
    responses: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    **extra: Any,  # noqa: ANN401 - as above
) -> dict[str, Any]:
    sent = dict(metadata or {}, **({"customerToken": token} if token is not None else {}))
    latest: dict[str, Any] = {
        "intent": {"name": "order_status", "confidence": 0.98},
        "entities": [],
        "text": "where is my order",
        "message_id": message_id,
        "metadata": sent,
    }
    tracker = {
        "sender_id": "rasa-conversation",
        "slots": slots or {},
        "latest_message": latest,
        "latest_event_time": 1.0,
        "events": [{"event": "user", "text": "where is my order", "metadata": sent}],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": "action_listen",
        "latest_input_channel": "rest",
        **extra,
    }
    domain = {"slots": {"order_number": {"type": "text"}}, "responses": responses or {}}
    call = {"next_action": action, "sender_id": "rasa-conversation", "tracker": tracker}
    return {**call, "domain": domain, "version": "3.6.21"}


@contextmanager
def _ours(folder: Path, secret: str) -> Iterator[OurServer]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    records = f"sqlite:///{folder / 'crm.db'}"
    script = ["-m", "tests.e2e.action_server_process", records, str(port), secret, CUSTOMER_SECRET]
    with _process([sys.executable, *script], ROOT, folder / "log.txt", url):
        yield OurServer(url, secret)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurServer]:
    with _ours(tmp_path_factory.mktemp("ours"), SECRET) as server:
        yield server


def _token(customer: str = "C-1001", secret: str = CUSTOMER_SECRET, hours: int = 1) -> str:
    return make_token(CustomerId(customer), secret, NOW, timedelta(hours=hours))


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

    said = ours.says("action_order_status", token=_token(), slots=slots, deflate=deflate)

    assert "CP-200102" in said
    assert "should reach you on Sunday 22 November" in said


def test_our_server_leaves_wording_to_callers_that_have_it(ours: OurServer) -> None:
    responses = {"order_on_way": [{"text": "Theirs: {order_number}"}]}

    answer = ours.post(
        "action_order_status",
        token=_token(),
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
    claims = {"user_id": "C-1001", "customer_id": "C-1001", "customerToken": _token()}

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
        _token(secret="another-secret-" * 4),
        _token(hours=-2),
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

    read = ours.says("action_order_status", token=_token(), slots=slots)
    changed = ours.says("action_cancel_order", token=_token(), slots=slots)
    hers = ours.says("action_order_status", token=_token("C-1006"), slots=slots)

    assert read == changed
    assert f"I can't find order {AISHAS_ORDER} in your account" in read
    assert "waiting to be packed" in hers


def test_a_users_id_in_the_body_does_not_beat_the_token(ours: OurServer) -> None:
    said = ours.says(
        "action_order_status",
        token=_token(),
        slots={"order_number": AISHAS_ORDER},
        user_id="C-1006",
    )

    assert "I can't find order" in said


def test_a_change_is_made_once_per_message(ours: OurServer) -> None:
    slots = {"subject": "The zip is stuck"}

    first = ours.says("action_open_ticket", token=_token(), slots=slots)
    again = ours.says("action_open_ticket", token=_token(), slots=slots)
    later = ours.says("action_open_ticket", token=_token(), slots=slots, message_id="rasa-2")

    assert first == again
    assert first != later


def test_an_operation_id_of_another_customer_is_of_no_use(ours: OurServer) -> None:
    slots, metadata = {"order_number": "CP-200103"}, {"operation_id": "op-of-maya"}

    mayas = ours.says("action_send_invoice", token=_token(), slots=slots, metadata=metadata)
    others = ours.says(
        "action_send_invoice", token=_token("C-1006"), slots=slots, metadata=metadata
    )

    assert "maya.okafor@example.com" in mayas
    assert "I can't find order" in others


def test_a_change_that_cannot_be_told_from_another_is_refused(ours: OurServer) -> None:
    answer = ours.post(
        "action_cancel_order",
        token=_token(),
        slots={"order_number": "CP-200101"},
        message_id=None,
    )

    assert answer.status_code == 400
    assert answer.json()["action_name"] == "action_cancel_order"


def test_the_reason_of_an_earlier_rejection_is_forgotten(ours: OurServer) -> None:
    answer = ours.post(
        "action_loyalty_balance", token=_token(), slots={"rejected_reason": "already_packed"}
    ).json()

    assert [(e["name"], e["value"]) for e in answer["events"]] == [("rejected_reason", None)]


def test_an_action_that_there_is_not_is_404(ours: OurServer) -> None:
    answer = ours.post("action_make_tea", token=_token())

    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_make_tea"


def test_a_call_without_a_domain_asks_for_it(ours: OurServer) -> None:
    call = rasa_call("action_list_orders", token=_token())
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
    call = rasa_call("action_list_orders", token=_token())
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
    caller = Caller(MAYA, _token())
    packed = {"order_number": "CP-200102"}
    status = RunAction("action_order_status", why=Why("test"))
    cancel = RunAction("action_cancel_order", packed, reads_only=False, why=Why("test"))

    listed = await runner.run(status, _conversation(), caller, MessageId("m1"))
    refused = await runner.run(cancel, _conversation(), caller, MessageId("m1"))
    await runner.close()

    assert isinstance(listed, ActionDone)
    assert listed.said[0] == ActionText("several_orders", {"count": "2"})
    assert ItemsListed("order_number", ("CP-200101", "CP-200102")) in listed.facts
    assert isinstance(refused, ActionRejected)
    assert refused.reason == "already_shipped"


def test_on_loopback_it_works_without_a_secret(tmp_path: Path) -> None:
    with _ours(tmp_path, "") as server:
        assert "Trail Points" in server.says("action_loyalty_balance", token=_token())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "kefu.example"])  # noqa: S104 - refused
def test_other_addresses_need_a_secret(host: str) -> None:
    options = ActionServerOptions(SeedWording({}), CUSTOMER_SECRET, host=host)

    with pytest.raises(ConfigurationError, match="KEFU_ACTION_SECRET"):
        serve_actions([], SetClock(NOW), options)
