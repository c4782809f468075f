"""Bodies larger than any message needs to be are refused before they are read."""

from collections.abc import AsyncIterator

from tests.ui.conftest import Site
from ui.api.body_limit import MAX_BODY_BYTES


async def test_a_body_that_declares_too_much_is_refused(site: Site) -> None:
    body = b'{"text": "' + "😀".encode() * 300_000 + b'"}'

    answer = await site.client.post("/model/parse", content=body)

    assert answer.status_code == 413
    assert "4,000" in answer.json()["error"]["message"]


async def test_a_body_that_grows_too_much_is_refused(site: Site) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"text": "'
        while sent < 20 * MAX_BODY_BYTES:
            sent += 16_384
            yield b"x" * 16_384

    answer = await site.client.post(
        "/model/parse", content=chunks(), headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 413


async def test_a_body_under_the_limit_comes_to_the_reason_of_its_own(site: Site) -> None:
    answer = await site.post("/model/parse", {"text": "x" * 4001})

    assert answer.status_code == 422
    assert "4001 characters" in answer.json()["error"]["message"]


async def test_a_length_that_is_no_number_is_refused(site: Site) -> None:
    answer = await site.client.post("/model/parse", headers={"Content-Length": "many"}, content=b"")

    assert answer.status_code == 413
