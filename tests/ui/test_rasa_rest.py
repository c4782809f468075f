"""Rasa's REST channel: its formats, and who may go on with a conversation."""

import json

import httpx
import pytest

from bot.domain.entries import MessageReceived
from bot.domain.message import ConversationId
from tests.ui.conftest import OpenSite, Site
from tests.ui.wiring import API_TOKEN, token_for

HOOK = "/webhooks/rest/webhook"


async def _say(
    site: Site, text: str, sender: str | None = "s1", **metadata: object
) -> httpx.Response:
    body = {"sender": sender, "message": text, "metadata": metadata}
    return await site.post(HOOK, body)


async def test_the_channel_tells_that_it_is_there(site: Site) -> None:
    assert (await site.client.get("/webhooks/rest/")).json() == {"status": "ok"}


async def test_parts_come_as_rasas_messages(site: Site) -> None:
    text = (await _say(site, "hello")).json()
    buttons = (await _say(site, "which")).json()
    image = (await _say(site, "a picture")).json()
    sources = (await _say(site, "delivery")).json()

    assert text == [{"recipient_id": "s1", "text": "You said: hello"}]
    assert buttons == [
        {
            "recipient_id": "s1",
            "text": "Which one do you mean?",
            "buttons": [
                {"title": "Cancel an order", "payload": "/cancel_order"},
                {"title": "<b>Bold</b>", "payload": "/greet"},
            ],
        }
    ]
    assert image == [{"recipient_id": "s1", "image": "http://kefu.test/static/favicon.svg"}]
    url = "http://kefu.test/help/delivery-cost"
    assert sources[1] == {
        "recipient_id": "s1",
        "text": f"What does delivery cost?: {url}",
        "custom": {
            "kind": "sources",
            "sources": [{"title": "What does delivery cost?", "url": url}],
        },
    }


async def test_a_card_is_readable_as_text_too(site: Site) -> None:
    answer = await _say(site, "my order", customerToken=token_for(site.kefu))

    card = answer.json()[1]
    assert card["text"].splitlines()[:2] == ["Order CP-104233", "Status: shipped"]
    assert card["custom"]["kind"] == "card"
    assert card["custom"]["fields"] == [["Status", "shipped"], ["For", "C-1001"]]


async def test_a_stream_is_one_json_object_a_line(site: Site) -> None:
    answer = await site.post(f"{HOOK}?stream=true", {"sender": "s1", "message": "delivery"})

    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["recipient_id"] for line in lines] == ["s1", "s1"]


async def test_a_delivery_without_sender_is_a_conversation_of_its_own(site: Site) -> None:
    first = (await site.post(HOOK, {"message": "hello"})).json()
    second = (await site.post(HOOK, {"message": "hello", "sender": None})).json()

    assert first[0]["recipient_id"] != second[0]["recipient_id"]


async def test_a_message_id_makes_sending_again_harmless(site: Site) -> None:
    for _ in range(2):
        await _say(site, "hello", messageId="m-1")

    conversation = await site.kefu.conversations.get(ConversationId("rest:s1"))
    assert len(conversation.entries) == 2


async def test_nothing_of_the_metadata_is_stored(site: Site) -> None:
    token = token_for(site.kefu)
    await _say(site, "hello", customerToken=token, note="keep out")

    conversation = await site.kefu.conversations.get(ConversationId("rest:s1"))

    assert conversation.customer_id == "C-1001"
    assert token not in str(conversation)
    assert "keep out" not in str(conversation)


async def test_a_customers_conversation_needs_that_customers_token_again(site: Site) -> None:
    await _say(site, "hello", customerToken=token_for(site.kefu, "C-1001"))

    guest = await _say(site, "and now?")
    other = await _say(site, "and now?", customerToken=token_for(site.kefu, "C-1002"))
    mine = await _say(site, "and now?", customerToken=token_for(site.kefu, "C-1001"))

    assert (guest.status_code, other.status_code, mine.status_code) == (401, 401, 200)


@pytest.mark.parametrize("token", ["forged", 7, ["x"], "ü", "a.b.c"])
async def test_a_bad_token_is_a_401(site: Site, token: object) -> None:
    answer = await _say(site, "hello", customerToken=token)

    assert answer.status_code == 401
    assert await site.kefu.conversations.abandoned() == ()


async def test_the_customers_token_may_come_as_bearer(site: Site) -> None:
    headers = {"Authorization": f"Bearer {token_for(site.kefu)}"}

    answer = await site.client.post(HOOK, json={"sender": "b", "message": "order"}, headers=headers)

    assert answer.json()[1]["custom"]["title"] == "Order CP-104233"


@pytest.mark.parametrize("body", [{}, {"message": ""}, {"message": 5}, {"message": "hi", "sender": "x" * 101}, {"message": "hi", "sender": "a\nb"}])  # fmt: skip
async def test_what_is_no_message_is_refused(site: Site, body: object) -> None:
    answer = await site.post(HOOK, body)

    assert answer.status_code == 422


async def test_a_wrong_api_token_is_refused(open_site: OpenSite) -> None:
    site = await open_site(api_token=API_TOKEN)

    wrong = await site.post(f"{HOOK}?token=guess", {"sender": "s", "message": "hi"})
    right = await site.post(f"{HOOK}?token=open-sesame", {"sender": "s", "message": "hi"})
    header = await site.post(
        HOOK, {"sender": "s", "message": "hi"}, Authorization="Bearer open-sesame"
    )

    assert (wrong.status_code, right.status_code, header.status_code) == (401, 200, 200)


async def test_a_rest_conversation_is_no_door_into_others(site: Site) -> None:
    address, secret = await site.start()
    await site.post(f"{address}/messages", {"text": "private"}, X_Conversation_Secret=secret)
    conversation = address.rsplit("/", 1)[1]

    await _say(site, "hello", sender=conversation)

    kept = await site.kefu.conversations.get(ConversationId(conversation))
    said = [entry.text for entry in kept.entries if isinstance(entry, MessageReceived)]
    assert said == ["private"]
