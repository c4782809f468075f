"""The models inside the search, each fitted in closed form or by a few Newton steps: seconds for a hundred articles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from knowledge_base.scoring import Evidence, Floats, IntentMap, Numbers, Sign

_Doubles = NDArray[np.float64]

# What the evidence is worth before any is seen; held-out questions move it a little. They are a biased sample: the
# questions of one article were written to differ, so fitted alone they would call nearness to a question worthless.
RANK_PRIOR: Final[Mapping[Evidence, float]] = {
    Evidence.QUESTION: 6.0,
    Evidence.PASSAGE: 6.0,
    Evidence.WORDS_QUESTION: 0.05,
    Evidence.WORDS_PASSAGE: 0.05,
    Evidence.WORDS_ARTICLE: 0.2,
    Evidence.COVERAGE: 2.0,
    Evidence.INTENT: 4.0,
    Evidence.ARTICLE: 0.8,
    Evidence.TOPIC: 0.7,
}
_RANK_FAITH: Final = 0.2
_RANK_STEPS: Final = 12
_SOFTMAX_C: Final = 10.0
_ARTICLE_STEPS: Final = 15
_INTENT_STEPS: Final = 60
_PASSAGE_TRUST: Final = 0.7
_STRANGE_C: Final = 3.0
_JUDGE_C: Final = 1.0
# More of a sign can only speak for an answer, save these.
_JUDGE_BOUNDS: Final[Mapping[Sign, tuple[float | None, float | None]]] = {
    Sign.STRANGE: (None, 0.0),
    Sign.LENGTH: (None, None),
}
# Of all that is asked of the knowledge base, the share that no article answers, as the judge is to expect it.
_STRANGE_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Ranked:
    """One held-out question: its candidates' evidence, and which of them is right (None: not among them)."""

    evidence: Floats
    right: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """Signs of one candidate, whether it is right, and whether any article answers the question."""

    signs: Floats
    is_right: bool
    is_answerable: bool


def fit_intents(vectors: Floats, intents: Sequence[str]) -> IntentMap:
    """Fit encodings to intents by softmax regression; no examples give a map to no intents."""
    names = sorted(set(intents))
    if not names:
        dim = vectors.shape[1]
        return IntentMap(np.zeros((dim, 0), np.float32), np.zeros(0, np.float32))
    numbers = {name: n for n, name in enumerate(names)}
    targets = np.array([numbers[intent] for intent in intents])
    weight, bias = _softmax_regression(vectors, targets, np.ones(len(targets)), _INTENT_STEPS)
    return IntentMap(weight, bias)


def fit_articles(
    wide: Floats, articles: Numbers, is_passage: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Fit widened encodings of entries to their articles; shapes ``(articles, wide)`` and ``(articles,)``."""
    trust = np.where(is_passage, _PASSAGE_TRUST, 1.0)
    weight, bias = _softmax_regression(wide, articles, trust, _ARTICLE_STEPS)
    return np.ascontiguousarray(weight.T), bias


def habits_of(roots: Floats, articles: Numbers, count: int) -> Floats:
    """Average the intent roots of each article's questions, shape ``(count, intents)``."""
    sums = np.zeros((count, roots.shape[1]), dtype=np.float64)
    np.add.at(sums, articles, roots)
    sizes = np.maximum(np.bincount(articles, minlength=count), 1)
    habits: Floats = (sums / sizes[:, None]).astype(np.float32)
    return habits


def fit_strange(answered: Floats, strange: Floats) -> Floats:
    """Fit what tells questions that nothing answers from those that something does; the bias comes last."""
    if not len(strange):
        return np.zeros(answered.shape[1] + 1, dtype=np.float32)
    features = np.vstack([answered, strange])
    is_strange = np.arange(len(features)) >= len(answered)
    model = LogisticRegression(C=_STRANGE_C, class_weight="balanced", max_iter=200)
    model.fit(features, is_strange)
    return np.append(model.coef_[0], model.intercept_[0]).astype(np.float32)


def fit_rank(questions: Sequence[Ranked]) -> Floats:
    """Fit the weights of the evidence: softmax over candidates, drawn towards what they are worth beforehand."""
    prior = np.array([RANK_PRIOR[kind] for kind in Evidence])
    usable = [(one.evidence.astype(np.float64), one.right) for one in questions]
    weights = prior.copy()
    for _ in range(_RANK_STEPS):
        slope = np.zeros_like(weights)
        curve = np.zeros((len(weights), len(weights)))
        for evidence, right in usable:
            if right is None:
                continue
            scores = evidence @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            mean = shares @ evidence
            slope += mean - evidence[right]
            curve += (evidence * shares[:, None]).T @ evidence - np.outer(mean, mean)
        faith = 2 * _RANK_FAITH * len(usable) / prior**2
        slope += faith * (weights - prior)
        curve[np.diag_indices_from(curve)] += faith
        weights = weights - np.linalg.solve(curve, slope)
    return weights.astype(np.float32)


def fit_judge(candidates: Sequence[Judged]) -> Floats:
    """Fit the probability that a candidate is right; the bias comes last."""
    signs = np.stack([one.signs for one in candidates]).astype(np.float64)
    is_right = np.array([one.is_right for one in candidates])
    is_answerable = np.array([one.is_answerable for one in candidates])
    trust = np.ones(len(candidates))
    if 0 < is_answerable.sum() < len(candidates):
        strange = (~is_answerable).sum()
        trust[~is_answerable] = (
            _STRANGE_SHARE / (1 - _STRANGE_SHARE) * is_answerable.sum() / strange
        )
    mean, spread = signs.mean(0), signs.std(0) + 1e-6
    if is_right.all() or not is_right.any():  # nothing to tell apart: as likely as not
        return np.zeros(len(Sign) + 1, dtype=np.float32)
    slopes = _fit_bounded((signs - mean) / spread, is_right, trust) / np.append(spread, 1.0)
    slopes[-1] -= slopes[:-1] @ mean
    judge: Floats = slopes.astype(np.float32)
    return judge


def _fit_bounded(signs: _Doubles, is_right: NDArray[np.bool_], trust: _Doubles) -> _Doubles:
    """Fit a logistic regression whose slopes have the signs that they must have; the bias comes last."""

    def loss(slopes: _Doubles) -> tuple[float, _Doubles]:
        odds = signs @ slopes[:-1] + slopes[-1]
        losses = np.logaddexp(0, odds) - is_right * odds
        errors = trust * (1 / (1 + np.exp(-odds)) - is_right)
        shrink = slopes[:-1] / _JUDGE_C
        value = float(trust @ losses + slopes[:-1] @ shrink / 2)
        return value, np.append(errors @ signs + shrink, errors.sum())

    bounds = [_JUDGE_BOUNDS.get(sign, (0.0, None)) for sign in Sign] + [(None, None)]
    start = np.zeros(len(Sign) + 1)
    found: _Doubles = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found


def _softmax_regression(
    features: Floats, targets: Numbers, trust: _Doubles, steps: int
) -> tuple[Floats, Floats]:
    """Fit softmax regression with an L2 penalty; returns shapes ``(features, classes)`` and ``(classes,)``.

    Stopping early is part of the penalty, and keeps a hundred articles within a second.
    """
    centre = features.mean(axis=0)
    centred = np.asarray(features - centre, dtype=np.float32)
    count, dim = int(targets.max()) + 1, features.shape[1]
    rows, weights = np.arange(len(targets)), trust.astype(np.float32)

    def loss(flat: _Doubles) -> tuple[float, _Doubles]:
        weight = flat[:-count].reshape(dim, count).astype(np.float32)
        scores = centred @ weight + flat[-count:].astype(np.float32)
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        totals = shares.sum(axis=1)
        losses = np.log(totals) - scores[rows, targets]
        errors = shares / totals[:, None]
        errors[rows, targets] -= 1
        errors *= weights[:, None]
        value = float(weights @ losses) + float((weight**2).sum()) / (2 * _SOFTMAX_C)
        slope = centred.T @ errors + weight / _SOFTMAX_C
        return value, np.concatenate([slope.ravel(), errors.sum(axis=0)]).astype(np.float64)

    start = np.zeros(dim * count + count)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps}).x
    weight = found[:-count].reshape(dim, count)
    bias = found[-count:] - centre @ weight
    return weight.astype(np.float32), bias.astype(np.float32)
