"""What stays behind: no token, no secret and no customer's words in logs; no token and no secret in databases."""

import re
import uuid
from pathlib import Path

from tests.e2e.access.conftest import ACTION_SECRET, API_TOKEN, PASSWORD, ActionServer, Sessions
from tests.e2e.access.forging import forged_tokens
from tests.e2e.access.gradio_api import call, functions_of
from tests.e2e.access.looking import written_files
from tests.e2e.access.socketing import uttered
from tests.e2e.access.test_actions_door import called
from tests.e2e.client import Client
from tests.e2e.serving import AISHA, Server, request

_TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{10,}\.eyJ")


def said_on_every_channel(kefu: Server, actions: ActionServer, words: str) -> list[str]:
    """Say something on every channel as a customer; returns the tokens that were used."""
    client = Client(kefu, kefu.token(AISHA))
    assert client.say(words).status == 200
    client.call(
        "POST",
        f"/api/v1/conversations/{client.conversation_id}/messages/nothing/feedback",
        json={"is_helpful": True, "comment": words},
    )
    rest = kefu.token(AISHA)
    metadata = {"customerToken": rest}
    body = {"sender": uuid.uuid4().hex, "message": words, "metadata": metadata}
    post(kefu, "/webhooks/rest/webhook", body)
    post(kefu, "/webhooks/rest/webhook", {**body, "sender": ["wrong"]})
    post(kefu, "/model/parse", {"text": words})
    socket = kefu.token(AISHA)
    uttered(kefu, words, socket)
    request("GET", f"{kefu.url}/help", params={"q": words})
    for function in functions_of(kefu):
        values = {"browserstate": {"customer_id": AISHA}, "textbox": words, "state": 0}
        call(kefu, function, values, event={"index": 0, "value": words, "liked": True})
    acting = kefu.token(AISHA)
    called(actions, "action_order_status", token=acting, latest_message={"text": words})
    return [client.token, rest, socket, acting]


def post(server: Server, path: str, body: object) -> None:
    request("POST", f"{server.url}{path}", json=body)


def test_logs_hold_no_words_and_no_tokens_even_at_debug(
    kefu: Server, actions: ActionServer, sessions: Sessions
) -> None:
    words = f"my rhododendron{uuid.uuid4().hex} did not arrive"
    tokens = said_on_every_channel(kefu, actions, words)
    forged = [token for token in forged_tokens(kefu).values() if len(token) > 20]
    for token in forged:
        Client(kefu, token).call("GET", "/api/v1/conversations")

    logs = kefu.log_path.read_bytes() + actions.log_path.read_bytes()

    assert b"reply_sent" in logs
    assert words.split()[1].encode() not in logs
    for secret in (*tokens, *forged, *secrets_of(kefu), sessions.agent, sessions.trainer):
        assert secret.encode() not in logs
    assert _TOKEN.search(logs) is None


def test_databases_hold_no_token_and_no_secret(
    kefu: Server, actions: ActionServer, sessions: Sessions
) -> None:
    words = f"my rhododendron{uuid.uuid4().hex} did not arrive"
    tokens = said_on_every_channel(kefu, actions, words)

    files = {file.name: file.read_bytes() for file in written_files(kefu.home)}
    kept = b"".join(content for name, content in files.items() if name != "secrets.toml")

    assert words.split()[1].encode() in kept  # so the right files were read
    for secret in (*tokens, *secrets_of(kefu), sessions.agent, sessions.trainer):
        assert secret.encode() not in kept
    assert _TOKEN.search(kept) is None


def test_a_first_start_makes_a_folder_that_nobody_else_may_look_into(built_home: Path) -> None:
    assert built_home.stat().st_mode & 0o077 == 0
    assert (built_home / "secrets.toml").stat().st_mode & 0o077 == 0


def secrets_of(server: Server) -> tuple[str, ...]:
    vault = server.vault
    return (
        vault.customer_secret, vault.session_secret, vault.storage_secret, vault.admin_password,
        API_TOKEN, ACTION_SECRET, PASSWORD,
    )  # fmt: skip
