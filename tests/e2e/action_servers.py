"""Action servers in processes of their own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.serving import START_S


@contextmanager
def running(command: list[str], place: Path, log_path: Path, url: str) -> Iterator[None]:
    environment = {**os.environ, "SANIC_HOST": "127.0.0.1"}
    log = log_path.open("ab")
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
        command, cwd=place, env=environment, stdout=log, stderr=log, start_new_session=True
    )
    try:
        _wait_until_up(process, url, log_path)
        yield
    finally:
        _stop(process)
        log.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _wait_until_up(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", trust_env=False).json() == {"status": "ok"}:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"no server at {url}: {log.read_text()[-2000:]}")
