"""A serving process of its own, and one client of it."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measuring import milliseconds

_PATIENCE_S = 60.0


@contextmanager
def serving(
    *options: str, home: Path | None = None
) -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    """Start ``kefu serve`` with options, on another ``KEFU_HOME`` where one is named.

    Yields its port, the process, and the seconds it took to be ready.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [str(Path(sys.executable).with_name("kefu")), "serve", *options, "--port", str(port)]
    started = time.perf_counter()
    named = {} if home is None else {"KEFU_HOME": str(home)}
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **named}
    )
    try:
        wait_until(port, "/readyz")
        yield port, process, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until(port: int, path: str) -> None:
    """Wait until a path answers 200.

    Raises:
        TimeoutError: It does not within a minute.
    """
    started = time.perf_counter()
    while time.perf_counter() - started < _PATIENCE_S:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"{path} on port {port} did not answer 200 within {_PATIENCE_S:.0f} s")


class Client:
    """One customer's browser: a connection that is kept open."""

    def __init__(self, port: int, token: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        self._connection.request("POST", path, json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
        found: dict[str, Any] = json.loads(content)
        return found

    def start(self) -> str:
        """Start a conversation; returns its id."""
        made = self._post("/api/v1/conversations", {})
        self._headers["X-Conversation-Secret"] = made["secret"]
        return str(made["conversation_id"])

    def say(self, conversation: str, text: str) -> float:
        """Send a message; returns the milliseconds until its reply."""
        started = time.perf_counter()
        self._post(f"/api/v1/conversations/{conversation}/messages", {"text": text})
        return milliseconds(started)

    def whole(self, texts: tuple[str, ...]) -> list[float]:
        """Have a whole conversation."""
        conversation = self.start()
        return [self.say(conversation, text) for text in texts]

    def intent_of(self, text: str) -> str:
        """Return what a text is taken for, by Rasa's door; "" where it is taken for nothing."""
        return str(self._post("/model/parse", {"text": text})["intent"]["name"] or "")
