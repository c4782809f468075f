"""Fitting a sentiment head: how much it lets the sentences of a longer text say."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from training.sentiment_adapter import SentimentHead
from training.sentiment_data import NEGATIVE, NEUTRAL, POSITIVE, LabelledUtterance
from training.sentiment_head import Moods, fit_head, judge

_WORDS = {"awful": NEGATIVE, "plain": NEUTRAL, "lovely": POSITIVE}
_TUNED = SentimentHead(4 * np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32), 1.0)


def _examples(*, sentences: int) -> list[LabelledUtterance]:
    return [
        LabelledUtterance(" ".join(["It is all so {word}."] * sentences).format(word=word), mood)
        for word, mood in _WORDS.items()
        for _ in range(12)
    ]


def _reader(*, is_lost: bool, in_paragraphs: bool) -> Moods:
    """Return an encoder that reads right what it can, and finds the rest lovely."""

    def moods(texts: Sequence[str]) -> NDArray[np.float32]:
        rows = []
        for text in texts:
            is_paragraph = text.count(".") > 1
            mood = next(sentiment for word, sentiment in _WORDS.items() if word in text)
            rows.append(POSITIVE if is_lost and is_paragraph == in_paragraphs else mood)
        return np.eye(3, dtype=np.float32)[rows]

    return moods


@pytest.mark.parametrize(("in_paragraphs", "share"), [(True, 1.0), (False, 0.0)])
def test_sentences_say_as_much_as_helps_on_what_is_held_out(
    *, in_paragraphs: bool, share: float
) -> None:
    moods = _reader(is_lost=True, in_paragraphs=in_paragraphs)

    head = fit_head(moods, _examples(sentences=1), _examples(sentences=4), _TUNED)

    assert head.sentence_share == share


def test_without_paragraphs_to_learn_from_sentences_keep_their_say() -> None:
    moods = _reader(is_lost=False, in_paragraphs=False)

    head = fit_head(moods, _examples(sentences=1), _examples(sentences=1), _TUNED)

    assert head.sentence_share == 1.0


def test_texts_are_judged_by_their_sentences_where_these_count() -> None:
    moods = _reader(is_lost=True, in_paragraphs=True)
    texts = ["It is awful.", " ".join(["It is all so awful."] * 4)]

    judged = judge(_TUNED, moods, texts)

    assert judged.shape == (2, 3)
    assert judged.argmax(axis=1).tolist() == [NEGATIVE, NEGATIVE]
    np.testing.assert_allclose(judged.sum(axis=1), 1.0, atol=1e-6)
