"""A real PostgreSQL server for tests: its own folder, its own port on loopback, gone when they end."""

import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import asyncpg

from tests.e2e.serving import free_port

USER = "kefu"
START_S = 60.0
STOP_S = 30.0
_DEBIAN = Path("/usr/lib/postgresql")
# The tests ask for many databases that nobody keeps: what makes them outlive a power cut is left out.
_OPTIONS = ("fsync=off", "full_page_writes=off", "max_connections=200", "log_min_messages=warning")


# Whoever runs the tests may be killed; the server notices by its input, which ends then.
_AS_LONG_AS_THERE_IS_INPUT = '"$0" "$@" & cat >/dev/null; kill -INT $!; wait $!'


class NoPostgresError(Exception):
    """The server is not installed, or does not start."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server that runs.

    Attributes:
        password: Of the user ``kefu``, without which nobody is let in.
    """

    port: int
    password: str

    def url(self, database: str, driver: str = "+asyncpg") -> str:
        """Return a database's URL."""
        return f"postgresql{driver}://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    async def make_database(self) -> str:
        """Make an empty database and return its name."""
        name = f"kefu_{secrets.token_hex(6)}"
        await self._order(f"CREATE DATABASE {name}")
        return name

    @asynccontextmanager
    async def fresh_database(self) -> AsyncIterator[str]:
        """Make an empty database, lend its URL and drop it again."""
        name = await self.make_database()
        try:
            yield self.url(name)
        finally:
            await self._order(f"DROP DATABASE {name} WITH (FORCE)")

    async def _order(self, order: str) -> None:
        connection = await asyncpg.connect(self.url("postgres", driver=""))
        try:
            await connection.execute(order)
        finally:
            await connection.close()


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server on an empty folder and stop it at the end.

    Raises:
        NoPostgresError: It is not installed, or does not start; the message ends with its log.
    """
    programs, owner = _programs(), _owner()
    folder = Path(mkdtemp(prefix="kefu-postgres-"))
    server = PostgresServer(free_port(), secrets.token_hex(16))
    log = folder / "log"
    try:
        (folder / "password").write_text(server.password, encoding="ascii")
        for path in (folder, folder / "password"):
            owner.take(path)
        _make_cluster(programs, folder, owner)
        with log.open("wb") as writing:
            process = subprocess.Popen(  # noqa: S603 - the program that was found
                _command(programs, folder, server.port),
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=writing,
                stderr=writing,
                user=owner.user,
                group=owner.group,
                extra_groups=owner.more_groups,
            )
        try:
            _wait(process, programs, server, log)
            yield server
        finally:
            process.communicate(timeout=STOP_S)  # closes its input
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """Find the folder of the server's programs; Debian keeps them out of PATH."""
    found = shutil.which("postgres")
    if found and (Path(found).resolve().parent / "initdb").exists():
        return Path(found).resolve().parent
    by_age = sorted(
        (path for path in _DEBIAN.glob("*/bin") if (path / "postgres").exists()),
        key=lambda path: int(path.parent.name),
    )
    if not by_age:
        raise NoPostgresError(
            "these tests need a PostgreSQL server; install it (Debian: apt-get install postgresql)"
        )
    return by_age[-1]


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whom the server runs as; None is whoever runs the tests."""

    user: int | None = None
    group: int | None = None
    more_groups: tuple[int, ...] | None = None

    def take(self, path: Path) -> None:
        """Take over a file."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


def _owner() -> _Owner:
    """The server refuses to run as root: there it runs as Debian's ``postgres``."""
    if os.getuid() != 0:
        return _Owner()
    found = pwd.getpwnam("postgres")
    return _Owner(found.pw_uid, found.pw_gid, ())


def _make_cluster(programs: Path, folder: Path, owner: _Owner) -> None:
    done = subprocess.run(  # noqa: S603 - the program that was found
        [
            *(str(programs / "initdb"), "--pgdata", str(folder / "data"), "--username", USER),
            *("--auth=scram-sha-256", f"--pwfile={folder / 'password'}"),
            *("--encoding=UTF8", "--locale=C", "--no-sync"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        user=owner.user,
        group=owner.group,
        extra_groups=owner.more_groups,
    )
    if done.returncode != 0:
        raise NoPostgresError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _command(programs: Path, folder: Path, port: int) -> list[str]:
    options = (*_OPTIONS, "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}")
    given = [word for option in options for word in ("-c", option)]
    return [
        "sh",
        "-c",
        _AS_LONG_AS_THERE_IS_INPUT,
        str(programs / "postgres"),
        "-D",
        str(folder / "data"),
        "-p",
        str(port),
        *given,
    ]


def _wait(
    process: subprocess.Popen[bytes], programs: Path, server: PostgresServer, log: Path
) -> None:
    asking = [str(programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(server.port), "-q"]
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        if subprocess.run(asking, check=False).returncode == 0:  # noqa: S603 - the program that was found
            return
        time.sleep(0.05)
    raise NoPostgresError(f"the server does not answer; its log:\n{log.read_text('utf-8')}")
