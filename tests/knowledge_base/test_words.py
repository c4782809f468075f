import numpy as np
import pytest

from knowledge_base.errors import IndexMissingError
from knowledge_base.words import WordIndex, stem, words_of

TEXTS = ("Return boots in a store", "The balance of a gift card", "Wash a waterproof jacket")


def test_forms_of_a_word_are_one() -> None:
    assert len({stem(word) for word in ("return", "returns", "returned", "returning")}) == 1
    assert stem("cities") == stem("city")
    assert stem("glass") == "glass"


def test_dull_words_are_left_out() -> None:
    assert words_of("How do I wash the jacket, please?") == ("wash", "jacket")


def test_the_text_that_shares_rare_words_scores_best() -> None:
    scores = WordIndex.build(TEXTS).scores("gift card balance?")

    assert scores.argmax() == 1
    assert scores[2] == 0


def test_words_for_the_same_thing_find_each_other_more_weakly() -> None:
    index = WordIndex.build(TEXTS)

    assert 0 < index.scores("coat")[2] < index.scores("jacket")[2]


def test_unknown_words_score_nothing_and_are_the_rarest() -> None:
    index = WordIndex.build(TEXTS)

    unknown, known = index.hits("zeppelin jacket")

    assert not index.scores("zeppelin").any()
    assert len(unknown.texts) == 0
    assert unknown.rarity > known.rarity


def test_bytes_give_the_same_index_back() -> None:
    index = WordIndex.build(TEXTS)

    again = WordIndex.from_bytes(index.to_bytes())

    assert np.array_equal(again.scores("wash my coat"), index.scores("wash my coat"))
    assert len(again) == len(TEXTS)


@pytest.mark.parametrize("data", [b"", b"nonsense", b"PK\x03\x04 broken"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(IndexMissingError, match="kefu publish"):
        WordIndex.from_bytes(data)


def test_texts_without_words_are_refused() -> None:
    with pytest.raises(IndexMissingError):
        WordIndex.build(["the", "?!"])
