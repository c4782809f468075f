"""The parts of a search as bytes: the table of entries and passages, and the weights."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np

from knowledge_base.chunking import Entry, EntryKind
from knowledge_base.errors import IndexMissingError
from knowledge_base.passage import Passage
from knowledge_base.scoring import Evidence, IntentMap, Numbers, Sign, Weights

INDEX_PART: Final = "index"
WORDS_PART: Final = "words"
ARTICLE_WORDS_PART: Final = "article_words"
PASSAGES_PART: Final = "passages"
WEIGHTS_PART: Final = "weights"
PARTS: Final = (INDEX_PART, WORDS_PART, ARTICLE_WORDS_PART, PASSAGES_PART, WEIGHTS_PART)

_FORMAT: Final = 1
_REMEDY: Final = "build the release again with 'kefu publish'"
_WEIGHT_NAMES: Final = tuple(field.name for field in fields(Weights) if field.name != "intents")


@dataclass(frozen=True, slots=True)
class Table:
    """Which entry belongs to which passage and article.

    Entries stand article by article; within an article its passages come first, then title and questions.

    Attributes:
        slugs: By article number.
        passages: Article by article, in order.
        article_of: Article number of each entry.
        passage_of: Place in ``passages`` that each entry leads to.
        starts: First entry of each article, and the number of entries at the end.
        middles: First entry of each article that is no passage.
    """

    slugs: tuple[str, ...]
    passages: tuple[Passage, ...]
    article_of: Numbers
    passage_of: Numbers
    starts: Numbers
    middles: Numbers

    @classmethod
    def of(cls, entries: Sequence[Entry], passages: Sequence[Passage]) -> "Table":
        """Make the table of entries that stand in the right order."""
        slugs = tuple(dict.fromkeys(passage.slug for passage in passages))
        numbers = {slug: n for n, slug in enumerate(slugs)}
        places = {passage.passage_id: n for n, passage in enumerate(passages)}
        article_of = np.array([numbers[entry.slug] for entry in entries], dtype=np.int64)
        passage_of = np.array([places[entry.passage_id] for entry in entries], dtype=np.int64)
        is_passage = np.array([entry.kind is EntryKind.PASSAGE for entry in entries])
        starts = np.searchsorted(article_of, np.arange(len(slugs) + 1))
        counts = np.bincount(article_of[is_passage], minlength=len(slugs))
        return cls(slugs, tuple(passages), article_of, passage_of, starts, starts[:-1] + counts)

    def topic_of(self, article: int) -> str:
        """Return an article's topic."""
        return self.passages[int(self.passage_of[self.starts[article]])].topic


def part_of(parts: Mapping[str, bytes], name: str) -> bytes:
    """Return a part.

    Raises:
        IndexMissingError: It is not there.
    """
    if name not in parts:
        raise IndexMissingError(f"the part {name!r} of the search is missing; {_REMEDY}")
    return parts[name]


def write_table(table: Table) -> bytes:
    """Return a table as JSON."""
    content = {
        "format": _FORMAT,
        "slugs": table.slugs,
        "passages": [asdict(passage) for passage in table.passages],
        "article_of": table.article_of.tolist(),
        "passage_of": table.passage_of.tolist(),
        "starts": table.starts.tolist(),
        "middles": table.middles.tolist(),
    }
    return json.dumps(content, ensure_ascii=False).encode()


def read_table(data: bytes) -> Table:
    """Read a table back.

    Raises:
        IndexMissingError: The bytes are no table, or one of another format.
    """
    try:
        content = json.loads(data)
        if content["format"] != _FORMAT:
            raise IndexMissingError(
                f"the passages have format {content['format']}, not {_FORMAT}; {_REMEDY}"
            )
        rows = [content[name] for name in ("article_of", "passage_of", "starts", "middles")]
        return Table(
            tuple(content["slugs"]),
            tuple(Passage(**one) for one in content["passages"]),
            *(np.array(row, dtype=np.int64) for row in rows),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IndexMissingError(f"the passages cannot be read ({error}); {_REMEDY}") from error


def write_weights(weights: Weights) -> bytes:
    """Return weights as numpy's ``.npz``."""
    buffer = io.BytesIO()
    # Any: numpy's own parameters of savez stand beside the arrays in its signature
    arrays: dict[str, Any] = {name: getattr(weights, name) for name in _WEIGHT_NAMES}
    arrays["intents_weight"] = weights.intents.weight
    arrays["intents_bias"] = weights.intents.bias
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def read_weights(data: bytes) -> Weights:
    """Read weights back.

    Raises:
        IndexMissingError: The bytes are no weights, or weights for other evidence.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            intents = IntentMap(arrays["intents_weight"], arrays["intents_bias"])
            weights = Weights(intents, **{name: arrays[name] for name in _WEIGHT_NAMES})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise IndexMissingError(
            f"the weights of the search cannot be read ({error}); {_REMEDY}"
        ) from error
    if weights.rank.shape != (len(Evidence),) or weights.judge.shape != (len(Sign) + 1,):
        raise IndexMissingError(
            f"the weights of the search are for {weights.rank.shape[0]} kinds of evidence, not "
            f"{len(Evidence)}; {_REMEDY}"
        )
    return weights
