"""A customer's conversations: start, write, read, follow, judge."""

from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from bot.domain.message import Message, MessageId, checked_id, checked_text
from ui.api.dependencies import (
    After,
    CallerPart,
    CredentialsPart,
    KefuPart,
    OpenConversation,
    Secret,
    Seen,
    TurnsPart,
)
from ui.api.live import HEADERS, live_entries
from ui.api.schemas import (
    ConversationStarted,
    EntryOut,
    FeedbackIn,
    MessageIn,
    ReplyOut,
    entry_out,
    part_out,
)

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])


@router.post("", status_code=201)
async def start_conversation(kefu: KefuPart, who: CallerPart) -> ConversationStarted:
    """Start a conversation. Send ``secret`` as ``X-Conversation-Secret`` until the customer signs in."""
    del who  # a bad token is refused even here
    conversation_id, secret = await kefu.conversations.start()
    return ConversationStarted(conversation_id=conversation_id, secret=secret)


@router.get("")
async def list_conversations(kefu: KefuPart, who: CallerPart) -> list[str]:
    """List the signed-in customer's own conversations, newest first; empty for guests."""
    return list(await kefu.conversations.conversations_of(who))


@router.post("/{conversation_id}/messages")
async def send_message(
    conversation_id: OpenConversation, body: MessageIn, turns: TurnsPart, who: CallerPart
) -> ReplyOut:
    """Send a message and get the reply. The same ``message_id`` again gets the same reply."""
    message = Message(
        conversation_id,
        checked_id(body.message_id) if body.message_id else MessageId(uuid4().hex),
        checked_text(body.text),
        "api",
        turns.kefu.clock.now(),
        who,
    )
    answered = await turns.take(message)
    return ReplyOut(
        message_id=message.message_id,
        parts=[part_out(part) for part in answered.reply.parts],
        is_handed_off=answered.is_handed_off,
    )


@router.get("/{conversation_id}/messages")
async def read_messages(
    conversation_id: OpenConversation, kefu: KefuPart, after: After = 0
) -> list[EntryOut]:
    """Read the conversation: messages, replies, an agent's words."""
    conversation = await kefu.conversations.get(conversation_id)
    shown = (entry_out(entry) for entry in conversation.entries if entry.number > after)
    return [entry for entry in shown if entry is not None]


@router.get("/{conversation_id}/live")
async def follow_conversation(
    conversation_id: OpenConversation,
    kefu: KefuPart,
    shown: CredentialsPart,
    seen: Seen,
    secret: Secret = "",
) -> StreamingResponse:
    """Follow the conversation as server-sent events: id = entry number, replayed from the last one seen.

    Read it with ``fetch`` and an ``Authorization`` header; it is closed when the token expires.
    """

    async def check() -> None:
        who = kefu.door.caller_of(shown)
        await kefu.conversations.check_access(conversation_id, who, secret or None)

    stream = live_entries(kefu, conversation_id, seen, check, entry_out)
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)


@router.post("/{conversation_id}/messages/{message_id}/feedback", status_code=204)
async def give_feedback(
    conversation_id: OpenConversation, message_id: str, body: FeedbackIn, kefu: KefuPart
) -> None:
    """Say whether the reply to a message helped."""
    comment = checked_text(body.comment) if body.comment.strip() else ""
    await kefu.conversations.give_feedback(
        conversation_id, checked_id(message_id), is_helpful=body.is_helpful, comment=comment
    )
