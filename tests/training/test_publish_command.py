"""``python -m training`` says what is wrong in words, and ends with status 2."""

from pathlib import Path

import pytest

from training import exporting, service
from training.__main__ import main
from training.progress import Report
from training.service import ServiceConfig


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    return tmp_path


def test_nothing_to_measure_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "nlu.yml"
    file.write_text("nlu: []\n")

    assert main(["evaluate", "--data", str(file)]) == 2

    assert "run 'kefu publish'" in capsys.readouterr().err


def test_a_misspelt_setting_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEFU_HOMME", "x")

    assert main(["worker", "--once"]) == 2

    assert "did you mean KEFU_HOME?" in capsys.readouterr().err


def test_an_encoder_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "encoder"
    empty.mkdir()

    assert exporting.main(["base", f"--encoder={empty}", str(tmp_path / "out")]) == 2

    assert "has no config.json" in capsys.readouterr().err


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["dance"])

    assert ended.value.code == 2
    assert "dance" in capsys.readouterr().err


def test_two_do_not_tune_into_one_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(folder: str) -> list[str]:
        return ["encoder", "--data", str(home), "--out", str(home / folder)]

    statuses: list[int] = []

    def meanwhile(config: ServiceConfig, _progress: Report) -> Path:
        if config.out_folder.name == "mine":
            statuses.extend([main(command("mine")), main(command("other"))])
        return config.out_folder

    monkeypatch.setattr(service, "train", meanwhile)

    assert main(command("mine")) == 0
    assert statuses == [2, 0]
    assert f"tuning into {home / 'mine'} is already running" in capsys.readouterr().err
