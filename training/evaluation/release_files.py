"""Measures a whole release on files made for it: intents on Rasa YAML, the search on questions with their article.

Unlike the other measurements this asks the release as a customer would: with its thresholds and its own search.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.domain.understanding import OUT_OF_SCOPE, Understanding
from bot.releases import Release
from training.datasets import read_labelled
from training.errors import DatasetError
from training.tables import read_text

RECALL_AT: Final = (1, 3, 10)


@dataclass(frozen=True, slots=True)
class Labelled:
    """An utterance with what it should be understood as, or a question with the article that answers it."""

    text: str
    wanted: str | None


@dataclass(frozen=True, slots=True)
class FileScores:
    """What was measured on one file; every number is a share in [0, 1] but ``items``."""

    file: str
    kind: str
    items: int
    numbers: Mapping[str, float]


def measure_files(release: Release, files: Sequence[Path]) -> tuple[FileScores, ...]:
    """Measure a release on each file.

    Args:
        release: Any.
        files: Rasa NLU YAML (``nlu:``), or a list of ``question`` and ``article`` (null: no article answers it).

    Raises:
        DatasetError: A file is neither.
    """
    return tuple(_evaluate(release, file) for file in files)


def _evaluate(release: Release, file: Path) -> FileScores:
    content = _read(file)
    if isinstance(content, dict) and "nlu" in content:
        items = tuple(Labelled(one.text, one.intent) for one in read_labelled(file))
        return FileScores(file.name, "nlu", len(items), _measure_intents(release, items))
    if isinstance(content, list):
        items = _questions(file, content)
        return FileScores(file.name, "retrieval", len(items), _measure_search(release, items))
    raise DatasetError(
        f"{file} holds neither Rasa NLU data ('nlu:') nor questions ('- question: …'); name another file, "
        f"or say what it holds: 'kefu evaluate nlu --data {file}' (or sentiment)"
    )


def _read(file: Path) -> object:
    try:
        return YAML(typ="safe", pure=True).load(read_text(file))
    except YAMLError as problem:
        raise DatasetError(f"{file} cannot be read: {problem}") from problem


def _questions(file: Path, items: Sequence[object]) -> tuple[Labelled, ...]:
    found = []
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict) or not item.get("question"):
            raise DatasetError(f"{file}: item {number} has no question; write '- question: …'")
        article = item.get("article")
        found.append(Labelled(str(item["question"]), None if article is None else str(article)))
    return tuple(found)


def _measure_intents(release: Release, items: Sequence[Labelled]) -> Mapping[str, float]:
    accept = release.playbook.thresholds.accept
    understood = [(item.wanted, release.nlu.understand(item.text)) for item in items]
    inside = [(wanted, found) for wanted, found in understood if wanted != OUT_OF_SCOPE]
    outside = [found for wanted, found in understood if wanted == OUT_OF_SCOPE]
    right = [wanted == _best(found) for wanted, found in inside]
    taken = [found.confidence >= accept for _, found in inside]
    return {
        "accuracy": _share(right),
        "accepted": _share(taken),
        "accepted and right": _share([r and t for r, t in zip(right, taken, strict=True)]),
        "out of scope accepted": _share([found.confidence >= accept for found in outside]),
    }


def _measure_search(release: Release, items: Sequence[Labelled]) -> Mapping[str, float]:
    answer = release.playbook.thresholds.answer
    ranks: list[int | None] = []
    answered: list[bool] = []
    for item in items:
        vector = release.nlu.understand(item.text).vector
        found = release.retriever.search(item.text, vector, top_k=max(RECALL_AT) * 3)
        is_sure = bool(found) and found[0].probability >= answer
        if item.wanted is None:
            answered.append(is_sure)
            continue
        slugs = list(dict.fromkeys(match.passage.slug for match in found))
        ranks.append(slugs.index(item.wanted) if item.wanted in slugs else None)
    return {
        **{
            f"recall@{k}": _share([rank is not None and rank < k for rank in ranks])
            for k in RECALL_AT
        },
        "answered without an article": _share(answered),
    }


def _best(understanding: Understanding) -> str:
    return understanding.intents[0].name if understanding.intents else OUT_OF_SCOPE


def _share(claims: Sequence[bool]) -> float:
    return sum(claims) / len(claims) if claims else 0.0
