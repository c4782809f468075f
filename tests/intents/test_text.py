"""One clean-up for training and serving."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.text import comparable, normalise


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  where\tis\n\nmy   parcel ", "where is my parcel"),
        ("it\u2019s \u201clate\u201d \u2013 again\u2026", 'it\'s "late" - again...'),
        ("re\u200bfund\x00 please\u202e", "refund please"),
        ("cafe\u0301", "caf\u00e9"),
        ("\U0001f44d\U0001f3fd", "thumbs up sign"),
        ("ok\u2764\ufe0fok", "ok heavy black heart ok"),
        ("\ud800lone", "lone"),
        (" \u200b\n", ""),
        ("I don`t", "I don't"),
    ],
)
def test_a_text_is_cleaned(typed: str, clean: str) -> None:
    assert normalise(typed) == clean


@given(st.text())
def test_cleaning_twice_changes_nothing(typed: str) -> None:
    once = normalise(typed)

    assert normalise(once) == once


@given(st.text())
def test_nothing_unseen_is_left(typed: str) -> None:
    categories = {unicodedata.category(character) for character in normalise(typed)}

    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_case_and_punctuation_do_not_make_another_example() -> None:
    assert comparable("Where's my parcel?!") == comparable("where s MY parcel")
    assert comparable("?") != comparable("!")
