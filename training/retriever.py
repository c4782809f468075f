"""Fits the search over help articles: ranking and probability, on the articles' own questions held out in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bot.domain.ports import Encoder
from knowledge_base.article import Article
from knowledge_base.chunking import Entry, EntryKind
from knowledge_base.faiss_index import FaissIndex
from knowledge_base.parts import Table
from knowledge_base.retriever import HybridRetriever
from knowledge_base.scoring import (
    Evidence,
    Floats,
    Numbers,
    Sign,
    Weights,
    judge_scores,
    probability_of,
    rank_scores,
    signs_of,
)
from knowledge_base.words import WordIndex
from training.errors import DatasetError
from training.retriever_material import (
    FOLDS,
    Material,
    prepare,
    unanswered_questions,
)
from training.retriever_models import (
    RANK_PRIOR,
    Judged,
    Ranked,
    fit_articles,
    fit_judge,
    fit_rank,
    fit_strange,
    habits_of,
)
from training.retriever_report import HeldOut, RetrieverReport, choose_thresholds, report_on

_JUDGED_PER_QUESTION: Final = 3


@dataclass(frozen=True, slots=True)
class FittedRetriever:
    """A search ready to be loaded.

    Attributes:
        parts: Named bytes for ``knowledge_base.retriever.load_retriever``.
        answer: Probability that a passage needs to be quoted.
        answer_in_scope: The same where a knowledge intent was understood with confidence.
        report: How it did on questions held out.
    """

    parts: Mapping[str, bytes]
    answer: float
    answer_in_scope: float
    report: RetrieverReport


@dataclass(frozen=True, slots=True)
class _Seen:
    """One held-out question with what the search found for it, before it is judged."""

    ranked: Ranked
    strangeness: float
    telling_words: int
    is_answerable: bool


def fit_retriever(
    articles: Sequence[Article],
    encoder: Encoder,
    null_questions: Sequence[str],
    *,
    seed: int,
    utterances: Mapping[str, Sequence[str]] | None = None,
) -> FittedRetriever:
    """Fit a search.

    Each article's questions are held out in turn, an eighth at a time: the search is built without them, and is asked
    them. What it finds fits ranking and probability; the shipped search is then built with all of them.

    Args:
        articles: At least two.
        encoder: The base encoder that will serve the questions.
        null_questions: What customers ask and no article answers; ``unanswered_questions`` come on top.
        seed: Deals the questions to the eighths.
        utterances: Intent to examples; a second look at what a question is about. None does without.

    Raises:
        DatasetError: There are fewer than two articles, or no questions to learn from.
    """
    strange = (*null_questions, *unanswered_questions())
    material = prepare(articles, encoder, strange, seed, utterances or {})
    seen = [one for fold in range(FOLDS) for one in _hold_out(material, fold)]
    if not any(one.ranked.right is not None for one in seen):
        raise DatasetError("no article has a question to learn from; add 'questions:' to articles")
    rank = fit_rank([one.ranked for one in seen if one.is_answerable])
    fitted = replace(_blank_weights(material), rank=rank)
    judge = fit_judge([judged for one in seen for judged in _judged(one, fitted)])
    fitted = replace(fitted, judge=judge)
    held_out = [_outcome(one, fitted) for one in seen]
    answer, answer_in_scope = choose_thresholds(held_out)
    everything = np.ones(len(material.entries), dtype=bool)
    retriever = _build(material, everything, np.ones(len(material.strange), dtype=bool), fitted)
    return FittedRetriever(
        retriever.to_parts(), answer, answer_in_scope, report_on(held_out, answer, answer_in_scope)
    )


def _build(
    material: Material, kept: Numbers, strange_kept: Numbers, weights: Weights
) -> HybridRetriever:
    """Build a search of the kept entries; ``weights`` gives ranking and judgement."""
    entries = [entry for entry, is_kept in zip(material.entries, kept, strict=True) if is_kept]
    vectors = material.vectors[kept]
    table = Table.of(entries, material.passages)
    wide = material.intents.widen(vectors)
    is_passage = np.array([entry.kind is EntryKind.PASSAGE for entry in entries])
    count = len(table.slugs)
    articles, bias = fit_articles(wide, table.article_of, is_passage)
    roots = material.intents.roots(vectors)
    return HybridRetriever(
        FaissIndex.build(vectors),
        WordIndex.build([entry.text for entry in entries]),
        WordIndex.build(_whole(entries)),
        table,
        Weights(
            intents=material.intents,
            habits=habits_of(roots[~is_passage], table.article_of[~is_passage], count),
            articles=articles,
            articles_bias=bias,
            strange=fit_strange(
                wide[~is_passage], material.intents.widen(material.strange[strange_kept])
            ),
            rank=weights.rank,
            judge=weights.judge,
        ),
    )


def _whole(entries: Sequence[Entry]) -> list[str]:
    """Return all texts of each article in one."""
    texts: dict[str, list[str]] = {}
    for entry in entries:
        texts.setdefault(entry.slug, []).append(entry.text)
    return [" ".join(of_article) for of_article in texts.values()]


def _hold_out(material: Material, fold: int) -> list[_Seen]:
    """Build a search without a fold, and ask it the fold."""
    is_out, is_strange = material.folds == fold, material.strange_folds == fold
    retriever = _build(material, ~is_out, ~is_strange, _blank_weights(material))
    asked = [
        (material.entries[n].text, material.vectors[n], material.entries[n].slug)
        for n in np.flatnonzero(is_out)
    ]
    strange = [
        (material.null_questions[n], material.strange[n], "") for n in np.flatnonzero(is_strange)
    ]
    return [_ask(retriever, *one) for one in [*asked, *strange]]


def _ask(retriever: HybridRetriever, question: str, vector: Floats, slug: str) -> _Seen:
    found = retriever.candidates(question, vector)
    slugs = [retriever.slug_of(int(n)) for n in found.articles]
    right = slugs.index(slug) if slug in slugs else None
    return _Seen(Ranked(found.evidence, right), found.strangeness, found.telling_words, bool(slug))


def _blank_weights(material: Material) -> Weights:
    """Return weights that rank by what the evidence is worth beforehand, and judge nothing yet."""
    empty = np.zeros((0, 0), dtype=np.float32)
    rank = np.array([RANK_PRIOR[kind] for kind in Evidence], dtype=np.float32)
    judge = np.zeros(len(Sign) + 1, dtype=np.float32)
    return Weights(material.intents, empty, empty, empty, empty, rank, judge)


def _signs(seen: _Seen, weights: Weights) -> Floats:
    return signs_of(
        weights,
        seen.ranked.evidence,
        strangeness=seen.strangeness,
        telling_words=seen.telling_words,
    )


def _judged(seen: _Seen, weights: Weights) -> list[Judged]:
    signs = _signs(seen, weights)
    best = np.argsort(-rank_scores(weights, seen.ranked.evidence))[:_JUDGED_PER_QUESTION]
    return [Judged(signs[n], int(n) == seen.ranked.right, seen.is_answerable) for n in best]


def _outcome(seen: _Seen, weights: Weights) -> HeldOut:
    scores = rank_scores(weights, seen.ranked.evidence)
    odds = judge_scores(weights, _signs(seen, weights))
    ranking = np.argsort(-scores).tolist()
    right = seen.ranked.right
    place = None if right is None else ranking.index(right)
    return HeldOut(place, float(probability_of(odds)[ranking[0]]), seen.is_answerable)
