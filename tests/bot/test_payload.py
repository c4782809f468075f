import pytest

from bot.dialogue.payload import Payload, accepted_payload, read_payload, write_payload
from bot.domain.conversation import Conversation
from bot.domain.message import GUEST, Caller, ConversationId, Message, MessageId
from tests.fakes import SetClock

OFFERED = '/choose{"order_number": "CP-200101"}'


def a_message(text: str, caller: Caller = GUEST) -> Message:
    return Message(ConversationId("c1"), MessageId("m1"), text, "test", SetClock().now(), caller)


def test_what_is_written_is_read_again() -> None:
    assert read_payload(write_payload("choose", {"lines": "1,2"})) == Payload(
        "choose", {"lines": "1,2"}
    )
    assert read_payload(write_payload("greet")) == Payload("greet")


@pytest.mark.parametrize(
    "text",
    [
        "hello", "/", "/ greet", "/greet {", "/greet[1]", "//greet", '/x{"a":' + "[" * 3900,
        '/x{"a":' + "[" * 1900 + "]" * 1900 + "}", "/greet{'a': 1}", "greet{}", "/x{}{}",
    ],
)  # fmt: skip
def test_what_is_no_payload_is_words(text: str) -> None:
    assert read_payload(text) is None


def test_only_what_was_offered_counts_to_the_letter() -> None:
    conversation = Conversation(ConversationId("c1"), offered=frozenset({OFFERED}))

    assert accepted_payload(conversation, a_message(OFFERED)) is not None
    assert accepted_payload(conversation, a_message(OFFERED.replace("101", "601"))) is None
    assert accepted_payload(Conversation(ConversationId("c1")), a_message(OFFERED)) is None


def test_a_trusted_server_may_force_any_intent() -> None:
    message = a_message("/greet", Caller(has_api_token=True))

    assert accepted_payload(Conversation(ConversationId("c1")), message) == Payload("greet")
