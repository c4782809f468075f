"""A folder with the demo shop and release 1 for each file of tests."""

from pathlib import Path

import pytest

from tests.e2e.durability.files import Files
from tests.e2e.serving import copy_home


@pytest.fixture(scope="module")
def home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_home(built_home, tmp_path_factory.mktemp("durability") / "home")


@pytest.fixture(scope="module")
def files(home: Path) -> Files:
    return Files(home)
