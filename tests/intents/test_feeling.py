"""Texts of several sentences: what is asked about them, and what becomes of the answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.feeling import overall, readings_of
from intents.text import normalise

FURIOUS, PLAIN, GLAD = np.eye(3, dtype=np.float32)


def test_one_or_two_sentences_are_read_as_a_whole() -> None:
    assert readings_of("where is my order") == ("where is my order",)
    two = "I ordered a tent on Monday. It has not come yet, where is it?"
    assert readings_of(two) == (two,)


def test_three_sentences_are_read_one_by_one_too() -> None:
    text = "I ordered a tent on Monday.  It came with a broken pole! Can you send me another one?"

    assert readings_of(text) == (
        "I ordered a tent on Monday. It came with a broken pole! Can you send me another one?",
        "I ordered a tent on Monday.",
        "It came with a broken pole!",
        "Can you send me another one?",
    )


def test_lines_are_sentences_and_scraps_stay_with_their_neighbours() -> None:
    text = "Hi.\nthe zip went on day two\nI have sent it back twice now\nnobody ever answers me. Thanks."

    assert readings_of(text)[1:] == (
        "Hi. the zip went on day two",
        "I have sent it back twice now",
        "nobody ever answers me. Thanks.",
    )


def test_very_long_texts_are_read_in_sixteen_groups_at_most() -> None:
    readings = readings_of(" ".join(f"This is sentence number {number}." for number in range(40)))

    assert len(readings) == 1 + 14  # of three sentences each
    assert readings[1].endswith("number 2.")


@pytest.mark.parametrize("text", ["", "   ", "\n", "..."])
def test_nothing_is_still_read(text: str) -> None:
    (reading,) = readings_of(text)
    assert reading


@given(st.text(alphabet="ab .!?\n…)'\u200b", max_size=200))
def test_no_word_is_lost_or_read_twice(text: str) -> None:
    whole, *sentences = readings_of(text)

    assert whole == (normalise(text) or ".")
    assert all(one == normalise(one) and one for one in sentences)
    if sentences:
        assert normalise(" ".join(sentences)).split() == whole.split()


def test_three_facts_and_one_fury_are_furious() -> None:
    found = overall(np.stack([PLAIN, PLAIN, PLAIN, PLAIN, FURIOUS]), 1.0)

    assert found.argmax() == 0
    assert found.sum() == pytest.approx(1.0)


def test_the_whole_counts_as_one_of_the_sentences() -> None:
    found = overall(np.stack([FURIOUS, GLAD, GLAD, GLAD, GLAD]), 1.0)

    assert found == pytest.approx([0.25, 0.0, 0.75])


def test_a_single_sentence_is_what_it_is() -> None:
    assert overall(np.array([[0.2, 0.5, 0.3]], dtype=np.float32), 1.0) == pytest.approx(
        [0.2, 0.5, 0.3]
    )
