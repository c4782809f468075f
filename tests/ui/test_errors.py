"""Every error has a status; what failed inside stays inside."""

import inspect
import logging

import pytest

from bot import errors as bot
from intents import errors as intents
from knowledge_base import errors as knowledge
from tests.ui.conftest import Site
from ui.api.errors import SORRY, STATUSES, status_of


@pytest.mark.parametrize("module", [bot, intents, knowledge])
def test_every_error_class_has_a_status(module: object) -> None:
    classes = [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception)
    ]

    assert classes
    assert [kind for kind in classes if kind not in STATUSES] == []


def test_the_most_special_class_decides() -> None:
    assert status_of(bot.MessageConflictError("twice")) == 409
    assert status_of(bot.CrmError("odd")) == 502
    assert status_of(ValueError("ours")) == 500


async def test_an_unknown_failure_says_sorry_and_keeps_the_words_out_of_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address, secret = await site.start()

    answer = await site.post(
        f"{address}/messages", {"text": "boom my PIN is 4711"}, X_Conversation_Secret=secret
    )

    assert answer.status_code == 500
    assert answer.json()["error"] == {"code": "InternalError", "message": SORRY}
    assert "4711" not in caplog.text
    failures = [record for record in caplog.records if record.getMessage() == "request_failed"]
    assert [record.__dict__["fields"]["error"] for record in failures] == ["RuntimeError"]
    path = "/api/v1/conversations/{conversation_id}/messages"
    assert failures[0].__dict__["fields"]["path"] == path


async def test_a_known_problem_says_its_remedy(site: Site) -> None:
    address, secret = await site.start()

    answer = await site.post(
        f"{address}/messages", {"text": "what does the crm say"}, X_Conversation_Secret=secret
    )

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "CrmUnavailableError"


async def test_an_invalid_body_is_explained_without_quoting_it(site: Site) -> None:
    address, secret = await site.start()

    answer = await site.post(
        f"{address}/messages", {"text": {"token": "s3cret"}}, X_Conversation_Secret=secret
    )

    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("text: ")
    assert "s3cret" not in answer.text


async def test_what_is_not_utf_8_is_refused(site: Site) -> None:
    headers = {"Content-Type": "application/json"}

    answer = await site.client.post(
        "/model/parse", content=b'{"text": "\xff\xfe"}', headers=headers
    )

    assert answer.status_code == 400
    assert "the body is not JSON in UTF-8" in answer.json()["error"]["message"]


async def test_an_unknown_address_is_a_404_in_the_same_form(site: Site) -> None:
    answer = await site.client.get("/api/v1/nothing")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "HttpError"


async def test_a_refusal_is_noted_in_the_audit_log(site: Site) -> None:
    await site.client.get(
        "/api/v1/conversations", headers={"Authorization": "Bearer forged.token.here"}
    )

    lines = await site.kefu.audit.newest(5)

    assert [(line.what, line.detail) for line in lines] == [
        ("access_refused", "TokenError at GET /api/v1/conversations")
    ]
