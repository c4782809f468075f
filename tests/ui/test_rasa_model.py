"""Rasa's /model/parse and tracker."""

from tests.ui.conftest import OpenSite, Site
from tests.ui.wiring import API_TOKEN, token_for


async def test_a_parse_has_rasas_keys(site: Site) -> None:
    text = "cancel CP-104233 please"

    parsed = (await site.post("/model/parse", {"text": text, "message_id": "m"})).json()

    assert parsed == {
        "text": text,
        "intent": {"name": "cancel_order", "confidence": 0.9},
        "entities": [
            {
                "entity": "order_number",
                "value": "CP-104233",
                "start": 7,
                "end": 16,
                "confidence_entity": 1.0,
                "extractor": "pattern",
                "role": "old",
            }
        ],
        "intent_ranking": [
            {"name": "cancel_order", "confidence": 0.9},
            {"name": "greet", "confidence": 0.1},
        ],
        "message_id": "m",
        "metadata": {},
    }


async def test_a_message_id_that_is_none_is_refused(site: Site) -> None:
    headers = {"Content-Type": "application/json"}

    for odd in (b"\\ud800", b"a\\u0000", b"x" * 129):
        body = b'{"text": "hi", "message_id": "' + odd + b'"}'
        answer = await site.client.post("/model/parse", content=body, headers=headers)

        assert answer.status_code == 422


async def test_what_is_not_understood_is_the_fallback(site: Site) -> None:
    parsed = (await site.post("/model/parse", {"text": "mumble"})).json()

    assert parsed["intent"] == {"name": "nlu_fallback", "confidence": 0.6}
    assert [intent["name"] for intent in parsed["intent_ranking"]] == [
        "nlu_fallback", "cancel_order", "greet",
    ]  # fmt: skip
    assert parsed["intent_ranking"][1]["confidence"] == 0.15


async def test_a_payload_is_its_intent_for_trusted_servers_only(open_site: OpenSite) -> None:
    site = await open_site(api_token=API_TOKEN)
    body = {"text": '/track_parcel{"order_number": "CP-1"}'}

    guest = (await site.post("/model/parse", body)).json()
    trusted = (await site.post("/model/parse?token=open-sesame", body)).json()

    assert guest["intent"]["name"] == "nlu_fallback"
    assert trusted["intent"] == {"name": "track_parcel", "confidence": 1.0}
    assert trusted["entities"][0]["value"] == "CP-1"


async def test_the_tracker_is_not_there_without_an_api_token(site: Site) -> None:
    await site.post("/webhooks/rest/webhook", {"sender": "s", "message": "hi"})

    for token in ("", "?token=", "?token=x"):
        answer = await site.client.get(f"/conversations/s/tracker{token}")
        assert answer.status_code == 404


async def test_the_tracker_needs_the_api_token(open_site: OpenSite) -> None:
    site = await open_site(api_token=API_TOKEN)
    customer = token_for(site.kefu)

    bare = await site.client.get("/conversations/s/tracker")
    wrong = await site.client.get("/conversations/s/tracker?token=open")
    signed = await site.client.get(
        "/conversations/s/tracker", headers={"Authorization": f"Bearer {customer}"}
    )

    assert [answer.status_code for answer in (bare, wrong, signed)] == [401, 401, 401]


async def test_the_tracker_tells_a_conversation_as_rasa_does(open_site: OpenSite) -> None:
    site = await open_site(api_token=API_TOKEN)
    metadata = {"customerToken": token_for(site.kefu)}
    for text in ("which", "my order", "a person"):
        await site.post(
            "/webhooks/rest/webhook", {"sender": "s", "message": text, "metadata": metadata}
        )
    signed_in = {"Authorization": f"Bearer {await site.agent_token()}"}
    for verb, body in (
        ("claim", None), ("notes", {"text": "not for bots"}), ("messages", {"text": "Ada here"}),
    ):  # fmt: skip
        await site.client.post(f"/api/v1/handoffs/rest:s/{verb}", json=body, headers=signed_in)

    trackers = [
        (await site.client.get(f"/conversations/{name}/tracker?token=open-sesame")).json()
        for name in ("s", "rest:s")
    ]
    bare = await site.client.get("/conversations/s/tracker?token=open-sesame&include_events=NONE")

    tracker = trackers[0]
    assert [event["event"] for event in tracker["events"]] == [
        "user", "bot", "user", "slot", "bot", "bot", "user", "bot", "bot",
    ]  # fmt: skip
    assert tracker["events"][0]["parse_data"]["intent"]["name"] == "greet"
    assert tracker["events"][1]["data"]["buttons"][0]["payload"] == "/cancel_order"
    assert tracker["events"][3]["name"] == "order_number"
    assert tracker["events"][-1]["metadata"] == {"agent": "Ada"}
    assert tracker["slots"] == {"order_number": "CP-104233"}
    assert tracker["latest_message"]["text"] == "a person"
    assert tracker["latest_input_channel"] == "rest"
    assert tracker["paused"] is True
    assert tracker["sender_id"] == "s"
    assert "not for bots" not in str(tracker)
    assert trackers[1]["events"] == tracker["events"]
    assert bare.json()["events"] == []


async def test_somebody_who_has_said_nothing_has_an_empty_tracker(open_site: OpenSite) -> None:
    site = await open_site(api_token=API_TOKEN)

    tracker = (await site.client.get("/conversations/new/tracker?token=open-sesame")).json()

    assert (tracker["events"], tracker["slots"], tracker["latest_message"]) == ([], {}, None)
