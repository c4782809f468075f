"""Runs the actions that a rasa-sdk action server lists; all others go to this process."""

import json
import logging
import time
import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, Self

import httpx

from bot.actions.bridge import Allowed, Json, read_outcome
from bot.actions.calls import ActionDomain, server_call
from bot.actions.runner import LocalActionRunner, refusal
from bot.domain.conversation import Conversation
from bot.domain.decision import RunAction
from bot.domain.message import Caller, MessageId
from bot.domain.outcome import ActionFailed, ActionUnclear, Outcome
from bot.logs import log_event

STALE_AFTER_S: Final = 60.0
RETRY_LIST_AFTER_S: Final = 5.0
_LIST_TIMEOUT_S: Final = 2.0
_MAX_ANSWER_BYTES: Final = 1_000_000
_SEND_WHOLE: Final = 449

logger = logging.getLogger(__name__)


def no_domain() -> ActionDomain:
    """Tell a server nothing about the assistant."""
    return ActionDomain()


class ServerActionRunner:
    """An ``ActionRunner`` that asks a rasa-sdk action server for the names it lists.

    The list is read at the start and again when it is a minute old; while the server is down the last list counts.
    As long as there has never been one, nobody knows whose an action is, so every action fails: doing it here could
    change the wrong records.
    """

    def __init__(  # noqa: PLR0913 - all but two have a default
        self,
        url: str,
        local: LocalActionRunner,
        *,
        timeout_s: float,
        passes_token: bool = False,
        domain_of: Callable[[], ActionDomain] = no_domain,
        secret: str = "",
        deflates: bool = False,
        stale_after_s: float = STALE_AFTER_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Describe a server; ``connect`` also asks what it can do.

        Args:
            url: Its base, such as ``http://127.0.0.1:5055``; a ``/webhook`` at the end is taken off.
            local: Runs everything that the server does not list.
            timeout_s: How long one try may take.
            passes_token: Give the customer's token to the server.
            domain_of: Tells what the assistant is now.
            secret: Sent as ``X-Kefu-Action-Secret``; "" for none.
            deflates: Send compressed bodies.
            stale_after_s: After which the list of names is read again.
            transport: Instead of the network.
        """
        base = url.rstrip("/").removesuffix("/webhook")
        headers = {"X-Kefu-Action-Secret": secret} if secret else {}
        self._client = httpx.AsyncClient(
            base_url=base, timeout=timeout_s, headers=headers, transport=transport, trust_env=False
        )
        self._local = local
        self._passes_token = passes_token
        self._domain_of = domain_of
        self._deflates = deflates
        self._stale_after_s = stale_after_s
        self._names: frozenset[str] | None = None
        self._list_again_at = 0.0
        self._known_digest = ""

    @classmethod
    async def connect(
        cls,
        url: str,
        local: LocalActionRunner,
        *,
        timeout_s: float,
        passes_token: bool = False,
        domain_of: Callable[[], ActionDomain] = no_domain,
        secret: str = "",
    ) -> Self:
        """Make a runner and ask the server for its names; a server that is down is asked again later."""
        runner = cls(
            url,
            local,
            timeout_s=timeout_s,
            passes_token=passes_token,
            domain_of=domain_of,
            secret=secret,
        )
        await runner.names()
        return runner

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def names(self) -> frozenset[str] | None:
        """Return the names that the server lists, asking anew when the list is old; None while never known."""
        now = time.monotonic()
        if now < self._list_again_at:
            return self._names
        self._list_again_at = now + RETRY_LIST_AFTER_S
        try:
            answer = await self._client.get("/actions", timeout=_LIST_TIMEOUT_S)
            answer.raise_for_status()
            self._names = frozenset(str(item["name"]) for item in answer.json())
        except (httpx.HTTPError, ValueError, TypeError, KeyError) as problem:
            log_event(logger, "actions_not_listed", logging.WARNING, error=type(problem).__name__)
            return self._names
        self._list_again_at = now + self._stale_after_s
        return self._names

    async def run(
        self, action: RunAction, conversation: Conversation, caller: Caller, message_id: MessageId
    ) -> Outcome:
        """Run an action where it belongs."""
        names = await self.names()
        if names is None:
            return ActionFailed(action.action, "the action server does not say what it can do")
        if action.action not in names:
            return await self._local.run(action, conversation, caller, message_id)
        started = time.perf_counter()
        outcome = await self._run_there(action, conversation, caller, message_id)
        log_event(
            logger,
            "action_run_on_server",
            action=action.action,
            conversation_id=conversation.conversation_id,
            outcome=type(outcome).__name__,
            took_ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return outcome

    async def _run_there(
        self, action: RunAction, conversation: Conversation, caller: Caller, message_id: MessageId
    ) -> Outcome:
        domain = self._domain_of()
        body = server_call(
            action, conversation, caller, message_id, domain, gives_token=self._passes_token
        )
        slots = frozenset(domain.slots) | action.slots.keys()
        allowed = Allowed(slots, frozenset(domain.responses))
        try:
            answer = await self._send_twice(action, body)
            return self._understood(action, answer, allowed)
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            return ActionFailed(action.action, type(problem).__name__)
        except Exception as problem:  # noqa: BLE001 - whatever a foreign server answers
            log_event(
                logger,
                "action_failed",
                logging.WARNING,
                action=action.action,
                error=type(problem).__name__,
            )
            return _lost(action, type(problem).__name__)

    async def _send_twice(self, action: RunAction, body: Json) -> httpx.Response:
        """Send a call, once more where that is harmless: a read, or a change that did not reach the server."""
        try:
            answer = await self._send(body)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return await self._send(body)
        except httpx.TransportError:
            if not action.reads_only:
                raise
            return await self._send(body)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR and action.reads_only:
            return await self._send(body)
        return answer

    async def _send(self, body: Json) -> httpx.Response:
        """Send a call, without the domain where the server should have it."""
        digest = str(body["domain_digest"])
        if digest == self._known_digest:
            short = {name: value for name, value in body.items() if name != "domain"}
            answer = await self._post(short)
            if answer.status_code != _SEND_WHOLE:
                return answer
        answer = await self._post(body)
        self._known_digest = digest if answer.is_success else ""
        return answer

    async def _post(self, body: Json) -> httpx.Response:
        written = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        if self._deflates:
            written, headers = zlib.compress(written), {**headers, "Content-Encoding": "deflate"}
        return await self._client.post("/webhook", content=written, headers=headers)

    def _understood(self, action: RunAction, answer: httpx.Response, allowed: Allowed) -> Outcome:
        name, status = action.action, answer.status_code
        if status == HTTPStatus.BAD_REQUEST:
            return refusal(name)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _lost(action, f"HTTP {status}")
        if status != HTTPStatus.OK:
            return ActionFailed(name, f"HTTP {status}")
        if len(answer.content) > _MAX_ANSWER_BYTES:
            return _lost(action, "the answer is too long")
        result = answer.json()
        responses, events = result.get("responses") or [], result.get("events") or []
        return read_outcome(name, _dicts(responses), _dicts(events), allowed)


def _lost(action: RunAction, problem: str) -> Outcome:
    if action.reads_only:
        return ActionFailed(action.action, problem)
    return ActionUnclear(action.action, problem)


def _dicts(items: object) -> list[Json]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
