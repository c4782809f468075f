"""Public sets of sentiment and of retrieval, as their publishers split them; a set that is not there is left out."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from training.errors import DatasetError
from training.evaluation.passages import Asked, Passage, PassageSet
from training.sentiment_data import LabelledUtterance, read_airline_tweets, read_sst2, split_own
from training.tables import Column, read_rows, text_of

FEEDBACKQA: Final = ("cdc", "who")
_QUESTIONS: Final = (Column("question"), Column("passage_id"))
_EMPTY: Final = "*"


@dataclass(frozen=True, slots=True)
class SentimentParts:
    """What a set is trained and tested on."""

    train: tuple[LabelledUtterance, ...]
    test: tuple[LabelledUtterance, ...]


def find_sst2(data: Path) -> SentimentParts | None:
    """Read SST-2; None where it is not there."""
    parts = read_sst2(data / "sst2")
    return None if parts is None else SentimentParts(parts.train, parts.test)


def find_airline_tweets(data: Path) -> SentimentParts | None:
    """Read the airline tweets, each text once, split by a hash of its words; None where they are not there."""
    tweets = read_airline_tweets(data / "airline-tweets")
    if tweets is None:
        return None
    parts = split_own(tweets)
    return SentimentParts((*parts.train, *parts.dev), parts.test)


def find_feedbackqa(data: Path, part: str, split: str = "test") -> PassageSet | None:
    """Read a part of FeedbackQA, a split's questions over all of its passages; None where it is not there."""
    folder = data / "feedbackqa"
    passages, questions = folder / f"{part}_passages.jsonl.gz", folder / f"{part}_{split}.csv"
    if not passages.exists():
        return None
    lines = gzip.decompress(passages.read_bytes()).decode().splitlines()
    try:
        entries = [json.loads(line) for line in lines if line.strip()]
        found = tuple(
            Passage(
                str(entry["passage_id"]),
                ". ".join([entry["page_title"], *entry["section_headers"]]),
                entry["section_content"].strip(),
            )
            for entry in entries
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{passages} is not as published ({error}); copy it again") from error
    numbers = {passage.passage_id: n for n, passage in enumerate(found)}
    asked = tuple(
        Asked(
            text_of(questions, row, 0, "question"),
            frozenset({numbers[text_of(questions, row, 1, "passage_id")]}),
        )
        for row in read_rows(questions, _QUESTIONS, "questions")
    )
    return PassageSet(found, asked)


def find_stackfaq(data: Path) -> PassageSet | None:
    """Read StackFAQ; None where it is not there.

    A passage is a thread's question with one of its answers, as published (719 pairs); the paraphrases ask for all
    pairs of their thread.
    """
    file = data / "stackfaq" / "stackExchange-FAQ.xml"
    if not file.exists():
        return None
    try:
        threads = list(ET.parse(file).getroot())  # noqa: S314 - a published file on this disk
    except ET.ParseError as error:
        raise DatasetError(f"{file} is not as published ({error}); copy it again") from error
    passages: list[Passage] = []
    questions: list[Asked] = []
    for number, thread in enumerate(threads):
        head = (thread.findtext("question") or "").strip()
        answers = list(_texts(thread, "answer"))
        relevant = frozenset(range(len(passages), len(passages) + len(answers)))
        passages += [Passage(f"{number}-{n}", head, text) for n, text in enumerate(answers)]
        questions += [Asked(text, relevant) for text in _texts(thread, "rephr")]
    return PassageSet(tuple(passages), tuple(questions))


def _texts(thread: ET.Element, tag: str) -> Iterator[str]:
    for found in thread.iter(tag):
        text = (found.text or "").strip()
        if text and text != _EMPTY:
            yield text
