"""Rasa's REST channel, tracker and parse: guessed senders, missing tokens, tricks with the API token."""

from collections.abc import Mapping

import httpx
import pytest

from tests.e2e.access.conftest import API_TOKEN
from tests.e2e.access.looking import assert_hides_aisha, refusals
from tests.e2e.client import Client
from tests.e2e.serving import AISHA, MAYA, Server, request


def send(
    server: Server, sender: object, message: str, customer: str = "", message_id: str = ""
) -> httpx.Response:
    metadata = {"customerToken": server.token(customer)} if customer else {}
    if message_id:
        metadata["messageId"] = message_id
    return request(
        "POST",
        f"{server.url}/webhooks/rest/webhook",
        json={"sender": sender, "message": message, "metadata": metadata},
    )


@pytest.fixture(scope="module")
def bound(kefu: Server) -> str:
    """A sender in whose conversation Aisha was verified."""
    answer = send(kefu, "the-sender", "where is my order?", AISHA, "their-message")
    assert "CP-200601" in answer.text
    return "the-sender"


def test_a_guessed_sender_of_a_customer_opens_nothing(kefu: Server, bound: str) -> None:
    before = refusals(kefu)

    answers = [
        send(kefu, bound, "repeat that"),
        send(kefu, bound, "repeat that", MAYA),
        send(kefu, bound, "where is my order?", message_id="their-message"),
        send(kefu, bound, "where is my order?", MAYA, "their-message"),
    ]

    assert [answer.status_code for answer in answers] == [401] * 4
    for answer in answers:
        assert_hides_aisha(answer.text)
    assert refusals(kefu) - before == 4


@pytest.mark.parametrize("disguise", ["rest:the-sender", "rest:rest:the-sender", "The-Sender",
    " the-sender", "the-sender ", "the-sender\u200b", "../the-sender", "the%2Dsender",
    "ｔhe-sender"])  # fmt: skip
def test_a_sender_in_disguise_is_another_conversation(
    kefu: Server, bound: str, disguise: str
) -> None:
    answer = send(kefu, disguise, "what did I ask before?", MAYA)

    assert answer.status_code in {200, 422}
    assert_hides_aisha(answer.text)
    assert "CP-2006" not in answer.text


def test_a_sender_named_like_a_conversation_of_the_api_reaches_it_not(
    kefu: Server, aisha: Client, guest: Client
) -> None:
    guest.say("my word is rhododendron")
    for name in (aisha.conversation_id, guest.conversation_id):
        answer = send(kefu, name, "repeat that")
        assert answer.status_code == 200
        assert_hides_aisha(answer.text)

    assert len(guest.entries().json()) == 2


def test_the_api_does_not_reach_a_conversation_of_the_rest_channel(kefu: Server) -> None:
    send(kefu, "a-guest-of-rest", "hello")
    client = Client(kefu, kefu.token(MAYA))

    for name in ("rest:a-guest-of-rest", "rest%3Aa-guest-of-rest", "a-guest-of-rest"):
        client.conversation_id = name
        assert client.entries().status_code == 401
        assert client.say("hello").status == 401


@pytest.mark.parametrize(
    "sender", [True, -1, 10**40, 1.5, ["a"], {"a": 1}, "x" * 101, "a\nb", "\u202e", "a\x00"]
)
def test_senders_that_are_no_names_are_refused_in_words(kefu: Server, sender: object) -> None:
    answer = send(kefu, sender, "hello")

    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"customer_id": AISHA},
        {"user_id": AISHA},
        {"user_id": AISHA, "user_hash": ""},
        {"customerToken": ""},
        {"customerToken": None},
        {"customer": {"customerToken": "x"}},
        {"sub": AISHA, "roles": ["admin"]},
    ],
    ids=str,
)
def test_metadata_without_a_token_is_a_guests(kefu: Server, metadata: Mapping[str, object]) -> None:
    answer = request(
        "POST",
        f"{kefu.url}/webhooks/rest/webhook",
        json={"message": "where is my order?", "metadata": metadata},
    )

    assert answer.status_code == 200
    assert_hides_aisha(answer.text)
    assert "CP-" not in answer.text


@pytest.mark.parametrize("token", [1, True, ["a"], {"a": "b"}, "é"], ids=repr)
def test_a_token_that_is_no_text_is_refused(kefu: Server, token: object) -> None:
    body = {"message": "hello", "metadata": {"customerToken": token}}

    answer = request("POST", f"{kefu.url}/webhooks/rest/webhook", json=body)

    assert answer.status_code == 401


def test_the_tracker_is_closed_without_the_api_token(
    kefu: Server, plain: Server, aisha: Client, bound: str
) -> None:
    for name in (aisha.conversation_id, bound, f"rest:{bound}", "nobody"):
        path = f"/conversations/{name}/tracker"
        none, wrong = aisha.call("GET", path, token=""), aisha.call("GET", f"{path}?token=wrong")
        customers = aisha.call("GET", path)
        hidden = request("GET", f"{plain.url}{path}", params={"token": ""})
        guessed = request("GET", f"{plain.url}{path}?token={API_TOKEN}")

        codes = [one.status_code for one in (none, wrong, customers, hidden, guessed)]
        assert codes == [401, 401, 401, 404, 404]
        for answer in (none, wrong, customers, hidden, guessed):
            assert_hides_aisha(answer.text)
            assert "events" not in answer.text


def test_the_tracker_opens_with_the_api_token(kefu: Server, bound: str) -> None:
    path = f"{kefu.url}/conversations/{bound}/tracker"
    by_header = request("GET", path, headers={"Authorization": f"Bearer {API_TOKEN}"})
    by_query = request("GET", path, params={"token": API_TOKEN})

    assert by_header.json() == by_query.json()
    assert "CP-200601" in by_header.text
    assert "eyJ" not in by_header.text  # no token of a customer


def test_the_api_token_is_no_customers_token_and_no_colleagues(kefu: Server) -> None:
    client = Client(kefu, API_TOKEN)

    assert client.call("GET", "/api/v1/conversations").status_code == 401
    assert client.call("GET", "/api/v1/handoffs").status_code == 401
    bearer = client.call("POST", "/webhooks/rest/webhook", json={"message": "where is my order"})
    assert bearer.status_code == 200
    assert "CP-" not in bearer.text


def test_parsing_tells_what_words_mean_and_nothing_of_records(kefu: Server) -> None:
    answer = request(
        "POST",
        f"{kefu.url}/model/parse",
        json={"text": "where is order CP-200601 of Aisha"},
    )

    assert answer.status_code == 200
    assert "Snug" not in answer.text
    assert "example.com" not in answer.text
