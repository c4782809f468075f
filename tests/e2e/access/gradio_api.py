"""Calls what the chat page's Gradio exposes, as a script that read its config would."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.e2e.serving import NO_TLS, Server, request

API = "/chat/gradio_api"

# Gradio's config and its answers are JSON of Gradio's shapes, hence Any.


@dataclass(frozen=True)
class Function:
    """A function of the page: its number, and what its inputs and outputs are by their type."""

    number: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def config_of(server: Server) -> Any:  # noqa: ANN401 - see above
    """Read the page's config."""
    return request("GET", f"{server.url}/chat/config").json()


def functions_of(server: Server) -> list[Function]:
    """List everything that can be called."""
    config = config_of(server)
    kinds = {component["id"]: component["type"] for component in config["components"]}
    return [
        Function(
            one["id"],
            tuple(kinds[component] for component in one["inputs"]),
            tuple(kinds[component] for component in one["outputs"]),
        )
        for one in config["dependencies"]
    ]


def call(
    server: Server,
    function: Function,
    values: Mapping[str, object],
    *,
    event: object = None,
    session: str = "",
) -> str:
    """Call a function with a value per kind of input and return everything that came back."""
    data = [values.get(kind) for kind in function.inputs]
    return join(server, function.number, data, event=event, session=session)


def join(
    server: Server, number: int, data: Sequence[object], *, event: object = None, session: str = ""
) -> str:
    """Put a call into the queue and return the messages that follow, to its end."""
    session = session or uuid4().hex[:11]
    body = {"fn_index": number, "data": list(data), "session_hash": session, "event_data": event}
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30, verify=NO_TLS) as http:
        joined = http.post(f"{API}/queue/join", json=body)
        if not joined.is_success:
            return joined.text
        heard = []
        with http.stream("GET", f"{API}/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                heard.append(line)
                if line.startswith("data: ") and json.loads(line[6:])["msg"] in _ENDS:
                    break
        return "\n".join(heard)


_ENDS = ("process_completed", "close_stream", "unexpected_error", "server_stopped")
