"""Reading, checking and splitting sentences with a sentiment."""

import csv
import gzip
from pathlib import Path

import pytest

from training.errors import DatasetError, SplitLeakError
from training.sentiment_data import (
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    LabelledUtterance,
    check_no_leak,
    read_airline_tweets,
    read_own,
    read_sentiments,
    read_sst2,
    split_own,
    without,
)


def _write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "sentences.csv").write_text(text, "utf-8")
    return folder


def test_own_sentences_keep_commas_and_quotes(tmp_path: Path) -> None:
    folder = _write(tmp_path / "own", 'text,sentiment\n"oh, ""great""",negative\nthx,positive\n')

    found = read_own(folder)

    assert found == (
        LabelledUtterance('oh, "great"', NEGATIVE),
        LabelledUtterance("thx", POSITIVE),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("text,sentiment\nhello,angry\n", "csv:2: unknown sentiment 'angry'; use one of negative"),
        ("text,sentiment\nhi,neutral\n  ,neutral\n", "csv:3: the text is missing or blank"),
        ("sentence,class\nhi,neutral\n", "csv:1: has no 'sentiment'"),
        ("text,sentiment\nok,neutral\nok,positive\n", "csv:3: 'ok' is neutral elsewhere"),
        ("text,sentiment\nok\n", "csv:2: the sentiment is missing"),
    ],
)
def test_broken_file_is_refused_with_file_line_and_remedy(
    tmp_path: Path, text: str, complaint: str
) -> None:
    folder = _write(tmp_path / "own", text)

    with pytest.raises(DatasetError, match=r"sentences\.csv") as refusal:
        read_own(folder)

    assert complaint in str(refusal.value)


def test_somebodys_file_may_hold_rows_without_a_text(tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text("sentiment,text\nPositive,lovely\nnegative,\nnegative,bad\n", "utf-8")

    found, notes = read_sentiments(file)

    assert found == (LabelledUtterance("lovely", POSITIVE), LabelledUtterance("bad", NEGATIVE))
    assert "such as line 3" in notes[0]


def test_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no \.csv file"):
        read_own(tmp_path)


def test_shipped_sentences_are_many_of_every_sentiment() -> None:
    sentiments = [utterance.sentiment for utterance in read_own()]

    assert len(sentiments) >= 1200
    assert min(sentiments.count(one) for one in (NEGATIVE, NEUTRAL, POSITIVE)) >= 300


def test_every_shipped_sentence_is_in_exactly_one_part() -> None:
    own = read_own()

    parts = split_own(own)

    together = [*parts.train, *parts.dev, *parts.test]
    assert len(together) == len(own)
    assert set(together) == set(own)
    assert 0.1 < len(parts.test) / len(own) < 0.2


def test_a_sentence_keeps_its_part_whatever_its_case_and_punctuation() -> None:
    spellings = [
        LabelledUtterance(text, POSITIVE) for text in ("Great job!", "great job", "GREAT, job")
    ]

    parts = split_own(spellings)

    assert sorted(len(part) for part in (parts.train, parts.dev, parts.test)) == [0, 0, 3]


def test_sst2_held_out_sentences_are_taken_out_of_train(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text("a fine film\t1\na dull film\t0\n", "utf-8")
    (tmp_path / "dev.tsv").write_text("so so\t0\n", "utf-8")
    (tmp_path / "test.tsv").write_text("A fine film .\t1\n", "utf-8")

    parts = read_sst2(tmp_path)

    assert parts is not None
    assert parts.train == (LabelledUtterance("a dull film", NEGATIVE),)
    assert parts.test == (LabelledUtterance("A fine film .", POSITIVE),)


def test_absent_sst2_is_none_and_half_of_it_is_refused(tmp_path: Path) -> None:
    assert read_sst2(tmp_path / "nowhere") is None
    with pytest.raises(DatasetError, match=r"train\.tsv is missing"):
        read_sst2(tmp_path)


@pytest.mark.parametrize("line", ["no tab here", "a film\t2", "\t1"])
def test_broken_sst2_line_is_refused(tmp_path: Path, line: str) -> None:
    for part in ("train", "dev", "test"):
        (tmp_path / f"{part}.tsv").write_text(f"fine\t1\n{line}\n", "utf-8")

    with pytest.raises(DatasetError, match=r"train\.tsv, line 2"):
        read_sst2(tmp_path)


def test_airline_tweets_are_read_once_each(tmp_path: Path) -> None:
    rows = [
        {"airline_sentiment": "negative", "text": "@air late,\nagain"},
        {"airline_sentiment": "neutral", "text": "@air LATE again"},
        {"airline_sentiment": "neutral", "text": "@air when?"},
    ]
    with gzip.open(tmp_path / "Tweets.csv.gz", "wt", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["airline_sentiment", "text"])
        writer.writeheader()
        writer.writerows(rows)

    found = read_airline_tweets(tmp_path)

    assert found is not None
    assert [one.sentiment for one in found] == [NEGATIVE, NEUTRAL]
    assert read_airline_tweets(tmp_path / "nowhere") is None


def test_shared_sentence_is_a_leak_and_can_be_left_out() -> None:
    train = (LabelledUtterance("Amazing!", POSITIVE), LabelledUtterance("late", NEGATIVE))
    held_out = (LabelledUtterance("amazing", POSITIVE),)

    with pytest.raises(SplitLeakError, match="'amazing'"):
        check_no_leak(train, held_out)

    assert without(train, held_out) == (LabelledUtterance("late", NEGATIVE),)
    check_no_leak(without(train, held_out), held_out)
