"""Draws what one step of tuning learns from: some intents of one set, half of them near neighbours, and how people type."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertModel

from training.sentiment_encoding import encode
from training.service_data import TaughtSet, in_words

# A proxy begins at the mean of this many utterances, moved a little towards the intent's name.
_PROXY_UTTERANCES: Final = 60
_NAME_SHARE: Final = 0.3
_SET_SIZE_POWER: Final = 0.6  # large sets come up more often, but not as often as they are large
_NEIGHBOURS: Final = 8
_NEIGHBOUR_CHANCE: Final = 0.4
_MOST_PER_INTENT: Final = 8
_NAME_CHANCE: Final = 0.5
_BARE_SHARE: Final = 0.13
_SHORTEST_MISTYPED: Final = 7


def mistyped(text: str, chance: np.random.Generator) -> str:
    """Make a slip of the finger for every thirty letters: drop, double, swap or replace one."""
    for _ in range(1 + len(text) // 30):
        at = int(chance.integers(1, len(text) - 1))
        head, letter, tail = text[:at], text[at], text[at + 1 :]
        stranger = chr(ord("a") + int(chance.integers(26)))
        ends = (tail, letter * 2 + tail, tail[:1] + letter + tail[1:], stranger + tail)
        text = head + ends[int(chance.integers(len(ends)))]
    return text


def as_hasty(text: str, typo_share: float, chance: np.random.Generator) -> str:
    """Write a text as somebody in a hurry might: now and then mistyped, or without punctuation."""
    luck = chance.random()
    if luck < typo_share:
        return mistyped(text, chance) if len(text) >= _SHORTEST_MISTYPED else text
    if luck < typo_share + _BARE_SHARE:
        bare = "".join(letter for letter in text if letter.isalnum() or letter in " _")
        return bare if bare.strip() else text
    return text


@dataclass(frozen=True, slots=True)
class Episode:
    """What one step learns from.

    Attributes:
        number: Which set, counted from 0.
        places: Of each utterance, where it stands in ``Course.texts``.
        intents: Of each utterance, the number of its intent within the set.
        groups: Of each utterance, the number of its intent within the step.
    """

    number: int
    places: tuple[int, ...]
    intents: tuple[int, ...]
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A set, made ready to draw from.

    Attributes:
        utterances: Of each intent, the places of its texts.
        names: Of each intent, the place of its name among the texts; empty where names say nothing.
        start: Proxies to begin with, shape ``(intents, dim)``.
        near: For each intent all of them, the most alike first, itself at the head.
    """

    utterances: tuple[tuple[int, ...], ...]
    names: tuple[int, ...]
    start: NDArray[np.float32]
    near: NDArray[np.int64]

    def choose(self, count: int, chance: np.random.Generator) -> list[int]:
        """Choose intents: some at random, each with a few of its near neighbours."""
        chosen: dict[int, None] = {}
        count = min(count, len(self.utterances))
        while len(chosen) < count:
            anchor = int(chance.integers(len(self.utterances)))
            neighbours = self.near[anchor][1 : 1 + _NEIGHBOURS].tolist()
            luck = chance.random(len(neighbours)) < _NEIGHBOUR_CHANCE
            near = [one for one, is_lucky in zip(neighbours, luck, strict=True) if is_lucky]
            chosen.update(dict.fromkeys([anchor, *near]))
        return list(chosen)[:count]

    def pick(self, intent: int, count: int, chance: np.random.Generator) -> list[int]:
        """Pick utterances of an intent; half the time its name takes the place of one."""
        texts = self.utterances[intent]
        picked = chance.choice(texts, min(count, len(texts)), replace=False).tolist()
        if self.names and chance.random() < _NAME_CHANCE:
            picked[-1] = self.names[intent]
        return list(map(int, picked))


class Course:
    """All sets, with where the encoder has their texts before it is tuned."""

    def __init__(self, sets: Sequence[TaughtSet], encoder: BertModel, tokenizer: Tokenizer) -> None:
        self.texts: list[str] = []
        taken = [self._take(one) for one in sets]
        before = encode(encoder, tokenizer, self.texts)
        self.vectors = torch.from_numpy(before)
        self.lessons = [_lesson(utterances, names, before) for utterances, names in taken]
        sizes = np.array([one.size() for one in sets]) ** _SET_SIZE_POWER
        self._shares = sizes / sizes.sum()

    def _take(self, taught: TaughtSet) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
        """Take a set's texts in; returns the places of utterances by intent, and those of names."""
        utterances = tuple(self._places(intent.utterances) for intent in taught.intents)
        names = [in_words(intent.name) for intent in taught.intents] if taught.has_names else []
        return utterances, self._places(names)

    def _places(self, texts: Sequence[str]) -> tuple[int, ...]:
        self.texts.extend(texts)
        return tuple(range(len(self.texts) - len(texts), len(self.texts)))

    def draw(self, most: int, each: int, chance: np.random.Generator) -> Episode:
        """Draw the intents and utterances of one step.

        Args:
            most: So many intents; of a set with fewer all, with more utterances of each in turn.
            each: So many utterances of each, fewer where an intent has fewer.
            chance: What is drawn follows from it alone.
        """
        number = int(chance.choice(len(self.lessons), p=self._shares))
        lesson = self.lessons[number]
        chosen = lesson.choose(most, chance)
        count = max(each, min(_MOST_PER_INTENT, most * each // len(chosen)))
        rows = [
            (place, intent, group)
            for group, intent in enumerate(chosen)
            for place in lesson.pick(intent, count, chance)
        ]
        places, intents, groups = zip(*rows, strict=True)
        return Episode(number, places, intents, groups)


def _lesson(
    utterances: tuple[tuple[int, ...], ...], names: tuple[int, ...], vectors: NDArray[np.float32]
) -> Lesson:
    means = [vectors[list(places[:_PROXY_UTTERANCES])].mean(axis=0) for places in utterances]
    start = np.stack(means)
    if names:
        start /= np.linalg.norm(start, axis=1, keepdims=True)
        start += _NAME_SHARE * vectors[list(names)]
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    return Lesson(utterances, names, start, np.argsort(-(start @ start.T), axis=1, kind="stable"))
