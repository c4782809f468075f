"""A serving process of its own: start-up, memory, whole turns over HTTP, eight clients at once."""

import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from benchmarks.in_process import CUSTOMER_ID
from benchmarks.measuring import Row, percentile, resident_mib
from benchmarks.messages import CUSTOMER, GUEST
from benchmarks.peer import measure_doors, rows_of
from benchmarks.server import Client, serving, wait_until
from bot.bootstrap import SystemClock, open_vault_of, shop_secret
from bot.identity.tokens import make_token
from bot.settings import Settings

ROUNDS = 30
CLIENTS = 8
CLIENT_ROUNDS = 12


def measure(settings: Settings) -> list[Row]:
    """Measure a serving process."""
    secret = shop_secret(settings, open_vault_of(settings))
    token = make_token(CUSTOMER_ID, secret, SystemClock().now(), timedelta(hours=1))
    with serving() as (port, process, ready_s):
        wait_until(port, "/chat/")  # built after readiness; it would be measured too
        Client(port, "").whole(GUEST)
        Client(port, token).whole(CUSTOMER)
        times = [
            took
            for _ in range(ROUNDS)
            for took in (*Client(port, "").whole(GUEST), *Client(port, token).whole(CUSTOMER))
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
    with serving() as (port, _, _):
        wait_until(port, "/chat/")
        ours = measure_doors(f"http://127.0.0.1:{port}")
    return rows_of(ours, [measure_doors(url) for url in peers])


def _rate(port: int, token: str) -> float:
    turns: list[int] = []

    def work() -> None:
        count = 0
        for _ in range(CLIENT_ROUNDS):
            count += len(Client(port, "").whole(GUEST))
            count += len(Client(port, token).whole(CUSTOMER))
        turns.append(count)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(turns) / (time.perf_counter() - started)
