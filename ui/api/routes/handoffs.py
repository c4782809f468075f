"""Agents: sign in, list handoffs, claim, read, write, give back, resolve."""

from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from bot.domain.colleague import Role
from bot.domain.message import AgentId, ConversationId, MessageId, checked_id, checked_text
from bot.identity.sessions import make_session
from ui.api.dependencies import AgentPart, Bearer, KefuPart, Seen, signed_in
from ui.api.live import HEADERS, live_entries
from ui.api.schemas import (
    AgentEntryOut,
    AgentMessageIn,
    HandoffOut,
    NoteIn,
    SessionOut,
    SignInBody,
    agent_entry_out,
)

router = APIRouter(prefix="/api/v1", tags=["agents"])


@router.post("/sessions", status_code=201)
async def sign_in(body: SignInBody, kefu: KefuPart) -> SessionOut:
    """Sign a colleague in; send the token as ``Authorization: Bearer``."""
    colleague = await kefu.colleagues.sign_in(AgentId(body.name), body.password)
    await kefu.audit.note("signed_in", who=colleague.colleague_id)
    token = make_session(colleague, kefu.vault.session_secret, kefu.clock.now())
    return SessionOut(token=token, name=colleague.name, roles=sorted(colleague.roles))


@router.get("/handoffs")
async def list_handoffs(kefu: KefuPart, agent: AgentPart) -> list[HandoffOut]:
    """List the conversations that wait for an agent or are with one, longest waiting first."""
    del agent
    return [HandoffOut.of(line) for line in await kefu.handoffs.waiting()]


@router.get("/handoffs/{conversation_id}")
async def read_handoff(
    conversation_id: str, kefu: KefuPart, agent: AgentPart
) -> list[AgentEntryOut]:
    """Read a conversation that was handed over."""
    conversation = await kefu.handoffs.read(ConversationId(conversation_id))
    await kefu.audit.note("handoff_read", who=agent.colleague_id, detail=conversation_id)
    return [agent_entry_out(entry) for entry in conversation.entries]


@router.post("/handoffs/{conversation_id}/claim")
async def claim_handoff(conversation_id: str, kefu: KefuPart, agent: AgentPart) -> AgentEntryOut:
    """Take a waiting conversation."""
    joined = await kefu.handoffs.claim(
        ConversationId(conversation_id), agent.colleague_id, agent.name
    )
    return agent_entry_out(joined)


@router.post("/handoffs/{conversation_id}/messages")
async def write_message(
    conversation_id: str, body: AgentMessageIn, kefu: KefuPart, agent: AgentPart
) -> AgentEntryOut:
    """Say something to the customer."""
    wrote = await kefu.handoffs.write(
        ConversationId(conversation_id),
        agent.colleague_id,
        agent.name,
        text=checked_text(body.text),
        message_id=checked_id(body.message_id) if body.message_id else MessageId(uuid4().hex),
    )
    return agent_entry_out(wrote)


@router.post("/handoffs/{conversation_id}/notes")
async def write_note(
    conversation_id: str, body: NoteIn, kefu: KefuPart, agent: AgentPart
) -> AgentEntryOut:
    """Write a note that only colleagues see."""
    await kefu.handoffs.read(ConversationId(conversation_id))
    note = await kefu.handoffs.note(
        ConversationId(conversation_id), agent.colleague_id, agent.name, checked_text(body.text)
    )
    return agent_entry_out(note)


@router.post("/handoffs/{conversation_id}/give-back")
async def give_back(conversation_id: str, kefu: KefuPart, agent: AgentPart) -> AgentEntryOut:
    """Let the assistant answer again."""
    given = await kefu.handoffs.give_back(ConversationId(conversation_id), agent.colleague_id)
    return agent_entry_out(given)


@router.post("/handoffs/{conversation_id}/resolve")
async def resolve(conversation_id: str, kefu: KefuPart, agent: AgentPart) -> AgentEntryOut:
    """Settle the matter; the customer's next message opens the conversation afresh."""
    resolved = await kefu.handoffs.resolve(ConversationId(conversation_id), agent.colleague_id)
    return agent_entry_out(resolved)


@router.get("/handoffs/{conversation_id}/live")
async def follow_handoff(
    conversation_id: str,
    kefu: KefuPart,
    agent: AgentPart,
    token: Bearer,
    seen: Seen,
) -> StreamingResponse:
    """Follow a conversation that was handed over, as server-sent events."""
    del agent
    conversation = await kefu.handoffs.read(ConversationId(conversation_id))

    async def check() -> None:
        await signed_in(kefu, token, Role.AGENT)

    stream = live_entries(kefu, conversation.conversation_id, seen, check, agent_entry_out)
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)
