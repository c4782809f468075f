"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "intents", "knowledge_base", "training", "ui")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
ALL = sorted(
    [*SOURCES, *(path for one in ("benchmarks", "tests") for path in (ROOT / one).rglob("*.py"))]
)
MAX_LINES = 300
BANNED_NAMES = {"utils", "helpers", "common", "misc"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_modules_stay_under_300_lines(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()

    assert len(lines) < MAX_LINES


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_modules_are_named_after_an_idea(path: Path) -> None:
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.name == "__init__.py"], ids=_name
)
def test_package_files_hold_a_docstring_and_nothing_else(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))

    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


@pytest.mark.parametrize("package", PACKAGES[:4])
def test_every_folder_has_its_errors_with_their_tree(package: str) -> None:
    tree = ast.parse((ROOT / package / "errors.py").read_text("utf-8"))
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]

    docstring = ast.get_docstring(tree) or ""

    assert classes
    assert all(re.search(rf"\b{name}\b", docstring) for name in classes)


def test_only_settings_read_the_environment() -> None:
    reading = re.compile(r"os\.(environ|getenv)|from os import .*(environ|getenv)")

    found = [_name(path) for path in SOURCES if reading.search(path.read_text("utf-8"))]

    assert found == ["bot/settings.py"]


def test_no_comment_promises_later_work() -> None:
    promise = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")

    found = [_name(path) for path in SOURCES if promise.search(path.read_text("utf-8"))]

    assert not found


def test_serving_imports_neither_torch_nor_scikit_learn() -> None:
    code = (
        "import sys, ui.api.app, bot.bootstrap; "
        "print(sorted({'torch', 'sklearn', 'transformers', 'peft', 'sentence_transformers'} & set(sys.modules)))"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
