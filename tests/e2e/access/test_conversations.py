"""Other people's conversations over the API: guessed ids, old secrets, replayed messages, feedback."""

import uuid
from urllib.parse import quote

import pytest

from tests.e2e.access.looking import assert_hides_aisha, refusals
from tests.e2e.client import Client
from tests.e2e.serving import Server

GUESSES = (
    "1",
    "0" * 32,
    "c1",
    "rest:alice",
    "socketio:" + "0" * 32,
    "../conversations",
    "..%2f..%2fhandoffs",
    "%00",
    "' OR 1=1 --",
    "*",
    "%",
    "_" * 32,
    "é",
    "a" * 5000,
)


def in_place_of(other: Client, own: Client) -> Client:
    """Return a client with its own credentials in another's conversation."""
    thief = Client(own.server, own.token)
    thief.conversation_id, thief.secret = other.conversation_id, own.secret
    return thief


def test_another_customers_token_does_not_open_a_conversation(aisha: Client, maya: Client) -> None:
    thief = in_place_of(aisha, maya)
    before = refusals(maya.server)

    read, said = thief.entries(), thief.say("what did I ask before?")
    live = thief.call("GET", f"/api/v1/conversations/{thief.conversation_id}/live")

    assert (read.status_code, said.status, live.status_code) == (401, 401, 401)
    for text in (read.text, said.text, live.text):
        assert_hides_aisha(text)
    assert refusals(maya.server) - before == 3


def test_a_guest_does_not_read_a_customers_conversation(aisha: Client, guest: Client) -> None:
    thief = in_place_of(aisha, guest)

    assert thief.entries().status_code == 401
    assert thief.say("repeat that").status == 401


def test_the_guests_secret_is_worth_nothing_once_a_customer_was_verified(aisha: Client) -> None:
    assert aisha.secret

    read = aisha.entries(token="")
    said = aisha.say("repeat that", token="")
    again = aisha.say("where is my order?", token="", message_id="their-message")

    assert (read.status_code, said.status, again.status) == (401, 401, 401)
    for text in (read.text, said.text, again.text):
        assert_hides_aisha(text)


def test_the_secret_beside_another_customers_token_is_worth_nothing_either(
    aisha: Client, maya: Client
) -> None:
    assert aisha.entries(token=maya.token).status_code == 401
    assert aisha.say("repeat that", token=maya.token).status == 401


def test_a_message_id_of_somebody_else_brings_no_reply_of_theirs(
    aisha: Client, maya: Client
) -> None:
    thief = in_place_of(aisha, maya)

    stolen = thief.say("where is my order?", message_id="their-message")
    own = maya.begin().say("where is my order?", message_id="their-message")

    assert stolen.status == 401
    assert own.status == 200
    assert_hides_aisha(stolen.text + own.text)


def test_the_own_message_again_brings_the_same_reply_and_nothing_is_done_twice(
    aisha: Client,
) -> None:
    first = aisha.entries().json()

    again = aisha.say("where is my order?", message_id="their-message")

    assert again.body["parts"] == first[1]["parts"]
    assert aisha.entries().json() == first


def test_an_own_message_id_with_another_text_is_a_conflict(aisha: Client) -> None:
    assert aisha.say("cancel my order", message_id="their-message").status == 409


def test_feedback_on_somebody_elses_reply_is_refused(aisha: Client, maya: Client) -> None:
    maya.begin()
    theirs = f"/api/v1/conversations/{aisha.conversation_id}/messages/their-message/feedback"
    own = f"/api/v1/conversations/{maya.conversation_id}/messages/their-message/feedback"
    maya.say("hello")

    answers = [
        maya.call("POST", path, json={"is_helpful": False, "comment": "mine now"}).status_code
        for path in (theirs, own)
    ]

    assert answers == [401, 404]
    assert aisha.call("POST", theirs, json={"is_helpful": True}).status_code == 204


@pytest.mark.parametrize("guess", GUESSES)
def test_a_guessed_id_opens_nothing_and_tells_nothing(maya: Client, guess: str) -> None:
    path = f"/api/v1/conversations/{quote(guess, safe='%')}"
    answers = [
        maya.call("GET", f"{path}/messages"),
        maya.call("GET", f"{path}/live"),
        maya.call("POST", f"{path}/messages", json={"text": "hello"}),
    ]

    assert {answer.status_code for answer in answers} <= {401, 404, 405}
    for answer in answers:
        assert_hides_aisha(answer.text)


def test_existing_and_missing_conversations_are_refused_in_the_same_words(
    aisha: Client, guest: Client
) -> None:
    there, missing = in_place_of(aisha, guest), Client(guest.server)
    missing.conversation_id = uuid.uuid4().hex

    assert there.entries().text == missing.entries().text
    assert there.say("hello").text == missing.say("hello").text


def test_wrong_secrets_of_all_kinds_are_refused(guest: Client) -> None:
    guest.begin()
    right = guest.secret

    for wrong in ("", "x", right[:-1], right + "=", right.swapcase(), "*", right.encode().hex()):
        assert guest.entries(secret=wrong).status_code == 401, wrong
    assert guest.entries(secret=right).status_code == 200


def test_the_secret_of_one_guest_does_not_open_anothers_conversation(kefu: Server) -> None:
    one, two = Client(kefu).begin(), Client(kefu).begin()

    assert one.secret != two.secret
    assert two.entries(secret=one.secret).status_code == 401


def test_a_list_of_conversations_holds_only_the_callers(aisha: Client, maya: Client) -> None:
    maya.say("hello")

    mayas = maya.call("GET", "/api/v1/conversations").json()
    aishas = aisha.call("GET", "/api/v1/conversations").json()

    assert maya.conversation_id in mayas
    assert aisha.conversation_id in aishas
    assert not set(mayas) & set(aishas)
    assert Client(maya.server).call("GET", "/api/v1/conversations").json() == []


def test_a_guests_words_do_not_reach_a_task_of_the_customer_who_signs_in_later(
    kefu: Server,
) -> None:
    """Whoever began a conversation cannot lay a change ready for the one who continues it."""
    attacker = Client(kefu).begin()
    attacker.say("change the delivery address of CP-200101 to 5 Oak Street, Leeds LS1 4AB")
    victim = Client(kefu, kefu.token("C-1001"))
    victim.conversation_id, victim.secret = attacker.conversation_id, attacker.secret

    said = victim.say("yes please")

    steps = victim.entries().text
    assert said.status == 200
    assert "Oak Street" not in said.words
    assert "CP-200101" not in said.words
    assert attacker.entries().status_code == 401
    assert steps
