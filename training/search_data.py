"""Questions with the passages that answer them: what the search encoder learns from, and what it is calibrated on.

Only sets with an open licence and our own articles. StackFAQ, whose licence nobody states, stays for the test.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.checking import Checker
from bot.seed import seed_documents
from training.errors import DatasetError
from training.evaluation.passages import Asked, Passage, PassageSet
from training.evaluation.public_others import FEEDBACKQA, find_feedbackqa

OWN: Final = "own articles"
_EVERY: Final = 5


@dataclass(frozen=True, slots=True)
class PairSet:
    """Passages of one collection, and what is asked about them.

    Attributes:
        name: Of the set, as tables have it.
        licence: Under which the set may be used.
        tuned_on: Questions that the encoder learns from.
        held_out: Questions that it never sees; probabilities are fitted on them.
    """

    name: str
    licence: str
    passages: tuple[Passage, ...]
    tuned_on: tuple[Asked, ...]
    held_out: tuple[Asked, ...]


def read_pair_sets(data: Path, *, leave: Sequence[str] = ()) -> tuple[PairSet, ...]:
    """Read every set that is there and is not left out; our own articles always are there.

    Args:
        data: Folder of the public sets.
        leave: Names of sets to leave out; one that is left out is never opened.

    Raises:
        DatasetError: A name to leave out is unknown, a set is not as published, or none is left.
    """
    for name in leave:
        if name not in SOURCES:
            raise DatasetError(
                f"there is no set {name!r} to leave out; known are {', '.join(SOURCES)}"
            )
    read = (source(data) for name, source in SOURCES.items() if name not in leave)
    found = tuple(one for one in read if one is not None)
    if not found:
        raise DatasetError(
            f"{data} holds no questions to learn from; put feedbackqa/ there, or leave fewer sets out"
        )
    return found


def _feedbackqa(part: str) -> Callable[[Path], PairSet | None]:
    def read(data: Path) -> PairSet | None:
        train, valid = (find_feedbackqa(data, part, split) for split in ("train", "valid"))
        if train is None or valid is None:
            return None
        name = f"FeedbackQA {part.upper()}"
        return PairSet(name, "Apache 2.0", train.passages, train.questions, valid.questions)

    return read


def _own(_data: Path) -> PairSet:
    """Read the seed's articles, each one passage; every fifth of their questions is held out."""
    found = own_articles()
    held_out = found.questions[::_EVERY]
    tuned_on = tuple(one for n, one in enumerate(found.questions) if n % _EVERY)
    return PairSet(OWN, "ours", found.passages, tuned_on, held_out)


def own_articles() -> PassageSet:
    """Return the seed's articles as passages, with all of their questions."""
    articles = Checker().articles(seed_documents())
    passages = tuple(Passage(one.slug, one.title, one.body) for one in articles)
    asked = tuple(
        Asked(question, frozenset({n}))
        for n, article in enumerate(articles)
        for question in article.questions
    )
    return PassageSet(passages, asked)


SOURCES: Final = {
    **{f"FeedbackQA {part.upper()}": _feedbackqa(part) for part in FEEDBACKQA},
    OWN: _own,
}
"""Reads a set from the folder of public sets; None where it is not there."""
