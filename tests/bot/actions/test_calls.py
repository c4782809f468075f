"""Calls as an action server reads them."""

from typing import Any

from rasa_sdk.interfaces import Tracker

from bot.actions.asked import read_asked
from bot.actions.calls import ActionDomain, id_of_change, local_call, server_call
from bot.domain.conversation import Conversation
from bot.domain.decision import Why
from bot.domain.entries import AgentWrote, MessageReceived, NoteWritten, TurnClosed
from bot.domain.facts import SlotEmptied, SlotFilled
from bot.domain.message import AgentId, Caller, ConversationId, CustomerId, MessageId
from bot.domain.reply import Button, Buttons, Card, Image, Reply, Source, Sources, Text
from bot.domain.trace import Trace, TraceStep
from bot.domain.understanding import Sentiment
from tests.bot.actions.counter import MESSAGE, NOW, a_talk, an_action

MAYA = Caller(CustomerId("C-1001"), "secret-token")
DOMAIN = ActionDomain(("greet",), ("order_number", "mood"), ("action_x",), {"greet": ("Hi", "Ho")})


def _long_talk() -> Conversation:
    step = TraceStep(
        (), 0.0, Sentiment(0, 1, 0), (), Why("r"), "RunAction", "ActionDone", "action_order_status"
    )
    parts = (
        Text("Here."),
        Buttons("Which?", (Button("One", "/choose"),)),
        Image("/x.png", "A tent"),
        Card("Order", (("a", "b"),)),
        Sources((Source("Returns", "/help/returns"),)),
    )
    facts = (SlotFilled("order_number", "CP-1"), SlotEmptied("order_number"))
    reply = Reply(parts, facts)
    agent = AgentId("kim")
    entries = (
        MessageReceived(number=1, at=NOW, message_id=MessageId("m0"), text="hi", channel="rest"),
        TurnClosed(
            number=2, at=NOW, message_id=MessageId("m0"), reply=reply, trace=Trace(1, (step,))
        ),
        NoteWritten(number=3, at=NOW, agent_id=agent, name="Kim", text="a difficult one"),
        AgentWrote(
            number=4, at=NOW, agent_id=agent, name="Kim", message_id=MessageId("a1"), text="Hello"
        ),
        MessageReceived(number=5, at=NOW, message_id=MESSAGE, text="now what", channel="rest"),
    )
    return Conversation.of(ConversationId("c1"), entries)


def test_a_server_reads_the_whole_conversation_but_no_notes() -> None:
    call = server_call(
        an_action("action_x", order_number="CP-1"),
        _long_talk(),
        MAYA,
        MESSAGE,
        DOMAIN,
        gives_token=False,
    )

    tracker = call["tracker"]
    kinds = [event["event"] for event in tracker["events"]]
    assert kinds == ["user", "action", *["bot"] * 5, "slot", "slot", "action", "bot", "user"]
    assert tracker["slots"] == {"order_number": "CP-1", "mood": None}
    assert tracker["latest_action_name"] == "action_order_status"
    assert tracker["latest_input_channel"] == "rest"
    assert tracker["latest_message"]["text"] == "now what"
    assert tracker["user_id"] == "C-1001"
    assert call["domain"]["responses"] == {"greet": [{"text": "Hi"}, {"text": "Ho"}]}
    assert "difficult" not in str(call)
    assert "secret-token" not in str(call)


def test_the_token_goes_only_where_it_may() -> None:
    call = server_call(an_action("action_x"), a_talk(), MAYA, MESSAGE, DOMAIN, gives_token=True)

    assert call["tracker"]["latest_message"]["metadata"]["customerToken"] == "secret-token"
    assert "secret-token" not in str(local_call(an_action("action_x"), a_talk(), MAYA, MESSAGE))


def test_only_changes_have_an_operation_id() -> None:
    read, change = an_action("action_order_status"), an_action("action_cancel_order")

    assert id_of_change(read, ConversationId("c"), MESSAGE) is None
    assert id_of_change(change, ConversationId("c"), MESSAGE)


def test_an_operation_id_is_of_conversation_message_action_and_what_it_is_about() -> None:
    def of(conversation: str, message: str, name: str, **slots: str) -> str | None:
        return id_of_change(
            an_action(name, **slots), ConversationId(conversation), MessageId(message)
        )

    same = of("c", "m", "action_cancel_order", order_number="CP-1")
    others = {
        of("d", "m", "action_cancel_order", order_number="CP-1"),
        of("c", "n", "action_cancel_order", order_number="CP-1"),
        of("c", "m", "action_send_invoice", order_number="CP-1"),
        of("c", "m", "action_cancel_order", order_number="CP-2"),
    }

    assert same == of("c", "m", "action_cancel_order", order_number="CP-1", mood="fine")
    assert same not in others
    assert len(others) == 4


def test_slots_and_sender_never_say_who_is_asking() -> None:
    state: Any = {  # a caller may send anything
        "sender_id": "C-1001",
        "slots": {"user_id": "C-1001", "customer_id": "C-1001", "lines": [1, "3"], "on": True},
        "latest_message": {"text": "hi", "metadata": {"user_id": "C-1001", "operation_id": 3}},
    }

    asked = read_asked(Tracker.from_dict(state))

    assert asked.customer_id is None
    assert asked.operation_id is None
    assert asked.lines == (1, 3)
    assert asked.slot("on") == "true"
