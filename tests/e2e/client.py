"""Talks to a real ``kefu`` process as a customer's page does."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.serving import Server, request


@dataclass(frozen=True)
class Said:
    """What came of a message over the API; JSON of our own API, so ``Any`` stands for its shapes."""

    status: int
    body: Any
    text: str

    @property
    def words(self) -> str:
        """Return the reply's parts as one text, buttons and cards included."""
        parts = self.body.get("parts", []) if isinstance(self.body, dict) else []
        return "\n".join(json.dumps(part, ensure_ascii=False) for part in parts)

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """Return the reply's buttons as title and payload."""
        found = [part for part in self.body["parts"] if part["kind"] == "buttons"]
        return [(b["title"], b["payload"]) for part in found for b in part["buttons"]]


class Client:
    """Talks to the API as a customer's page does; one conversation at a time."""

    def __init__(self, server: Server, token: str = "") -> None:
        self.server = server
        self.token = token
        self.secret = ""
        self.conversation_id = ""

    def headers(self, *, token: str | None = None, secret: str | None = None) -> dict[str, str]:
        """Return the headers that say who is asking; None stands for the client's own, "" for none."""
        token = self.token if token is None else token
        secret = self.secret if secret is None else secret
        found = {"Authorization": f"Bearer {token}"} if token else {}
        return {**found, "X-Conversation-Secret": secret} if secret else found

    def begin(self) -> "Client":
        """Start a conversation."""
        answer = self.call("POST", "/api/v1/conversations")
        self.conversation_id = answer.json()["conversation_id"]
        self.secret = answer.json()["secret"]
        return self

    def say(
        self,
        text: str,
        *,
        token: str | None = None,
        secret: str | None = None,
        message_id: str = "",
    ) -> Said:
        """Send a message; a conversation is started where there is none yet."""
        if not self.conversation_id:
            self.begin()
        answer = self.call(
            "POST",
            f"/api/v1/conversations/{self.conversation_id}/messages",
            token=token,
            secret=secret,
            json={"text": text, "message_id": message_id},
        )
        return Said(answer.status_code, answer.json(), answer.text)

    def entries(self, *, token: str | None = None, secret: str | None = None) -> httpx.Response:
        """Read the conversation."""
        path = f"/api/v1/conversations/{self.conversation_id}/messages"
        return self.call("GET", path, token=token, secret=secret)

    # Bodies and headers as httpx takes them.
    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        secret: str | None = None,
        **more: Any,  # noqa: ANN401 - see above
    ) -> httpx.Response:
        """Call an address with the client's credentials."""
        headers = {**self.headers(token=token, secret=secret), **more.pop("headers", {})}
        return request(method, f"{self.server.url}{path}", headers=headers, **more)
