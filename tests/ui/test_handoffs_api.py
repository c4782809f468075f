"""Agents' work over /api/v1."""

import pytest

from tests.ui.conftest import Site


async def _handed_over(site: Site) -> tuple[str, str, str]:
    address, secret = await site.start()
    await site.post(f"{address}/messages", {"text": "a person"}, X_Conversation_Secret=secret)
    return address, secret, address.rsplit("/", 1)[1]


async def test_an_agent_takes_a_conversation_from_list_to_resolved(site: Site) -> None:
    address, secret, conversation = await _handed_over(site)
    signed_in = {"Authorization": f"Bearer {await site.agent_token()}"}
    here = f"/api/v1/handoffs/{conversation}"

    listed = (await site.client.get("/api/v1/handoffs", headers=signed_in)).json()
    steps = [
        await site.client.post(f"{here}/{verb}", json=body, headers=signed_in)
        for verb, body in (
            ("claim", None),
            ("messages", {"text": "Hello!", "message_id": "a-1"}),
            ("messages", {"text": "Hello!", "message_id": "a-1"}),
            ("notes", {"text": "sounds upset"}),
            ("resolve", None),
        )
    ]

    assert [(line["conversation_id"], line["reason"]) for line in listed] == [
        (conversation, "asked")
    ]
    assert [step.status_code for step in steps] == [200] * 5
    kept = {"X-Conversation-Secret": secret}
    seen = (await site.client.get(f"{address}/messages", headers=kept)).json()
    assert [entry["kind"] for entry in seen] == [
        "message", "reply", "handoff", "agent_joined", "agent_message", "resolved",
    ]  # fmt: skip
    assert "upset" not in str(seen)
    assert "reason" not in seen[2]


async def test_the_assistant_is_silent_until_it_is_given_back(site: Site) -> None:
    address, secret, conversation = await _handed_over(site)
    signed_in = {"Authorization": f"Bearer {await site.agent_token()}"}

    silent = await site.post(
        f"{address}/messages", {"text": "hello?"}, X_Conversation_Secret=secret
    )
    for verb in ("claim", "give-back"):
        await site.client.post(f"/api/v1/handoffs/{conversation}/{verb}", headers=signed_in)
    back = await site.post(f"{address}/messages", {"text": "hello?"}, X_Conversation_Secret=secret)

    assert (silent.json()["parts"], silent.json()["is_handed_off"]) == ([], True)
    assert (back.json()["parts"][0]["text"], back.json()["is_handed_off"]) == (
        "You said: hello?", False,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["nobody", "forged", "trainer"])
async def test_only_agents_come_in(site: Site, who: str) -> None:
    _, _, conversation = await _handed_over(site)
    tokens = {"nobody": "", "forged": "a.b.c", "trainer": await site.agent_token("tia")}
    headers = {"Authorization": f"Bearer {tokens[who]}"}

    answers = [
        await site.client.get("/api/v1/handoffs", headers=headers),
        await site.client.get(f"/api/v1/handoffs/{conversation}", headers=headers),
        await site.client.post(f"/api/v1/handoffs/{conversation}/claim", headers=headers),
        await site.client.get(f"/api/v1/handoffs/{conversation}/live", headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [401] * 4


async def test_a_wrong_password_is_refused(site: Site) -> None:
    answer = await site.post("/api/v1/sessions", {"name": "ada", "password": "wrong-password"})

    assert answer.status_code == 401
    assert "token" not in answer.text


async def test_a_conversation_nobody_handed_over_stays_closed_to_agents(site: Site) -> None:
    address, secret = await site.start()
    await site.post(f"{address}/messages", {"text": "hi"}, X_Conversation_Secret=secret)
    signed_in = {"Authorization": f"Bearer {await site.agent_token()}"}

    answer = await site.client.get(
        f"/api/v1/handoffs/{address.rsplit('/', 1)[1]}", headers=signed_in
    )

    assert answer.status_code == 404
