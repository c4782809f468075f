"""Colleagues' doors: customers' tokens there, colleagues' sessions at customers' doors, roles, forged sessions."""

import time
from collections.abc import Iterator

import httpx
import jwt
import pytest

from tests.e2e.access.conftest import PASSWORD, Sessions
from tests.e2e.access.looking import assert_hides_aisha, audit_lines
from tests.e2e.client import Client
from tests.e2e.serving import Server, request

HANDOFFS = "/api/v1/handoffs"


def doors_of_agents(conversation_id: str) -> Iterator[tuple[str, str]]:
    """Yield method and path of everything that only agents may do."""
    one = f"{HANDOFFS}/{conversation_id}"
    yield "GET", HANDOFFS
    yield "GET", one
    yield "GET", f"{one}/live"
    for what in ("claim", "messages", "notes", "give-back", "resolve"):
        yield "POST", f"{one}/{what}"


@pytest.fixture(scope="module")
def waiting(kefu: Server) -> Client:
    """Aisha, waiting for a person."""
    client = Client(kefu, kefu.token("C-1006"))
    client.say("where is my order?")
    assert client.say("I want to talk to a person").body["is_handed_off"]
    return client


def called(server: Server, conversation_id: str, token: str) -> dict[tuple[str, str], int]:
    """Call every door of agents and return its answer's code, having looked at its words."""
    codes = {}
    for method, path in doors_of_agents(conversation_id):
        body = {"text": "hello"} if method == "POST" else None
        answer = Client(server, token).call(method, path, json=body)
        assert_hides_aisha(answer.text)
        codes[method, path] = answer.status_code
    return codes


def test_a_customer_is_no_agent_not_even_for_their_own_conversation(waiting: Client) -> None:
    codes = called(waiting.server, waiting.conversation_id, waiting.token)

    assert set(codes.values()) == {401}


def test_nobody_is_no_agent(waiting: Client) -> None:
    assert set(called(waiting.server, waiting.conversation_id, "").values()) == {401}


def test_a_trainer_is_no_agent(waiting: Client, sessions: Sessions) -> None:
    assert set(called(waiting.server, waiting.conversation_id, sessions.trainer).values()) == {401}


def test_a_forged_session_is_no_agents(waiting: Client) -> None:
    vault = waiting.server.vault
    claims: dict[str, object] = {
        "sub": "admin", "name": "Administrator", "roles": ["admin"], "aud": "kefu-colleague",
        "exp": int(time.time()) + 600,
    }  # fmt: skip
    secret = vault.session_secret
    forged = {
        "the customers' secret": jwt.encode(claims, vault.customer_secret),
        "another secret": jwt.encode(claims, "x" * 64),
        "unsigned": jwt.encode(claims, None, algorithm="none"),
        "HS512": jwt.encode(claims, secret * 2, algorithm="HS512"),
        "expired": jwt.encode({**claims, "exp": 1}, secret),
        "without exp": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, secret),
        "another audience": jwt.encode({**claims, "aud": "customer"}, secret),
        "somebody unknown": jwt.encode({**claims, "sub": "root"}, secret),
        "a role that is none": jwt.encode({**claims, "roles": ["owner"]}, secret),
        "roles are text": jwt.encode({**claims, "roles": "admin"}, secret),
        "roles missing": jwt.encode({k: v for k, v in claims.items() if k != "roles"}, secret),
    }

    for why, token in forged.items():
        codes = called(waiting.server, waiting.conversation_id, token)
        assert set(codes.values()) == {401}, why


def test_roles_are_those_of_today_and_not_those_in_the_session(
    waiting: Client, sessions: Sessions
) -> None:
    claims = jwt.decode(
        sessions.trainer, waiting.server.vault.session_secret, ["HS256"], audience="kefu-colleague"
    )
    promoted = jwt.encode(
        {**claims, "roles": ["admin"]}, waiting.server.vault.session_secret, algorithm="HS256"
    )

    assert set(called(waiting.server, waiting.conversation_id, promoted).values()) == {401}


def test_an_agents_session_opens_no_customers_door(waiting: Client, sessions: Sessions) -> None:
    agent = Client(waiting.server, sessions.agent)
    agent.conversation_id = waiting.conversation_id

    assert agent.entries().status_code == 401
    assert agent.say("hello").status == 401
    assert agent.call("GET", "/api/v1/conversations").status_code == 401


def test_an_agent_reads_what_was_handed_over_and_nothing_else(
    waiting: Client, sessions: Sessions, maya: Client
) -> None:
    maya.say("where is my order?")
    agent = Client(waiting.server, sessions.agent)

    theirs = agent.call("GET", f"{HANDOFFS}/{waiting.conversation_id}")
    private = agent.call("GET", f"{HANDOFFS}/{maya.conversation_id}")
    listened = agent.call("GET", f"{HANDOFFS}/{maya.conversation_id}/live")
    noted = agent.call("POST", f"{HANDOFFS}/{maya.conversation_id}/notes", json={"text": "hm"})
    claimed = agent.call("POST", f"{HANDOFFS}/{maya.conversation_id}/claim")

    assert theirs.status_code == 200
    assert "CP-200601" in theirs.text
    assert [a.status_code for a in (private, listened, noted)] == [404, 404, 404]
    assert claimed.status_code == 409
    assert ("handoff_read", "nadia", waiting.conversation_id) in audit_lines(waiting.server)


def test_an_agent_who_has_not_claimed_a_conversation_cannot_speak_in_it(
    waiting: Client, sessions: Sessions
) -> None:
    agent = Client(waiting.server, sessions.agent)
    path = f"{HANDOFFS}/{waiting.conversation_id}"

    codes = [
        agent.call("POST", f"{path}/messages", json={"text": "hello"}).status_code,
        agent.call("POST", f"{path}/give-back").status_code,
        agent.call("POST", f"{path}/resolve").status_code,
    ]

    assert codes == [409, 409, 409]


def test_notes_between_colleagues_never_reach_the_customer(
    waiting: Client, sessions: Sessions
) -> None:
    agent = Client(waiting.server, sessions.agent)
    note = "she sounds upset, be kind"
    path = f"{HANDOFFS}/{waiting.conversation_id}/notes"

    assert agent.call("POST", path, json={"text": note}).status_code == 200

    assert note not in waiting.entries().text
    assert "The customer" not in waiting.entries().text  # nor the summary


def test_wrong_passwords_lock_a_name_and_say_nothing_about_which_part_was_wrong(
    kefu: Server, sessions: Sessions
) -> None:
    def sign_in(name: str, password: str) -> httpx.Response:
        body = {"name": name, "password": password}
        return request("POST", f"{kefu.url}/api/v1/sessions", json=body)

    wrong = [sign_in("theo", f"guess number {n}") for n in range(5)]
    unknown = sign_in("nobody", "guess number 1")
    right_but_late = sign_in("theo", PASSWORD)

    assert {answer.status_code for answer in (*wrong, unknown, right_but_late)} == {401}
    assert len({answer.text for answer in (*wrong, unknown, right_but_late)}) == 1
    assert sign_in("nadia", PASSWORD).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "admin"},
        {"name": "admin", "password": ""},
        {"name": "' OR 1=1 --", "password": "x"},
        {"name": "admin\x00", "password": "x"},
        {"name": ["admin"], "password": {"$ne": ""}},
        {"name": "admin", "password": "x" * 300},
        {"name": "admin", "password": "x", "roles": ["admin"]},
    ],
    ids=str,
)
def test_a_sign_in_of_another_shape_opens_nothing_and_repeats_no_password(
    kefu: Server, body: dict[str, object]
) -> None:
    answer = request("POST", f"{kefu.url}/api/v1/sessions", json=body)

    assert answer.status_code in {401, 422}
    assert "xxx" not in answer.text
    assert "token" not in answer.json()
