"""Latency and throughput of any server with Rasa's doors, beside ours: ``python -m benchmarks.peer URL [URL …]``.

A peer that is installed elsewhere (or here, in an environment of its own) is started by whoever measures; this script
only needs its address. It asks ``/model/parse`` and has conversations at ``/webhooks/rest/webhook``, in words that any
shop's assistant may get; what a server answers is not judged.
"""

import argparse
import http.client
import json
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

from benchmarks.measuring import Row, milliseconds, percentile
from benchmarks.messages import GUEST

ROUNDS: Final = 20
CLIENTS: Final = 8
CLIENT_ROUNDS: Final = 6
_REFUSED: Final = 2
_PATIENCE_S: Final = 60.0


class PeerError(Exception):
    """A server does not answer as Rasa's would; says what to check."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is asked.

    Attributes:
        rounds: How often one client asks all texts, after one round that is not counted.
        clients: How many ask at once for the throughput.
        client_rounds: How many conversations each of these has.
    """

    rounds: int = ROUNDS
    clients: int = CLIENTS
    client_rounds: int = CLIENT_ROUNDS


@dataclass(frozen=True, slots=True)
class Doors:
    """What a server takes at Rasa's doors: milliseconds, and turns in a second."""

    url: str
    parse_p50: float
    parse_p99: float
    turn_p50: float
    turn_p99: float
    turns_per_second: float


class _RasaClient:
    """A connection to a server that is kept open."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise PeerError(f"{url!r} is no address; give one like http://localhost:5005")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = kind(parts.hostname, parts.port, timeout=_PATIENCE_S)
        self._url, self._path = url, parts.path.rstrip("/")
        self._query = f"?token={quote(token)}" if token else ""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def parse(self, text: str) -> float:
        """Have a text understood; returns milliseconds."""
        took, answer = self._post("/model/parse", {"text": text})
        if not isinstance(answer, dict) or "intent" not in answer:
            raise PeerError(
                f"{self._url}/model/parse names no intent; was the server started with its API on ('rasa run --enable-api')?"
            )
        return took

    def converse(self, texts: Sequence[str]) -> list[float]:
        """Have a conversation; returns milliseconds for each turn."""
        sender = f"benchmark-{uuid4().hex}"
        times = []
        for text in texts:
            took, answer = self._post("/webhooks/rest/webhook", {"sender": sender, "message": text})
            if not isinstance(answer, list):
                raise PeerError(
                    f"{self._url}/webhooks/rest/webhook answers no list; is 'rest:' in the server's credentials.yml?"
                )
            times.append(took)
        return times

    def _post(self, path: str, body: dict[str, str]) -> tuple[float, object]:
        headers = {"Content-Type": "application/json"}
        started = time.perf_counter()
        try:
            self._connection.request(
                "POST", f"{self._path}{path}{self._query}", json.dumps(body), headers
            )
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise PeerError(
                f"{self._url} does not answer ({error}); start the server, or mend the address"
            ) from error
        took = milliseconds(started)
        if answer.status != http.HTTPStatus.OK:
            raise PeerError(
                f"{self._url}{path} answers {answer.status} {content[:200]!r}; a token is given with --token"
            )
        try:
            return took, json.loads(content)
        except ValueError as error:
            raise PeerError(f"{self._url}{path} answers no JSON ({error})") from error


def measure_doors(url: str, token: str = "", effort: Effort = Effort()) -> Doors:
    """Measure a server.

    Args:
        url: Of the server, without the doors' paths.
        token: For ``?token=``, where the server wants one.
        effort: How much is asked.

    Raises:
        PeerError: It does not answer, or not as Rasa's would.
    """
    with closing(_RasaClient(url, token)) as client:
        client.converse(GUEST)
        for text in GUEST:
            client.parse(text)
        parses = [client.parse(text) for _ in range(effort.rounds) for text in GUEST]
        turns = [took for _ in range(effort.rounds) for took in client.converse(GUEST)]
    return Doors(
        url,
        percentile(parses, 0.5),
        percentile(parses, 0.99),
        percentile(turns, 0.5),
        percentile(turns, 0.99),
        _rate(url, token, effort),
    )


def _rate(url: str, token: str, effort: Effort) -> float:
    counts: list[int] = []

    def work() -> None:
        with closing(_RasaClient(url, token)) as client:
            counts.append(sum(len(client.converse(GUEST)) for _ in range(effort.client_rounds)))

    threads = [threading.Thread(target=work) for _ in range(effort.clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(counts) < effort.clients:
        raise PeerError(f"{url} broke off with {effort.clients} clients at once; see its log")
    return sum(counts) / (time.perf_counter() - started)


def rows_of(ours: Doors, peers: Sequence[Doors]) -> list[Row]:
    """Put ours beside the peers', a row for each thing that is measured."""
    return [
        Row(what, tell(ours), "", "; ".join(f"{one.url}: {tell(one)}" for one in peers), None)
        for what, tell in (
            ("understanding at Rasa's /model/parse, p50 / p99", _parse_told),
            ("a turn at Rasa's REST channel, p50 / p99", _turn_told),
            (f"turns per second there, {CLIENTS} clients", _rate_told),
        )
    ]


def _parse_told(doors: Doors) -> str:
    return f"{doors.parse_p50:.1f} / {doors.parse_p99:.1f} ms"


def _turn_told(doors: Doors) -> str:
    return f"{doors.turn_p50:.1f} / {doors.turn_p99:.1f} ms"


def _rate_told(doors: Doors) -> str:
    return f"{doors.turns_per_second:.0f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every server that is named, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peer", description=__doc__)
    parser.add_argument("urls", nargs="+", metavar="URL", help="like http://localhost:5005")
    parser.add_argument("--token", default="", help="for ?token=, where the servers want one")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="conversations of one client")
    given = parser.parse_args(arguments)
    for url in given.urls:
        try:
            found = measure_doors(url, given.token, Effort(rounds=given.rounds))
        except PeerError as problem:
            sys.stderr.write(f"{problem}\n")
            return _REFUSED
        sys.stdout.write(
            f"{found.url}: understanding {_parse_told(found)} (p50 / p99), turn {_turn_told(found)}, "
            f"{_rate_told(found)} turns/s with {CLIENTS} clients\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
