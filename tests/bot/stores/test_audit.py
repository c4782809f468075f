"""The audit log: what is noted, and that nobody can fill the disk by being refused."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.sql import open_database
from bot.stores.audit import Audit, AuditLine
from bot.stores.tables import create_tables
from tests.fakes import SetClock

FORGED = "TokenError at POST /api/v1/conversations"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def audit(tmp_path: Path, clock: SetClock) -> AsyncIterator[Audit]:
    database = open_database(f"sqlite:///{tmp_path}/kefu.db")
    await database.write(create_tables)
    yield Audit(database, clock)
    await database.close()


async def test_lines_are_read_newest_first(audit: Audit, clock: SetClock) -> None:
    await audit.note("signed_in", who="nadia")
    await audit.note_refusal(FORGED)

    now = clock.now().timestamp()
    assert await audit.newest(5) == (
        AuditLine(now, "access_refused", "", FORGED),
        AuditLine(now, "signed_in", "nadia", ""),
    )


async def test_a_flood_is_counted_and_not_written_line_by_line(
    audit: Audit, clock: SetClock
) -> None:
    for _ in range(250):
        await audit.note_refusal(FORGED)
    await audit.note_refusal("SignInError at POST /api/v1/sessions")
    within_a_minute = await audit.newest(1000)
    clock.pass_time(timedelta(minutes=1))
    for _ in range(2):
        await audit.note_refusal(FORGED)
    newest = await audit.newest(2)

    assert [line.detail for line in within_a_minute].count(FORGED) == 200
    assert within_a_minute[0].detail == "SignInError at POST /api/v1/sessions"
    assert [line.detail for line in newest] == [FORGED, f"{FORGED} (and 50 more before)"]
