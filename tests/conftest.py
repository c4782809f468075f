"""What tests of several folders share."""

from pathlib import Path

import pytest

from tests.e2e.serving import build_home


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a KEFU_HOME with demo shop and release 1, made by a real first start; copy it, never change it."""
    return build_home(tmp_path_factory.mktemp("built"))
