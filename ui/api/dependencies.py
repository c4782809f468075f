"""What routes ask for: the parts of Kefu, the caller, the signed-in colleague.

All are ``async``, also where they await nothing: FastAPI would send a plain function to a thread.
"""

from typing import Annotated

from fastapi import Depends, Header, Query, Request

from bot.bootstrap import Kefu
from bot.domain.colleague import Colleague, Role
from bot.domain.message import AgentId, Caller, ConversationId
from bot.errors import ConversationAccessError, SignInError
from bot.identity.door import Credentials
from bot.identity.sessions import read_session
from ui.api.metrics import Metrics
from ui.api.turns import Turns

_MAX_NUMBER = 2**31 - 1
_MAX_ID_CHARACTERS = 160


async def kefu_of(request: Request) -> Kefu:
    """Return the parts of the running Kefu."""
    kefu: Kefu = request.app.state.kefu
    return kefu


async def metrics_of(request: Request) -> Metrics:
    """Return this process's counters."""
    metrics: Metrics = request.app.state.metrics
    return metrics


KefuPart = Annotated[Kefu, Depends(kefu_of)]
MetricsPart = Annotated[Metrics, Depends(metrics_of)]


async def turns_of(kefu: KefuPart, metrics: MetricsPart) -> Turns:
    """Return the way to the assistant."""
    return Turns(kefu, metrics)


async def bearer(authorization: Annotated[str, Header()] = "") -> str:
    """Return the token of ``Authorization: Bearer …``; "" without one."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


TurnsPart = Annotated[Turns, Depends(turns_of)]
Bearer = Annotated[str, Depends(bearer)]
Secret = Annotated[str, Header(alias="X-Conversation-Secret")]


async def credentials(
    token: Bearer,
    user_id: Annotated[str, Header(alias="X-User-Id")] = "",
    user_hash: Annotated[str, Header(alias="X-User-Hash")] = "",
) -> Credentials:
    """Return what came with the request."""
    return Credentials(token=token, user_id=user_id, user_hash=user_hash)


CredentialsPart = Annotated[Credentials, Depends(credentials)]


async def caller(kefu: KefuPart, shown: CredentialsPart) -> Caller:
    """Return who is asking.

    Raises:
        TokenError: A token was shown and does not hold.
    """
    return kefu.door.caller_of(shown)


CallerPart = Annotated[Caller, Depends(caller)]


async def open_conversation(
    conversation_id: str, kefu: KefuPart, who: CallerPart, secret: Secret = ""
) -> ConversationId:
    """Return the conversation's id, if the caller may see it.

    Raises:
        ConversationAccessError: They may not.
    """
    if len(conversation_id) > _MAX_ID_CHARACTERS or not conversation_id.isprintable():
        raise ConversationAccessError("there is no such conversation; start a new one")
    checked = ConversationId(conversation_id)
    await kefu.conversations.check_access(checked, who, secret or None)
    return checked


OpenConversation = Annotated[ConversationId, Depends(open_conversation)]


async def signed_in(kefu: Kefu, token: str, role: Role) -> Colleague:
    """Return the colleague of a session, with their present name and roles.

    Raises:
        SignInError: Nobody is signed in, they are no colleague any more, or lack the role.
    """
    if not token:
        raise SignInError("sign in first: POST /api/v1/sessions")
    session = read_session(token, kefu.vault.session_secret)
    present = await kefu.colleagues.find(AgentId(session.colleague_id))
    if present is None:
        raise SignInError("this account is closed; ask an administrator")
    if not present.may(role):
        raise SignInError(f"this needs the role {role}; ask an administrator")
    return present


async def agent(kefu: KefuPart, token: Bearer) -> Colleague:
    """Return the signed-in agent.

    Raises:
        SignInError: They are none.
    """
    return await signed_in(kefu, token, Role.AGENT)


AgentPart = Annotated[Colleague, Depends(agent)]
After = Annotated[int, Query(ge=0, le=_MAX_NUMBER, description="Only entries above this number")]


async def seen_before(after: After = 0, last_event_id: Annotated[str, Header()] = "") -> int:
    """Return the number of the last entry that a listener has seen: ``Last-Event-ID`` wins over ``after``."""
    is_number = last_event_id.isascii() and last_event_id.isdigit()
    return min(int(last_event_id[:12]), _MAX_NUMBER) if is_number else after


Seen = Annotated[int, Depends(seen_before)]
