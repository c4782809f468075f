"""How the search does on held-out questions, and where to draw the lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

TARGET_PRECISION: Final = 0.85
TARGET_PRECISION_IN_SCOPE: Final = 0.78
_FALLBACK: Final = 0.5
_LEAST: Final = 0.1


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the search made of one held-out question.

    Attributes:
        place: Place of the right article in the ranking, from 0; None where it was not found.
        probability: Of the best article.
        is_answerable: Some article answers it.
    """

    place: int | None
    probability: float
    is_answerable: bool

    @property
    def is_right(self) -> bool:
        """Tell whether the best article is the right one."""
        return self.place == 0


@dataclass(frozen=True, slots=True)
class RetrieverReport:
    """How the search does on held-out questions; shares in [0, 1], None where nothing could be measured.

    Attributes:
        questions: How many questions that an article answers were held out in turn.
        strange: How many questions that nothing answers.
        top_1: Share whose article comes first.
        top_3: Share whose article is among the first three.
        auroc: That a question which is answered scores higher than one that nothing answers.
        precision: Right ones among those at or above ``answer``.
        coverage: Share of the answerable questions that get an answer at ``answer``.
        false_answers: Share of the questions that nothing answers that get one.
        coverage_in_scope: As ``coverage``, at ``answer_in_scope``.
        precision_in_scope: Right ones among the answerable at or above ``answer_in_scope``.
    """

    questions: int
    strange: int
    top_1: float
    top_3: float
    auroc: float | None
    precision: float | None
    coverage: float
    false_answers: float | None
    coverage_in_scope: float
    precision_in_scope: float | None


def choose_thresholds(held_out: Sequence[HeldOut]) -> tuple[float, float]:
    """Choose the probabilities from which on a passage is quoted: in general, and where the subject is known.

    Each is the lowest one with which the promised share of the answers is right; the second looks only at questions
    that some article answers, and is never above the first.
    """
    answer = _lowest(held_out, TARGET_PRECISION)
    in_scope = _lowest([one for one in held_out if one.is_answerable], TARGET_PRECISION_IN_SCOPE)
    return answer, min(answer, in_scope)


def report_on(
    held_out: Sequence[HeldOut], answer: float, answer_in_scope: float
) -> RetrieverReport:
    """Sum up."""
    known = [one for one in held_out if one.is_answerable]
    strange = [one for one in held_out if not one.is_answerable]
    answered = [one for one in held_out if one.probability >= answer]
    in_scope = [one for one in known if one.probability >= answer_in_scope]
    return RetrieverReport(
        questions=len(known),
        strange=len(strange),
        top_1=_share([one.place == 0 for one in known]) or 0.0,
        top_3=_share([one.place is not None and one.place < 3 for one in known]) or 0.0,  # noqa: PLR2004
        auroc=auroc([o.probability for o in known], [o.probability for o in strange]),
        precision=_share([one.is_right for one in answered]),
        coverage=_share([one.probability >= answer for one in known]) or 0.0,
        false_answers=_share([one.probability >= answer for one in strange]),
        coverage_in_scope=_share([one.probability >= answer_in_scope for one in known]) or 0.0,
        precision_in_scope=_share([one.is_right for one in in_scope]),
    )


def auroc(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """Return the probability that one of ``higher`` is above one of ``lower``; ties count half."""
    if not len(higher) or not len(lower):
        return None
    ordered = np.sort(np.asarray(lower))
    below = np.searchsorted(ordered, higher, side="left")
    up_to = np.searchsorted(ordered, higher, side="right")
    return float((below + up_to).mean() / 2 / len(ordered))


def _lowest(held_out: Sequence[HeldOut], precision: float) -> float:
    ordered = sorted(held_out, key=lambda one: -one.probability)
    right = np.cumsum([one.is_right for one in ordered])
    fit = np.flatnonzero(right >= precision * np.arange(1, len(ordered) + 1))
    if not len(fit):
        return _FALLBACK
    return max(_LEAST, round(ordered[int(fit[-1])].probability, 4))


def _share(claims: Sequence[bool]) -> float | None:
    return sum(claims) / len(claims) if claims else None
