"""A serving process of its own: start-up, memory, whole turns over HTTP, eight clients at once."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.in_process import CUSTOMER_ID
from benchmarks.measuring import Row, milliseconds, percentile, resident_mib
from benchmarks.messages import CUSTOMER, GUEST
from benchmarks.peer import measure_doors, rows_of
from bot.bootstrap import SystemClock, open_vault_of, shop_secret
from bot.identity.tokens import make_token
from bot.settings import Settings

ROUNDS = 30
CLIENTS = 8
CLIENT_ROUNDS = 12
_PATIENCE_S = 60.0


@contextmanager
def _serving() -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    """Start ``kefu serve``; yields its port, the process, and the seconds it took to be ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [str(Path(sys.executable).with_name("kefu")), "serve", "--port", str(port)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until(port, "/readyz")
        yield port, process, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until(port: int, path: str) -> None:
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


class _Client:
    """One customer's browser: a connection that is kept open."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def _post(self, path: str, body: dict[str, str]) -> dict[str, str]:
        self._connection.request("POST", path, json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
        found: dict[str, str] = json.loads(content)
        return found

    def start(self) -> str:
        """Start a conversation; returns its id."""
        made = self._post("/api/v1/conversations", {})
        self._headers["X-Conversation-Secret"] = made["secret"]
        return made["conversation_id"]

    def say(self, conversation: str, text: str) -> float:
        """Send a message; returns the milliseconds until its reply."""
        started = time.perf_counter()
        self._post(f"/api/v1/conversations/{conversation}/messages", {"text": text})
        return milliseconds(started)

    def whole(self, texts: tuple[str, ...]) -> list[float]:
        """Have a whole conversation."""
        conversation = self.start()
        return [self.say(conversation, text) for text in texts]


def measure(settings: Settings) -> list[Row]:
    """Measure a serving process."""
    secret = shop_secret(settings, open_vault_of(settings))
    token = make_token(CUSTOMER_ID, secret, SystemClock().now(), timedelta(hours=1))
    with _serving() as (port, process, ready_s):
        _wait_until(port, "/chat/")  # built after readiness; it would be measured too
        _Client(port, "").whole(GUEST)
        _Client(port, token).whole(CUSTOMER)
        times = [
            took
            for _ in range(ROUNDS)
            for took in (*_Client(port, "").whole(GUEST), *_Client(port, token).whole(CUSTOMER))
        ]
        rate = _rate(port, token)
        memory = resident_mib(process.pid)
    half, most = percentile(times, 0.5), percentile(times, 0.99)
    return [
        Row(
            "a full turn over HTTP, p50 / p99", f"{half:.1f} / {most:.1f} ms", "9 / 40 ms",
            "Rasa 3.6: 12.2 / 16 ms, nothing on disk", half <= 9 and most <= 40,
            f"{len(times)} turns, every one durable",
        ),
        Row(
            f"turns per second, {CLIENTS} clients, one process", f"{rate:.0f}", "150", "Rasa 3.6: 86",
            rate >= 150, "the clients run on the same two cores",
        ),
        Row(
            "serve a second time, to /readyz", f"{ready_s:.1f} s", "5 s", "Rasa 3.6: 11.3 s", ready_s <= 5,
        ),
        Row(
            "resident memory of a serving process", f"{memory:.0f} MB", "500 MB", "Rasa 3.6: 951 MB",
            memory <= 500, "after the load above",
        ),
    ]  # fmt: skip


def measure_beside(peers: Sequence[str]) -> list[Row]:
    """Measure ours and other servers at Rasa's doors, one after the other; ours alone where there is no other."""
    with _serving() as (port, _, _):
        _wait_until(port, "/chat/")
        ours = measure_doors(f"http://127.0.0.1:{port}")
    return rows_of(ours, [measure_doors(url) for url in peers])


def _rate(port: int, token: str) -> float:
    turns: list[int] = []

    def work() -> None:
        count = 0
        for _ in range(CLIENT_ROUNDS):
            count += len(_Client(port, "").whole(GUEST))
            count += len(_Client(port, token).whole(CUSTOMER))
        turns.append(count)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(turns) / (time.perf_counter() - started)
