"""The benchmark of Rasa's doors, on our own: it needs nothing but an address."""

import asyncio

import pytest

from benchmarks.peer import Effort, PeerError, main, measure_doors, rows_of
from tests.ui.conftest import Site

QUICK = Effort(rounds=1, clients=2, client_rounds=1)


async def test_a_server_with_rasas_doors_is_measured(served: Site) -> None:
    found = await asyncio.to_thread(measure_doors, served.base_url, "", QUICK)

    assert 0 < found.parse_p50 <= found.parse_p99
    assert 0 < found.turn_p50 <= found.turn_p99
    assert found.turns_per_second > 0
    rows = rows_of(found, [found])
    assert len(rows) == 3
    assert all(row.peer == f"{served.base_url}: {row.measured}" for row in rows)


async def test_what_is_wrong_with_a_server_is_said(
    served: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    for url, remedy in (
        ("localhost:5005", "give one like http://"),
        ("http://127.0.0.1:9", "start the server"),
        (f"{served.base_url}/help", "answers 40"),
    ):
        with pytest.raises(PeerError, match=remedy):
            await asyncio.to_thread(measure_doors, url, "", QUICK)

    assert await asyncio.to_thread(main, ["http://127.0.0.1:9"]) == 2
    assert "start the server" in capsys.readouterr().err
