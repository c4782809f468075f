"""The scores that we report, each defined here once; ``docs/evaluation.md`` says the same in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import stdev
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intents.calibration import area_under_curve, calibration_error
from training.evaluation.predictions import Predictions
from training.metrics import share

KEPT_IN_SCOPE: Final = 0.95
_SPELLINGS: Final = {
    "recall_at_1": "recall@1",
    "recall_at_5": "recall@5",
    "mrr_at_10": "mrr@10",
    "ndcg_at_10": "ndcg@10",
}
_DEPTH: Final = 10


@dataclass(frozen=True, slots=True)
class Scores:
    """What was measured; shares in [0, 1], None where a score has no meaning for the set.

    Attributes:
        n: How many utterances, questions or conversations.
        accuracy: Share answered right; ``out_of_scope`` counts as an intent where the set has such utterances.
        in_scope_accuracy: Share of in-scope utterances whose most probable intent is right, refused or not.
        macro_f1: Mean F1 of the classes that stand in the set.
        oos_auroc: Chance that an out-of-scope utterance looks stranger than an in-scope one.
        oos_recall_at_95: Share of out-of-scope utterances refused where 95 % of those in scope are kept.
        ece: Expected calibration error of in-scope utterances over 15 bins of equal width.
        recall_at_1: Share of questions with a right passage in first place; ``recall_at_5`` among the first five.
        mrr_at_10: Mean of 1 / place of the first right passage among ten, 0 where there is none.
        ndcg_at_10: Discounted gain of the first ten over that of the best possible ten, binary relevance.
    """

    n: int
    accuracy: float | None = None
    in_scope_accuracy: float | None = None
    macro_f1: float | None = None
    oos_auroc: float | None = None
    oos_recall_at_95: float | None = None
    ece: float | None = None
    recall_at_1: float | None = None
    recall_at_5: float | None = None
    mrr_at_10: float | None = None
    ndcg_at_10: float | None = None

    def as_json(self) -> Mapping[str, float]:
        """Return the scores that have a meaning, under their public names; ``n`` comes last."""
        names = [field.name for field in fields(self) if field.name != "n"]
        found = {name: getattr(self, name) for name in names}
        known = {_SPELLINGS.get(k, k): float(v) for k, v in found.items() if v is not None}
        return {**known, "n": self.n}


def score_intents(predictions: Predictions) -> Scores:
    """Score what was said about intents."""
    inside, is_right = predictions.is_in_scope, predictions.is_right
    said, truths = predictions.said, predictions.truths
    has_inside, has_both = bool(inside.any()), bool(inside.any() and not inside.all())
    return Scores(
        n=len(predictions),
        accuracy=share(np.array([a == b for a, b in zip(said, truths, strict=True)], dtype=bool)),
        in_scope_accuracy=share(is_right[inside]) if has_inside else None,
        macro_f1=macro_f1(truths, said),
        oos_auroc=area_under_curve(predictions.strangeness, ~inside) if has_both else None,
        oos_recall_at_95=recall_when_kept(predictions.strangeness, inside) if has_both else None,
        ece=(
            calibration_error(predictions.confidences[inside], is_right[inside])
            if has_inside
            else None
        ),
    )


def recall_when_kept(
    strangeness: NDArray[np.float32], is_in_scope: NDArray[np.bool_], kept: float = KEPT_IN_SCOPE
) -> float:
    """Return the share of out-of-scope utterances that are refused where ``kept`` of those in scope are not.

    The threshold is the lowest at which at least that share of the in-scope utterances lies at or below it.
    """
    inside = np.sort(strangeness[is_in_scope])
    place = int(np.ceil(kept * len(inside))) - 1
    return share(strangeness[~is_in_scope] > inside[max(0, place)])


def macro_f1(truths: Sequence[str], said: Sequence[str]) -> float:
    """Return the mean F1 of the classes that stand among the truths."""
    pairs = list(zip(truths, said, strict=True))
    found = []
    for name in sorted(set(truths)):
        hits = sum(truth == name == one for truth, one in pairs)
        of_class = sum(truth == name for truth, _ in pairs)
        claimed = sum(one == name for _, one in pairs)
        found.append(2.0 * hits / (of_class + claimed))
    return float(np.mean(found)) if found else 0.0


def score_sentiments(truths: Sequence[str], probabilities: NDArray[np.float32]) -> Scores:
    """Score sentiments.

    Args:
        truths: ``negative``, ``neutral`` or ``positive``; where none is neutral, the two others are compared.
        probabilities: Shape ``(n, 3)``, in this order.
    """
    kinds = ("negative", "neutral", "positive")
    chosen = [0, 1, 2] if "neutral" in truths else [0, 2]
    shares = probabilities[:, chosen] / np.maximum(
        probabilities[:, chosen].sum(axis=1, keepdims=True), 1e-12
    )
    said = [kinds[chosen[place]] for place in shares.argmax(axis=1)]
    is_right = np.array([a == b for a, b in zip(said, truths, strict=True)], dtype=bool)
    return Scores(
        n=len(truths),
        accuracy=share(is_right),
        macro_f1=macro_f1(truths, said),
        ece=calibration_error(shares.max(axis=1), is_right),
    )


def score_rankings(rankings: NDArray[np.int64], relevant: Sequence[frozenset[int]]) -> Scores:
    """Score rankings of passages.

    Args:
        rankings: Numbers of the best passages, best first, shape ``(questions, 10 or more)`` or all there are.
        relevant: Numbers of the right passages of each question, at least one.
    """
    hits = np.array(
        [
            [int(one) in right for one in ranking[:_DEPTH]]
            for ranking, right in zip(rankings, relevant, strict=True)
        ],
        dtype=np.float64,
    )
    discounts = 1.0 / np.log2(np.arange(hits.shape[1]) + 2.0)
    full = 1.0 / np.log2(np.arange(_DEPTH) + 2.0)
    ideal = np.array([full[: min(_DEPTH, len(right))].sum() for right in relevant])
    return Scores(
        n=len(relevant),
        recall_at_1=float(hits[:, :1].any(axis=1).mean()),
        recall_at_5=float(hits[:, :5].any(axis=1).mean()),
        mrr_at_10=float((hits.any(axis=1) / (hits.argmax(axis=1) + 1.0)).mean()),
        ndcg_at_10=float((hits @ discounts / ideal).mean()),
    )


def mean_of(parts: Sequence[Scores]) -> Scores:
    """Return the mean of every score over runs on the same set."""

    def mean(name: str) -> float | None:
        values = [getattr(part, name) for part in parts if getattr(part, name) is not None]
        return float(np.mean(values)) if values else None

    return Scores(parts[0].n, *(mean(field.name) for field in fields(Scores)[1:]))


def spread_of(parts: Sequence[Scores]) -> Mapping[str, float]:
    """Return the standard deviation of every score over runs on the same set, by public name; nothing of one run."""
    if len(parts) == 1:
        return {}
    found = [part.as_json() for part in parts]
    return {name: stdev(one[name] for one in found) for name in found[0] if name != "n"}
