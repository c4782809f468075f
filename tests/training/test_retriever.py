from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.article import read_articles
from tests.knowledge_base.small_base import INTENTS, STRANGE, WordEncoder, documents, fitted
from training.errors import DatasetError
from training.retriever import fit_retriever
from training.retriever_material import texts_to_encode
from training.retriever_report import HeldOut, auroc, choose_thresholds, report_on


def held_out(probability: float, *, is_right: bool, is_answerable: bool = True) -> HeldOut:
    """Return what the search made of one question."""
    return HeldOut(0 if is_right else 1, probability, is_answerable)


def test_every_question_is_held_out_once() -> None:
    report = fitted().report

    assert report.questions == 16
    assert report.strange > len(STRANGE)
    assert report.top_1 <= report.top_3 <= 1


def test_the_same_seed_gives_the_same_search() -> None:
    articles = read_articles(documents())

    again = fit_retriever(articles, WordEncoder(), STRANGE, seed=3, utterances=INTENTS)

    assert again.parts == fitted().parts
    assert (again.answer, again.report) == (fitted().answer, fitted().report)


def test_a_known_subject_never_needs_more_than_an_unknown_one() -> None:
    assert 0 < fitted().answer_in_scope <= fitted().answer < 1


def test_everything_that_is_encoded_is_named_beforehand() -> None:
    asked: list[str] = []

    class Noting(WordEncoder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            asked.extend(texts)
            return WordEncoder.encode(self, texts)

    articles = read_articles(documents())
    fit_retriever(articles, Noting(), STRANGE, seed=3, utterances=INTENTS)

    assert set(asked) <= set(texts_to_encode(articles, STRANGE, INTENTS))


def test_one_article_is_too_few() -> None:
    one = read_articles(dict(list(documents().items())[:1]))

    with pytest.raises(DatasetError, match="at least two"):
        fit_retriever(one, WordEncoder(), STRANGE, seed=3)


def test_articles_without_questions_teach_nothing() -> None:
    bare = {
        path: "\n".join(
            line for line in text.splitlines() if not line.startswith(("questions", "  - "))
        )
        for path, text in documents().items()
    }

    with pytest.raises(DatasetError, match="questions"):
        fit_retriever(read_articles(bare), WordEncoder(), STRANGE, seed=3)


def test_thresholds_keep_the_promised_precision() -> None:
    seen = [
        *(held_out(0.9, is_right=True) for _ in range(17)),
        *(held_out(0.6, is_right=False) for _ in range(3)),
        *(held_out(0.3, is_right=False, is_answerable=False) for _ in range(9)),
    ]

    answer, in_scope = choose_thresholds(seen)
    report = report_on(seen, answer, in_scope)

    assert answer == 0.6
    assert report.precision == pytest.approx(0.85)
    assert report.false_answers == 0


def test_auroc_counts_pairs_in_the_right_order() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([], [0.5]) is None
