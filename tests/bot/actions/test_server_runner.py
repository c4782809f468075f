"""What a foreign action server may answer, and what becomes of it."""

import json
import subprocess
import sys
import zlib
from collections.abc import Callable

import httpx
import pytest

from bot.actions.calls import ActionDomain
from bot.actions.runner import LocalActionRunner
from bot.actions.server_runner import ServerActionRunner
from bot.domain.decision import RunAction, Why
from bot.domain.facts import SlotFilled
from bot.domain.message import Caller, CustomerId
from bot.domain.outcome import (
    ActionDone,
    ActionFailed,
    ActionRejected,
    ActionText,
    ActionUnclear,
    Outcome,
)
from tests.bot.actions.counter import MESSAGE, Counter, a_talk, in_words

THEIRS = RunAction("action_theirs", {"size": "4"}, reads_only=True, why=Why("t"))
THEIR_CHANGE = RunAction("action_theirs", {"size": "4"}, reads_only=False, why=Why("t"))
MAYA = Caller(CustomerId("C-1001"), "secret-token")
DOMAIN = ActionDomain(("greet",), ("size",), ("action_theirs",), {"greet": ("Hi",)})
SECRET = "hush"  # noqa: S105 - a test's
FINE = {"events": [], "responses": [{"text": "Fine."}]}

Answering = Callable[[httpx.Request], httpx.Response]


class Server:
    """A server that answers as a test says, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.calls: list[httpx.Request] = []
        self.is_up = True
        self.lists = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/actions":
            self.lists += 1
            if not self.is_up:
                raise httpx.ConnectError("refused")
            return httpx.Response(200, json=[{"name": "action_theirs"}])
        self.calls.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json=FINE)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def bodies(self) -> list[dict[str, object]]:
        return [json.loads(call.content) for call in self.calls]


def _runner(
    server: Server, *, passes_token: bool = False, secret: str = "", deflates: bool = False
) -> ServerActionRunner:
    return ServerActionRunner(
        "http://actions.example/webhook",
        Counter().runner,
        timeout_s=1,
        passes_token=passes_token,
        domain_of=lambda: DOMAIN,
        secret=secret,
        deflates=deflates,
        transport=httpx.MockTransport(server),
    )


async def _run(server: Server, action: RunAction = THEIRS) -> Outcome:
    return await _runner(server).run(action, a_talk(), MAYA, MESSAGE)


async def test_names_that_the_server_lists_go_there_and_others_stay() -> None:
    server = Server()
    runner = _runner(server)

    theirs = await runner.run(THEIRS, a_talk(), MAYA, MESSAGE)
    ours = RunAction("action_loyalty_balance", why=Why("t"))
    mine = await runner.run(ours, a_talk(), MAYA, MESSAGE)

    assert theirs == ActionDone("action_theirs", (ActionText(text="Fine."),))
    assert "Trail Points" in in_words(mine)
    assert len(server.calls) == 1
    assert server.lists == 1


async def test_slots_of_the_flow_come_back_and_others_do_not() -> None:
    events = [
        {"event": "slot", "name": name, "value": "5"} for name in ("size", "user_id", "colour")
    ]
    server = Server(httpx.Response(200, json={"events": events, "responses": []}))

    assert await _run(server) == ActionDone("action_theirs", (), (SlotFilled("size", "5"),))


async def test_the_token_is_given_only_where_a_setting_says_so() -> None:
    kept, given = Server(), Server()

    await _runner(kept).run(THEIRS, a_talk(), MAYA, MESSAGE)
    await _runner(given, passes_token=True).run(THEIRS, a_talk(), MAYA, MESSAGE)

    assert b"secret-token" not in kept.calls[0].content
    assert b"secret-token" in given.calls[0].content


async def test_the_secret_is_sent_in_a_header() -> None:
    server = Server()

    await _runner(server, secret=SECRET).run(THEIRS, a_talk(), MAYA, MESSAGE)

    assert server.calls[0].headers["x-kefu-action-secret"] == SECRET


async def test_bodies_may_be_deflated() -> None:
    server = Server()

    await _runner(server, deflates=True).run(THEIRS, a_talk(), MAYA, MESSAGE)

    assert server.calls[0].headers["content-encoding"] == "deflate"
    assert json.loads(zlib.decompress(server.calls[0].content))["next_action"] == "action_theirs"


async def test_the_domain_is_sent_once_and_again_when_it_is_asked_for() -> None:
    fine = httpx.Response(200, json=FINE)
    server = Server(fine, fine, httpx.Response(449, json={}), fine)
    runner = _runner(server)

    outcomes = [await runner.run(THEIRS, a_talk(), MAYA, MESSAGE) for _ in range(3)]

    assert all(isinstance(outcome, ActionDone) for outcome in outcomes)
    assert ["domain" in body for body in server.bodies()] == [True, False, False, True]


@pytest.mark.parametrize(
    ("answer", "read", "change"),
    [
        (httpx.Response(400, json={"error": "no"}), ActionRejected, ActionRejected),
        (httpx.Response(404, json={}), ActionFailed, ActionFailed),
        (httpx.Response(401, json={}), ActionFailed, ActionFailed),
        (httpx.Response(302, headers={"location": "http://x.example"}), ActionFailed, ActionFailed),
        (httpx.Response(449, json={}), ActionFailed, ActionFailed),
        (httpx.Response(500, text="boom"), ActionFailed, ActionUnclear),
        (httpx.Response(200, text="no json"), ActionFailed, ActionUnclear),
        (httpx.Response(200, json=["odd"]), ActionFailed, ActionUnclear),
        (httpx.Response(200, content=b"x" * 1_000_001), ActionFailed, ActionUnclear),
        (httpx.ReadTimeout("slow"), ActionFailed, ActionUnclear),
        (httpx.RemoteProtocolError("cut off"), ActionFailed, ActionUnclear),
        (httpx.ConnectError("refused"), ActionFailed, ActionFailed),
        (httpx.ConnectTimeout("refused"), ActionFailed, ActionFailed),
    ],
)
async def test_whatever_goes_wrong_there_is_an_outcome_here(
    answer: httpx.Response | Exception, read: type[Outcome], change: type[Outcome]
) -> None:
    assert isinstance(await _run(Server(answer, answer)), read)
    assert isinstance(await _run(Server(answer, answer), THEIR_CHANGE), change)


async def test_a_read_is_tried_twice_and_a_change_that_may_have_arrived_once() -> None:
    slow = httpx.ReadTimeout("slow")
    reading, changing, failing = Server(slow), Server(slow), Server(httpx.Response(500))

    assert isinstance(await _run(reading), ActionDone)
    assert isinstance(await _run(failing), ActionDone)
    assert isinstance(await _run(changing, THEIR_CHANGE), ActionUnclear)
    assert len(changing.calls) == 1


async def test_a_change_carries_the_same_operation_id_on_every_try() -> None:
    server = Server(httpx.ConnectError("refused"))

    await _run(server, THEIR_CHANGE)

    ids = [
        b["tracker"]["latest_message"]["metadata"]["operation_id"] for b in map(_json, server.calls)
    ]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def _json(request: httpx.Request) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    body: dict[str, dict[str, dict[str, dict[str, str]]]] = json.loads(request.content)
    return body


async def test_while_nobody_knows_whose_an_action_is_it_fails() -> None:
    server = Server()
    server.is_up = False
    counter = Counter()
    runner = await _connected(server, counter.runner)

    outcome = await runner.run(
        RunAction("action_list_orders", why=Why("t")), a_talk(), MAYA, MESSAGE
    )

    assert isinstance(outcome, ActionFailed)
    assert server.lists == 1


async def _connected(server: Server, local: LocalActionRunner) -> ServerActionRunner:
    runner = ServerActionRunner(
        "http://actions.example",
        local,
        timeout_s=1,
        stale_after_s=0,
        transport=httpx.MockTransport(server),
    )
    await runner.names()
    return runner


async def test_a_server_that_goes_down_keeps_its_names_and_they_fail() -> None:
    server = Server()
    runner = await _connected(server, Counter().runner)
    server.is_up = False
    server.answers = [httpx.ConnectError("refused")] * 2

    outcome = await runner.run(THEIRS, a_talk(), MAYA, MESSAGE)

    assert isinstance(outcome, ActionFailed)
    assert server.lists == 2


async def test_no_server_at_all_is_found_out_at_the_start() -> None:
    runner = await ServerActionRunner.connect("http://127.0.0.1:9", Counter().runner, timeout_s=1)

    assert await runner.names() is None
    await runner.close()


def test_serving_loads_neither_the_endpoint_nor_grpc() -> None:
    code = (
        "import sys, bot.actions.registry, bot.actions.runner, bot.actions.server_runner; "
        "print({'rasa_sdk.endpoint', 'grpc', 'opentelemetry'} & set(sys.modules))"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "set()"
