"""The socket.io channel: guessed sessions, a token missing on the second message, events of any shape."""

from collections.abc import Callable

import httpx

from tests.e2e.access.looking import assert_hides_aisha, refusals
from tests.e2e.access.socketing import Widget, uttered, with_widgets
from tests.e2e.serving import AISHA, MAYA, NO_TLS, Server, request

Make = Callable[[], Widget]


def signed_in(server: Server, customer: str) -> dict[str, dict[str, str]]:
    return {"customData": {"customerToken": server.token(customer)}}


def test_a_token_missing_on_the_second_message_is_no_sign_in(kefu: Server) -> None:
    async def work(make: Make) -> None:
        widget = await make().open()
        first = await widget.say("where is my order?", **signed_in(kefu, AISHA))
        assert "CP-200601" in first.text
        widget.heard.said.clear()

        await widget.say("where is my order?")

        assert widget.heard.code == 401
        assert widget.heard.said == []

    with_widgets(kefu, work)


def test_another_customer_in_the_same_session_is_refused(kefu: Server) -> None:
    before = refusals(kefu)

    async def work(make: Make) -> None:
        widget = await make().open()
        await widget.say("where is my order?", **signed_in(kefu, AISHA))
        thief = await make().open(widget.heard.session_id)

        heard = await thief.say("repeat that", **signed_in(kefu, MAYA))

        assert heard.session_id == widget.heard.session_id
        assert heard.code == 401
        assert heard.said == []
        assert_hides_aisha(heard.text)

    with_widgets(kefu, work)
    assert refusals(kefu) - before == 1


def test_a_session_that_is_not_shaped_like_one_of_ours_is_a_fresh_one(kefu: Server) -> None:
    for guess in ("rest:the-sender", "../x", "0" * 31, "G" * 32, "socketio:x", "%" * 32):
        heard = uttered(kefu, "hello", session_id=guess)
        assert heard.session_id != guess
        assert len(heard.session_id) == 32


def test_an_agents_words_go_to_the_verified_customer_and_not_to_a_listener(kefu: Server) -> None:
    admin = request(
        "POST",
        f"{kefu.url}/api/v1/sessions",
        json={"name": "admin", "password": kefu.vault.admin_password},
    ).json()["token"]

    async def work(make: Make) -> None:
        owner, thief, late = make(), make(), make()
        await owner.open()
        await owner.say("where is my order?", **signed_in(kefu, AISHA))
        session = owner.heard.session_id
        await thief.open(session)
        await thief.say("hello", **signed_in(kefu, MAYA))
        await owner.say("I want to talk to a person", **signed_in(kefu, AISHA))
        await late.open(session)
        spoken = await speak(kefu, f"socketio:{session}", admin)
        await wait_for(owner, spoken)

        assert spoken in owner.heard.text
        assert spoken not in thief.heard.text
        assert spoken not in late.heard.text

    with_widgets(kefu, work)


async def speak(server: Server, conversation_id: str, admin: str) -> str:
    words = "Your sleeping bag leaves tomorrow."
    path = f"{server.url}/api/v1/handoffs/{conversation_id}"
    headers = {"Authorization": f"Bearer {admin}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers, verify=NO_TLS) as client:
        assert (await client.post(f"{path}/claim")).status_code == 200
        answer = await client.post(f"{path}/messages", json={"text": words})
        assert answer.status_code == 200
    return words


async def wait_for(widget: Widget, words: str) -> None:
    for _ in range(100):
        if words in widget.heard.text:
            break
        await widget.client.sleep(0.05)
    await widget.client.sleep(0.3)  # so that those who should not hear it would have


def test_events_of_any_shape_neither_break_the_channel_nor_sign_anybody_in(kefu: Server) -> None:
    shapes: list[object] = [
        None, 1, "text", [], ["a"], {"message": None}, {"message": {"text": "hi"}}, {"message": ["hi"]},
        {"message": "hi", "customData": "C-1006"}, {"message": "hi", "customData": ["C-1006"]},
        {"message": "where is my order?", "customData": {"user_id": AISHA, "customer_id": AISHA}},
        {"message": "hi", "session_id": {"$ne": ""}}, {"message": "hi", "session_id": 7},
    ]  # fmt: skip

    async def work(make: Make) -> None:
        widget = await make().open()
        for shape in shapes:
            await widget.send("user_uttered", shape)
            await widget.send("session_request", shape)
            await widget.send("an_event_that_is_not_there", shape)
        heard = await (await make().open()).say("hello")
        assert_hides_aisha(heard.text)
        assert "CP-" not in heard.text

    with_widgets(kefu, work)
    assert uttered(kefu, "hello").code == 200


def test_an_event_that_is_too_large_ends_the_connection_and_not_the_server(kefu: Server) -> None:
    async def work(make: Make) -> None:
        widget = await make().open()
        await widget.send("user_uttered", {"message": "x" * 300_000})
        for _ in range(100):
            if not widget.client.connected:
                break
            await widget.client.sleep(0.05)
        assert widget.heard.said == []

    with_widgets(kefu, work)
    assert uttered(kefu, "hello").code == 200


def test_pages_of_other_sites_may_not_connect(kefu: Server) -> None:
    def handshake(origin: str) -> int:
        answer = request(
            "GET",
            f"{kefu.url}/socket.io/",
            params={"EIO": "4", "transport": "polling"},
            headers={"Origin": origin},
        )
        return answer.status_code

    assert handshake("https://evil.example") == 400
    assert handshake("null") == 400
    assert handshake(kefu.url) == 200
