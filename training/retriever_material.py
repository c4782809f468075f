"""What the search is fitted on: entries, questions that nothing answers, examples of intents, each encoded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Final

import numpy as np

from bot.domain.ports import Encoder
from intents.text import normalise
from knowledge_base.article import Article
from knowledge_base.chunking import Entry, EntryKind, cut, entries_of
from knowledge_base.passage import Passage
from knowledge_base.scoring import Floats, IntentMap, Numbers
from training.errors import DatasetError
from training.retriever_models import fit_intents

FOLDS: Final = 8
_UNANSWERED: Final = "unanswered.txt"
_MIN_ARTICLES: Final = 2
# A question leads to the passage nearest to it, if that is so much nearer than the opening.
_LEAD_OVER_OPENING: Final = 0.05


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that is fitted on, encoded once.

    Attributes:
        folds: Fold that holds an entry out; -1 for passages and titles, which always stay.
        strange: Encodings of the questions that nothing answers.
    """

    passages: tuple[Passage, ...]
    entries: tuple[Entry, ...]
    vectors: Floats
    folds: Numbers
    null_questions: tuple[str, ...]
    strange: Floats
    strange_folds: Numbers
    intents: IntentMap


def unanswered_questions() -> tuple[str, ...]:
    """Return questions near the shop's subjects that none of the seed's articles answers."""
    lines = (files("training") / "data" / _UNANSWERED).read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def texts_to_encode(
    articles: Sequence[Article],
    null_questions: Sequence[str] = (),
    utterances: Mapping[str, Sequence[str]] | None = None,
) -> tuple[str, ...]:
    """Return the texts that fitting encodes, so that a caller can encode them beforehand and show progress."""
    entries = [e for article in articles for e in entries_of(article, cut(article))]
    strange = (*null_questions, *unanswered_questions())
    examples = [text for texts in (utterances or {}).values() for text in texts]
    return tuple(normalise(text) for text in [*(e.text for e in entries), *strange, *examples])


def prepare(
    articles: Sequence[Article],
    encoder: Encoder,
    null_questions: Sequence[str],
    seed: int,
    utterances: Mapping[str, Sequence[str]],
) -> Material:
    """Cut, encode and deal.

    Args:
        articles: At least two.
        encoder: The base encoder.
        null_questions: What customers ask and no article answers.
        seed: Deals the questions to the folds.
        utterances: Intent to examples.

    Raises:
        DatasetError: There are fewer than two articles.
    """
    if len(articles) < _MIN_ARTICLES:
        raise DatasetError(f"{len(articles)} articles are too few to search; write at least two")
    passages = tuple(passage for article in articles for passage in cut(article))
    entries = tuple(e for article in articles for e in entries_of(article, cut(article)))
    vectors = _encode(encoder, [entry.text for entry in entries])
    chance = np.random.default_rng(seed)
    folds = np.concatenate([_deal(article, passages, chance) for article in articles])
    examples = [(text, intent) for intent, texts in utterances.items() for text in texts]
    return Material(
        passages=passages,
        entries=_lead(entries, vectors),
        vectors=vectors,
        folds=folds,
        null_questions=tuple(null_questions),
        strange=_encode(encoder, null_questions),
        strange_folds=chance.permutation(len(null_questions)) % FOLDS,
        intents=fit_intents(
            _encode(encoder, [text for text, _ in examples]), [intent for _, intent in examples]
        ),
    )


def _encode(encoder: Encoder, texts: Sequence[str]) -> Floats:
    if not texts:
        return np.zeros((0, encoder.dim), dtype=np.float32)
    return encoder.encode([normalise(text) for text in texts])


def _deal(article: Article, passages: Sequence[Passage], chance: np.random.Generator) -> Numbers:
    """Deal an article's questions to the folds, at most one of it to each of the first eight."""
    fixed = sum(passage.slug == article.slug for passage in passages) + 1
    dealt = chance.permutation(max(FOLDS, len(article.questions)))[: len(article.questions)]
    return np.concatenate([np.full(fixed, -1), dealt % FOLDS]).astype(np.int64)


def _lead(entries: Sequence[Entry], vectors: Floats) -> tuple[Entry, ...]:
    """Let each question lead to the passage of its article that is nearest to it."""
    of_article: dict[str, list[int]] = {}
    for n, entry in enumerate(entries):
        if entry.kind is EntryKind.PASSAGE:
            of_article.setdefault(entry.slug, []).append(n)
    led = []
    for n, entry in enumerate(entries):
        if entry.kind is EntryKind.QUESTION:
            places = of_article[entry.slug]
            cosines = vectors[places] @ vectors[n]
            cosines[0] += _LEAD_OVER_OPENING
            nearest = entries[places[int(cosines.argmax())]]
            led.append(replace(entry, passage_id=nearest.passage_id))
        else:
            led.append(entry)
    return tuple(led)
