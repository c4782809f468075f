"""Real ``kefu`` processes for tests: the first start on an empty folder, then servers on copies of what it made."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import httpx

from bot.domain.message import CustomerId
from bot.identity.tokens import make_token
from bot.identity.vault import Vault, open_vault

ROOT = Path(__file__).parents[2]
KEFU = (sys.executable, "-m", "ui.cli.main")  # what the command kefu runs
BUILD_S = 420.0
START_S = 60.0
STOP_S = 15.0
HOUR = timedelta(hours=1)

# The story customers of docs/demo-customers.md.
MAYA, TOM, PRIYA, LENA, AISHA = "C-1001", "C-1002", "C-1003", "C-1004", "C-1006"


# Plain HTTP needs no certificates, and reading them takes longer than most requests.
NO_TLS = ssl.create_default_context()


class NotServingError(Exception):
    """A process did not come up; the message ends with its log."""


# Bodies and headers as httpx takes them.
def request(method: str, url: httpx.URL | str, **more: Any) -> httpx.Response:  # noqa: ANN401 - see above
    """Send a request, past every proxy."""
    return httpx.request(
        method, url, **{"timeout": 30, "trust_env": False, "verify": NO_TLS, **more}
    )


def free_port() -> int:
    """Return a port that nobody has right now."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def environment_of(home: Path, **given: str) -> dict[str, str]:
    """Return the environment of a kefu process: this one's without its KEFU settings, and those given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    quiet = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    return {**inherited, **quiet, "KEFU_HOME": str(home), **given}


def run_kefu(home: Path, *arguments: str, typed: str = "", **given: str) -> str:
    """Run a kefu command to its end and return what it printed.

    Raises:
        subprocess.CalledProcessError: It ended with an error; ``output`` has its words.
    """
    done = subprocess.run(  # noqa: S603 - our own command
        [*KEFU, *arguments],
        cwd=ROOT,
        env=environment_of(home, **given),
        input=typed,
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    if done.returncode != 0:
        raise subprocess.CalledProcessError(
            done.returncode, arguments, done.stdout + done.stderr, done.stderr
        )
    return done.stdout


@dataclass
class Server:
    """A ``kefu serve`` on a folder of its own; may be killed and started again on the same port.

    Attributes:
        home: Its KEFU_HOME.
        settings: Further settings, by their names in the environment.
        options: Of the command.
    """

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its base, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_path(self) -> Path:
        """Return where everything it prints goes, over all its starts."""
        return self.home.with_name(f"{self.home.name}-{self.port}.log")

    @property
    def log(self) -> str:
        """Return what it has printed so far."""
        return self.log_path.read_text("utf-8", "replace")

    @property
    def vault(self) -> Vault:
        """Return its secrets, which the shop's server and the administrator know."""
        return open_vault(self.home / "secrets.toml")

    def token(self, customer: str = MAYA, valid_for: timedelta = HOUR) -> str:
        """Sign a token as the shop's server does."""
        now = datetime.now(UTC)
        return make_token(CustomerId(customer), self.vault.customer_secret, now, valid_for)

    def start(self, within_s: float = START_S) -> "Server":
        """Start it and wait until it is ready.

        Raises:
            NotServingError: It ended or is not ready in time.
        """
        self._log = self.log_path.open("ab")
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [*KEFU, "serve", *self.options],
            cwd=ROOT,
            env=environment_of(self.home, KEFU_PORT=str(self.port), **self.settings),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        until = time.monotonic() + within_s
        while time.monotonic() < until and self.process.poll() is None:
            if self.is_ready():
                return self
            time.sleep(0.1)
        self.kill()
        raise NotServingError(f"kefu serve is not ready; its log ends:\n{self.log[-4000:]}")

    def is_ready(self) -> bool:
        """Tell whether it answers with a release loaded."""
        try:
            answer = request("GET", f"{self.url}/readyz", timeout=5)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    def kill(self) -> None:
        """End it at once (SIGKILL), with the processes it started."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end and wait."""
        self._end(signal.SIGTERM)

    def restart(self) -> "Server":
        """Kill it and start it again on the same folder and port."""
        self.kill()
        return self.start()

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is not None and process.poll() is None:
            os.killpg(process.pid, how)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        if process is not None:
            process.wait(STOP_S)
        if self._log is not None:
            self._log.close()
            self._log = None


def build_home(folder: Path) -> Path:
    """Make the demo shop and release 1 as a new user's first start does; returns the folder, at rest.

    Raises:
        NotServingError: The first start failed.
    """
    home = folder / "home"
    server = Server(home, {"KEFU_DEMO": "true"})
    server.start(within_s=BUILD_S)
    server.stop()
    return home


def copy_home(built: Path, target: Path) -> Path:
    """Copy a folder at rest; the cache is linked, since its files are named by their content and never changed."""
    target.mkdir(mode=0o700, parents=True)
    for item in built.iterdir():
        if item.name == "cache":
            shutil.copytree(item, target / item.name, copy_function=os.link)
        elif item.is_file():
            shutil.copy2(item, target / item.name)
    return target


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[Server]:
    """Serve a folder in demo mode until the end of the block; settings by their names in the environment."""
    server = Server(home, {"KEFU_DEMO": "true", **settings})
    try:
        yield server.start()
    finally:
        server.stop()
