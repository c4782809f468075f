import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.article import read_articles
from knowledge_base.errors import IndexMismatchError, IndexMissingError
from knowledge_base.parts import PARTS, WEIGHTS_PART
from knowledge_base.passage import Match
from knowledge_base.retriever import HybridRetriever, load_retriever
from tests.contracts.retriever import RetrieverContract
from tests.knowledge_base.small_base import WordEncoder, documents, fitted, retriever
from training.retriever import fit_retriever


def encoded(question: str) -> NDArray[np.float32]:
    """Return a question's vector."""
    vector: NDArray[np.float32] = WordEncoder().encode([question])[0]
    return vector


class TestHybridRetriever(RetrieverContract):
    def make_retriever(self) -> HybridRetriever:
        return retriever()

    def encode(self, question: str) -> NDArray[np.float32]:
        return encoded(question)


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("how long until my refund is there", "refund"),
        ("what is the PIN of a gift card", "gift-card"),
        ("washing my jackets", "wash-jacket"),
        ("is the Keswick store open", "stores"),
    ],
)
def test_the_article_that_answers_comes_first(question: str, slug: str) -> None:
    best, *_ = retriever().search(question, encoded(question), top_k=3)

    assert best.passage.slug == slug


def test_the_passage_that_answers_comes_before_the_opening() -> None:
    question = "what balance is in my account"

    best, *_ = retriever().search(question, encoded(question), top_k=3)

    assert best.passage.heading == "Balance"


def test_what_is_quoted_stands_in_the_article() -> None:
    matches = retriever().search("refund", encoded("refund"), top_k=8)

    assert all(match.passage.text in documents()[f"{match.passage.slug}.md"] for match in matches)


def test_a_question_that_nothing_answers_is_less_probable() -> None:
    search = retriever().search

    known = search("wash waterproof jacket", encoded("wash waterproof jacket"), top_k=1)[0]
    strange = search("who is the prime minister", encoded("who is the prime minister"), top_k=1)[0]

    assert strange.probability < known.probability


def test_a_hint_lifts_its_topic_a_little() -> None:
    plain = retriever().search("card", encoded("card"), top_k=8)
    hinted = retriever().search("card", encoded("card"), top_k=8, topic="returns")

    def best_of(matches: tuple[Match, ...], slug: str) -> float:
        return max(match.score for match in matches if match.passage.slug == slug)

    assert best_of(hinted, "refund") > best_of(plain, "refund")
    assert best_of(hinted, "gift-card") == pytest.approx(best_of(plain, "gift-card"))


def test_a_vector_of_another_encoder_is_refused() -> None:
    with pytest.raises(IndexMismatchError, match="48-dimensional"):
        retriever().search("refund", np.zeros(10, dtype=np.float32), top_k=3)


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_is_named(part: str) -> None:
    parts = {name: data for name, data in fitted().parts.items() if name != part}

    with pytest.raises(IndexMissingError, match=f"'{part}'"):
        load_retriever(parts)


@pytest.mark.parametrize("part", PARTS)
def test_a_corrupt_part_is_refused_with_a_remedy(part: str) -> None:
    parts = {**fitted().parts, part: fitted().parts[part][:40]}

    with pytest.raises(IndexMissingError, match="kefu publish"):
        load_retriever(parts)


def test_parts_of_two_searches_do_not_go_together() -> None:
    two = read_articles(dict(list(documents().items())[:2]))
    other = fit_retriever(two, WordEncoder(), (), seed=3)

    with pytest.raises(IndexMismatchError, match="do not belong together"):
        load_retriever({**fitted().parts, WEIGHTS_PART: other.parts[WEIGHTS_PART]})
