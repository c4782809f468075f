"""A customer's conversation over /api/v1."""

from datetime import timedelta

import pytest

from tests.ui.conftest import OpenSite, Site
from tests.ui.wiring import token_for


async def test_a_guest_asks_and_gets_parts(site: Site) -> None:
    address, secret = await site.start()

    answer = await site.post(
        f"{address}/messages", {"text": "what is delivery"}, X_Conversation_Secret=secret
    )

    assert answer.status_code == 200
    body = answer.json()
    assert [part["kind"] for part in body["parts"]] == ["text", "sources"]
    assert body["parts"][1]["sources"] == [
        {"title": "What does delivery cost?", "url": "/help/delivery-cost"}
    ]
    assert body["is_handed_off"] is False


async def test_the_same_message_id_gets_the_same_reply_and_other_text_a_conflict(
    site: Site,
) -> None:
    address, secret = await site.start()
    first = {"text": "hello", "message_id": "m-1"}

    answers = [
        await site.post(f"{address}/messages", body, X_Conversation_Secret=secret)
        for body in (first, first, {"text": "other", "message_id": "m-1"})
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[0].json() == answers[1].json()
    read = await site.client.get(f"{address}/messages", headers={"X-Conversation-Secret": secret})
    assert [entry["kind"] for entry in read.json()] == ["message", "reply"]


@pytest.mark.parametrize("text", ["", "   \n ", "\u200b", "a\x00b", "\ud800", "x" * 4001])
async def test_what_is_no_message_is_refused_and_nothing_is_written(site: Site, text: str) -> None:
    address, secret = await site.start()
    body = f'{{"text": {ascii_json(text)}}}'

    answer = await site.client.post(
        f"{address}/messages",
        content=body,
        headers={"X-Conversation-Secret": secret, "Content-Type": "application/json"},
    )

    assert answer.status_code == 422
    read = await site.client.get(f"{address}/messages", headers={"X-Conversation-Secret": secret})
    assert read.json() == []


def ascii_json(text: str) -> str:
    return '"' + "".join(f"\\u{ord(character):04x}" for character in text) + '"'


@pytest.mark.parametrize("secret", ["", "guessed", "ä"])
async def test_a_guessed_id_or_secret_opens_nothing(site: Site, secret: str) -> None:
    address, _ = await site.start()
    headers = {b"X-Conversation-Secret": secret.encode()}

    read = await site.client.get(f"{address}/messages", headers=headers)
    wrote = await site.client.post(f"{address}/messages", json={"text": "hi"}, headers=headers)
    unknown = await site.client.get("/api/v1/conversations/nobody/messages", headers=headers)

    assert [answer.status_code for answer in (read, wrote, unknown)] == [401, 401, 401]
    assert read.headers["www-authenticate"] == "Bearer"


async def test_a_conversation_belongs_to_the_first_customer_verified_in_it(site: Site) -> None:
    address, secret = await site.start()
    mine = {"Authorization": f"Bearer {token_for(site.kefu, 'C-1001')}"}
    other = {"Authorization": f"Bearer {token_for(site.kefu, 'C-1002')}"}
    kept = {"X-Conversation-Secret": secret}

    first = await site.client.post(
        f"{address}/messages", json={"text": "my order"}, headers={**mine, **kept}
    )
    reads = [
        (await site.client.get(f"{address}/messages", headers=headers)).status_code
        for headers in (mine, kept, other, {**other, **kept})
    ]

    assert first.json()["parts"][1]["fields"][1] == ["For", "C-1001"]
    assert reads == [200, 401, 401, 401]
    listed = await site.client.get("/api/v1/conversations", headers=mine)
    assert [address.rsplit("/", 1)[1]] == listed.json()


@pytest.mark.parametrize("token", ["forged", "expired", "a.b.c"])
async def test_a_bad_token_is_refused_and_never_a_guest(site: Site, token: str) -> None:
    expired = token_for(site.kefu, valid_for=timedelta(hours=-1))
    shown = {"forged": token_for(site.kefu)[:-2] + "xx", "expired": expired}.get(token, token)
    headers = {"Authorization": f"Bearer {shown}"}

    answer = await site.client.post("/api/v1/conversations", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "TokenError"


async def test_a_comment_that_is_no_text_is_refused(site: Site) -> None:
    address, secret = await site.start()
    await site.post(
        f"{address}/messages", {"text": "hi", "message_id": "m-1"}, X_Conversation_Secret=secret
    )
    path = f"{address}/messages/m-1/feedback"

    codes = [
        (
            await site.post(
                path, {"is_helpful": True, "comment": comment}, X_Conversation_Secret=secret
            )
        ).status_code
        for comment in ("a\x00b", "\x1b[31mred", "x" * 2001, " ", "it\nhelped")
    ]

    assert codes == [422, 422, 422, 204, 204]


async def test_feedback_is_stored_with_the_message(site: Site) -> None:
    address, secret = await site.start()
    kept = {"X-Conversation-Secret": secret}
    await site.post(
        f"{address}/messages", {"text": "hi", "message_id": "m-1"}, X_Conversation_Secret=secret
    )

    good = await site.client.post(
        f"{address}/messages/m-1/feedback", json={"is_helpful": True}, headers=kept
    )
    unknown = await site.client.post(
        f"{address}/messages/m-2/feedback", json={"is_helpful": True}, headers=kept
    )
    stranger = await site.client.post(
        f"{address}/messages/m-1/feedback", json={"is_helpful": False}
    )

    assert (good.status_code, unknown.status_code, stranger.status_code) == (204, 404, 401)


async def test_shop_pages_that_a_setting_names_may_call_from_a_browser(
    open_site: OpenSite,
) -> None:
    site = await open_site(allowed_origins="https://shop.example, https://other.example/")
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    allowed = await site.client.options(
        "/api/v1/conversations", headers={"Origin": "https://other.example", **asked}
    )
    refused = await site.client.options(
        "/api/v1/conversations", headers={"Origin": "https://evil.example", **asked}
    )

    assert allowed.headers["access-control-allow-origin"] == "https://other.example"
    assert "access-control-allow-origin" not in refused.headers


async def test_turns_are_counted_once_with_their_decision(site: Site) -> None:
    address, secret = await site.start()
    for _ in range(2):
        await site.post(
            f"{address}/messages", {"text": "hi", "message_id": "m"}, X_Conversation_Secret=secret
        )
    await site.post(f"{address}/messages", {"text": "person"}, X_Conversation_Secret=secret)

    shown = (await site.client.get("/metrics")).text

    assert 'kefu_turns_total{channel="api",decision="Say",outcome="Nothing"} 2.0' in shown
    assert 'kefu_turn_milliseconds_count{channel="api"} 2.0' in shown
    assert 'kefu_stage_milliseconds_sum{stage="understand"} 3.0' in shown
    assert 'kefu_handoffs_total{reason="asked"} 1.0' in shown
    assert "kefu_release 1.0" in shown
    assert "python_info" not in shown


async def test_the_process_tells_that_it_lives_and_is_ready(site: Site) -> None:
    healthy, ready = await site.client.get("/healthz"), await site.client.get("/readyz")

    assert healthy.json() == {"status": "ok"}
    assert ready.json() == {"status": "ready", "release": 1}
