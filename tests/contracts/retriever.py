"""What every retriever promises."""

from abc import ABC, abstractmethod

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.errors import EmptyTextError
from knowledge_base.passage import Retriever


class RetrieverContract(ABC):
    """Inherited by the tests of every implementation; the base holds at least three passages."""

    @abstractmethod
    def make_retriever(self) -> Retriever: ...

    @abstractmethod
    def encode(self, question: str) -> NDArray[np.float32]: ...

    def test_best_match_comes_first(self) -> None:
        matches = self.make_retriever().search("refund", self.encode("refund"), top_k=5)

        scores = [match.score for match in matches]
        assert scores
        assert scores == sorted(scores, reverse=True)

    def test_no_more_than_asked_for_come_and_none_twice(self) -> None:
        retriever = self.make_retriever()

        matches = retriever.search("refund", self.encode("refund"), top_k=2)

        assert len({match.passage.passage_id for match in matches}) == len(matches) == 2

    def test_probabilities_are_probabilities(self) -> None:
        matches = self.make_retriever().search("refund", self.encode("refund"), top_k=9)

        assert all(0 <= match.probability <= 1 for match in matches)

    def test_the_same_question_finds_the_same(self) -> None:
        retriever, vector = self.make_retriever(), self.encode("gift card")

        assert retriever.search("gift card", vector, top_k=3) == retriever.search(
            "gift card", vector, top_k=3
        )

    @pytest.mark.parametrize("blank", ["", "   ", "\n"])
    def test_a_blank_question_is_refused(self, blank: str) -> None:
        with pytest.raises(EmptyTextError):
            self.make_retriever().search(blank, self.encode("x"), top_k=3)
