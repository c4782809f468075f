"""Rows from files of every kind that people have."""

from pathlib import Path

import pytest

from training.datasets import clean_for_training, contradictions, read_labelled, read_leniently
from training.errors import DatasetError
from training.tables import Column, read_rows, read_text

COLUMNS = (Column("text", ("sentence",)), Column("intent"))


def rows_of(folder: Path, name: str, content: bytes) -> list[tuple[int, tuple[object, ...]]]:
    file = folder / name
    file.write_bytes(content)
    return [(row.line, row.cells) for row in read_rows(file, COLUMNS, "utterances")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,intent\nsträngé,x\n".encode("utf-8-sig")),
        ("a.csv", "text,intent\nsträngé,x\n".encode("utf-16")),
        ("a.csv", "text,intent\r\nsträngé,x\r\n".encode()),
        ("a.csv", " Intent , Sentence ,note\nx,sträng\u00e9,\n".encode()),
        ("a.tsv", "text\tintent\nsträngé\tx\n".encode()),
        ("a.jsonl", '\ufeff{"Text": "sträng\\u00e9", "intent": "x"}\r\n'.encode()),
    ],
)
def test_what_other_programs_write_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    assert rows_of(tmp_path, name, content) == [(1 if "json" in name else 2, ("strängé", "x"))]


def test_a_quoted_text_may_hold_lines_and_the_next_row_has_its_own_line(tmp_path: Path) -> None:
    content = b'text,intent\n"one\ntwo, ""three""",x\n\n,\nfour,y\n'

    assert rows_of(tmp_path, "a.csv", content) == [
        (2, ('one\ntwo, "three"', "x")),
        (6, ("four", "y")),
    ]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "a.csv",
            "text,intent\nok,x\ncaf\xe9,x\n".encode("latin-1"),
            r"a\.csv:3: not UTF-8 .*save",
        ),
        ("a.csv", b"text,intent\nyes, please,x\n", r"a\.csv:2: 3 cells where the header names 2"),
        ("a.csv", b"text;intent\nhi;x\n", r"a\.csv:1: separated with semicolons; .* with commas"),
        ("a.csv", b"text\tintent\nhi\tx\n", r"a\.csv:1: separated with tabs; .* with commas"),
        ("a.tsv", b"text,intent\nhi,x\n", r"a\.tsv:1: separated with commas; .* with tabs"),
        ("a.csv", b"words,intent\nhi,x\n", r"a\.csv:1: has no 'text' but 'words', 'intent'"),
        ("a.csv", b"\n\n", "holds no utterances"),
        ("a.xlsx", b"PK", r"ends in '\.xlsx'"),
        ("a.jsonl", b'{"text": "hi"}\n', r"a\.jsonl:1: has no 'intent' but 'text'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(DatasetError, match=told):
        rows_of(tmp_path, name, content)


@pytest.mark.parametrize("name", ["x.txt", "arr.json"])
def test_every_kind_of_file_that_holds_intents_is_named(tmp_path: Path, name: str) -> None:
    for read in (read_labelled, read_leniently):
        with pytest.raises(DatasetError, match=r"give a \.yml, \.csv, \.tsv or \.jsonl file"):
            read(tmp_path / name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"none\.csv cannot be read \(No such file"):
        read_text(tmp_path / "none.csv")


def test_a_label_without_a_text_is_left_out_where_others_files_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,intent\nhi,greet\n  ,greet\n,part\nbye,part\n")
    assert (
        "2 rows have no text and are left out, such as line 3, 4" in read_leniently(file).notes[0]
    )
    file.write_text("text,intent\nhi,greet\n  ,greet\nbye,part\n")

    found = read_leniently(file)

    assert [(row.text, row.line) for row in found.rows] == [("hi", 2), ("bye", 4)]
    assert "1 row has no text and is left out, such as line 3" in found.notes[0]
    file.write_text("text,intent\n  ,greet\n")
    with pytest.raises(DatasetError, match="holds no labelled utterances"):
        read_leniently(file)


@pytest.mark.parametrize("kind", ["csv", "yml"])
def test_repeated_examples_count_once_and_contradictions_are_told(
    tmp_path: Path, kind: str
) -> None:
    file = tmp_path / f"a.{kind}"
    file.write_text(
        "text,intent\nhello,greet\nHello!,greet\nbye,part\nhello,part\n"
        if kind == "csv"
        else "nlu:\n- intent: greet\n  examples: |\n    - hello\n    - Hello!\n"
        "- intent: part\n  examples: |\n    - bye\n    - hello\n"
    )

    rows = read_labelled(file)
    cleaned = clean_for_training(file, rows)

    assert len(rows) == 4
    assert [(row.text, row.intent) for row in cleaned.rows] == [
        ("hello", "greet"),
        ("bye", "part"),
        ("hello", "part"),
    ]
    assert "1 repeated row counts once" in cleaned.notes[0]
    assert "1 text stands under two intents" in cleaned.notes[1]
    assert contradictions(file, rows[:3]) == ()
