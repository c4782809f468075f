"""Our action server in a process of its own, called as a Rasa server calls it."""

import json
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.domain.conversation import Conversation
from bot.domain.entries import MessageReceived
from bot.domain.message import ConversationId, CustomerId, MessageId
from bot.identity.tokens import make_token
from tests.e2e.action_servers import running
from tests.e2e.serving import free_port

ROOT = Path(__file__).parents[2]


SECRET = "calls-only-with-this"  # noqa: S105 - a test's


CUSTOMER_SECRET = "shared-with-the-shops-server-" * 2


@dataclass(frozen=True)
class OurServer:
    """Our action server, called as a Rasa server calls it."""

    url: str
    secret: str = SECRET

    def post(
        self,
        action: str,
        *,
        token: str | None = None,
        deflate: bool = False,
        **given: Any,  # noqa: ANN401 - parts of a call may be anything
    ) -> httpx.Response:
        body = json.dumps(rasa_call(action, token=token, **given)).encode()
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        if deflate:
            body, headers = zlib.compress(body), {**headers, "Content-Encoding": "deflate"}
        return self.send(body, headers)

    def send(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        return httpx.post(
            f"{self.url}/webhook", content=body, headers=headers, trust_env=False, timeout=20
        )

    def says(self, action: str, **given: Any) -> str:  # noqa: ANN401 - as above
        answer = self.post(action, **given)
        assert answer.status_code == 200, answer.text
        return "\n".join(str(said["text"]) for said in answer.json()["responses"] if said["text"])


# The body is as Rasa 3 sends it.
def rasa_call(
    action: str,
    *,
    token: str | None = None,
    slots: dict[str, Any] | None = None,
    message_id: str | None = "rasa-1",
    responses: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    **extra: Any,  # noqa: ANN401 - as above
) -> dict[str, Any]:
    sent = dict(metadata or {}, **({"customerToken": token} if token is not None else {}))
    latest: dict[str, Any] = {
        "intent": {"name": "order_status", "confidence": 0.98},
        "entities": [],
        "text": "where is my order",
        "message_id": message_id,
        "metadata": sent,
    }
    tracker = {
        "sender_id": "rasa-conversation",
        "slots": slots or {},
        "latest_message": latest,
        "latest_event_time": 1.0,
        "events": [{"event": "user", "text": "where is my order", "metadata": sent}],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": "action_listen",
        "latest_input_channel": "rest",
        **extra,
    }
    domain = {"slots": {"order_number": {"type": "text"}}, "responses": responses or {}}
    call = {"next_action": action, "sender_id": "rasa-conversation", "tracker": tracker}
    return {**call, "domain": domain, "version": "3.6.21"}


@contextmanager
def our_server(folder: Path, secret: str) -> Iterator[OurServer]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    records = f"sqlite:///{folder / 'crm.db'}"
    script = ["-m", "tests.e2e.action_server_process", records, str(port), secret, CUSTOMER_SECRET]
    with running([sys.executable, *script], ROOT, folder / "log.txt", url):
        yield OurServer(url, secret)


NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


MAYA = CustomerId("C-1001")


AISHAS_ORDER = "CP-200601"


def a_conversation(message_id: str = "m1") -> Conversation:
    entry = MessageReceived(
        number=1, at=NOW, message_id=MessageId(message_id), text="is it snowing", channel="api"
    )
    return Conversation.of(ConversationId("c1"), [entry])


def a_token(customer: str = "C-1001", secret: str = CUSTOMER_SECRET, hours: int = 1) -> str:
    return make_token(CustomerId(customer), secret, NOW, timedelta(hours=hours))
