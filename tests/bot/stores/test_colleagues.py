from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.colleague import Colleague, Role
from bot.domain.message import AgentId
from bot.errors import SignInError
from bot.identity.passwords import Argon2Passwords
from bot.identity.sessions import make_session, read_session
from bot.sql import open_database
from bot.stores.colleagues import SqlColleagues
from bot.stores.tables import create_tables
from tests.fakes import SetClock

NADIA = AgentId("nadia")
PASSWORD = "a long enough password"  # noqa: S105 - made up
SECRET = "the secret that signs the sessions of colleagues"  # noqa: S105 - made up


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def colleagues(database_url: str, clock: SetClock) -> AsyncIterator[SqlColleagues]:
    database = open_database(database_url)
    await database.write(create_tables)
    store = SqlColleagues(database, clock, Argon2Passwords())
    await store.add(NADIA, "Nadia", PASSWORD, frozenset({Role.AGENT}))
    yield store
    await database.close()


async def test_a_colleague_signs_in_with_the_password(colleagues: SqlColleagues) -> None:
    nadia = await colleagues.sign_in(NADIA, PASSWORD)

    assert nadia.may(Role.AGENT)
    assert not nadia.may(Role.TRAINER)


async def test_a_wrong_password_and_an_unknown_name_sound_alike(colleagues: SqlColleagues) -> None:
    with pytest.raises(SignInError) as wrong:
        await colleagues.sign_in(NADIA, "not the password")
    with pytest.raises(SignInError) as unknown:
        await colleagues.sign_in(AgentId("nobody"), PASSWORD)

    assert str(wrong.value) == str(unknown.value)


async def test_five_wrong_passwords_lock_the_name_for_a_minute(
    colleagues: SqlColleagues, clock: SetClock
) -> None:
    for _ in range(5):
        with pytest.raises(SignInError):
            await colleagues.sign_in(NADIA, "guess number one")

    with pytest.raises(SignInError):
        await colleagues.sign_in(NADIA, PASSWORD)

    clock.pass_time(timedelta(seconds=61))
    assert (await colleagues.sign_in(NADIA, PASSWORD)).name == "Nadia"


async def test_names_are_unique_and_passwords_long(colleagues: SqlColleagues) -> None:
    with pytest.raises(SignInError, match="already"):
        await colleagues.add(NADIA, "Other", PASSWORD, frozenset({Role.ADMIN}))
    with pytest.raises(SignInError, match="at least"):
        await colleagues.add(AgentId("omar"), "Omar", "short", frozenset({Role.AGENT}))
    with pytest.raises(SignInError, match="role"):
        await colleagues.add(AgentId("omar"), "Omar", PASSWORD, frozenset())


def test_a_session_is_read_with_its_own_secret_only(clock: SetClock) -> None:
    omar = Colleague(AgentId("omar"), "Omar", frozenset({Role.ADMIN}))
    from_now_on = SetClock(clock.now() + timedelta(days=365 * 50))
    session = make_session(omar, SECRET, from_now_on.now())

    assert read_session(session, SECRET) == omar

    for secret, token in (
        ("another secret of at least the right length", session),
        (SECRET, "nonsense"),
    ):
        with pytest.raises(SignInError, match="sign in again"):
            read_session(token, secret)


def test_an_old_session_has_ended(clock: SetClock) -> None:
    omar = Colleague(AgentId("omar"), "Omar", frozenset({Role.ADMIN}))
    session = make_session(omar, SECRET, clock.now() - timedelta(days=3650))

    with pytest.raises(SignInError):
        read_session(session, SECRET)
