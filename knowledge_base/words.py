"""Word search (BM25) over short texts, and the words that it sees."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import IndexMissingError

_WORD: Final = re.compile(r"[^\W_]+(?:['.][^\W_]+)*|[£€%]")
_PLAIN: Final = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'"})
_DULL: Final[frozenset[str]] = frozenset(
    re.findall(
        r"\S+",
        "a an the and or but if so as of to in on at for with by from about into than then too very just also only "
        "is are was were be been being am do does did doing done have has had having will would shall should can "
        "could may might must i me my mine we us our you your yours he she it its they them their this that these "
        "those there here what which who whom when where why how any some all each no not don't doesn't didn't can't "
        "won't isn't aren't i'm i've i'd i'll it's that's there's what's where's how's please pls plz hi hello hey "
        "thanks thank get got getting go going want wanted need like know tell say let s t u ur im ive",
    )
)
# Words that customers and articles use for the same thing; asking for one finds the others, a little weaker.
_ALIKE: Final = (
    "delivery deliver shipping postage shipment",
    "parcel package packet",
    "courier carrier driver",
    "store shop branch",
    "collect pick fetch",
    "warranty guarantee",
    "repair mend fix",
    "refund reimburse",
    "exchange swap",
    "broken damaged faulty defective",
    "invoice bill receipt",
    "voucher card",
    "code coupon",
    "discount reduction",
    "instalment instalments monthly",
    "delete erase remove wipe",
    "account profile login",
    "e-mail email mail",
    "phone call ring telephone",
    "wash clean launder",
    "jacket coat anorak",
    "rucksack backpack pack",
    "torch headlamp headtorch lamp",
    "boots shoes footwear",
    "mat pad",
    "stove burner cooker",
    "hire rent borrow",
    "cancel stop",
    "cost price fee charge",
    "pounds quid £",
    "abroad overseas international",
    "open opening hours",
    "children kids child",
)
_ALIKE_WEIGHT: Final = 0.4
_K1: Final = 1.2
_B: Final = 0.6
_ENDINGS: Final = (
    ("iest", "y"),
    ("ies", "y"),
    ("ied", "y"),
    ("ing", ""),
    ("ed", ""),
    ("es", ""),
    ("s", ""),
    ("ly", ""),
    ("e", ""),
)
_MIN_STEM: Final = 3


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Cut a word's ending off, so that "returned", "returns" and "returning" are one."""
    word = word.removesuffix("'s")
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            if ending in ("s", "es") and word.endswith("ss"):
                break
            word = word.removesuffix(ending) + replacement
            break
    is_doubled = len(word) > _MIN_STEM and word[-1] == word[-2] and word[-1] not in "lsz"
    return word[:-1] if is_doubled else word


def words_of(text: str) -> tuple[str, ...]:
    """Return a text's telling words, stemmed, in order; dull ones ("the", "please") are left out."""
    folded = unicodedata.normalize("NFKC", text).translate(_PLAIN).casefold()
    joined = folded.replace("e-mail", "email").replace("click & collect", "click collect")
    return tuple(stem(word) for word in _WORD.findall(joined) if word not in _DULL)


def _alike() -> dict[str, tuple[str, ...]]:
    groups = [tuple(dict.fromkeys(words_of(line))) for line in _ALIKE]
    return {word: tuple(w for w in group if w != word) for group in groups for word in group}


_ALIKE_WORDS: Final = _alike()


@dataclass(frozen=True, slots=True)
class WordHit:
    """A word of a question, found.

    Attributes:
        rarity: The word's inverse document frequency; highest for a word that stands nowhere.
        texts: Numbers of the texts that hold the word itself.
    """

    word: str
    rarity: float
    texts: NDArray[np.int64]


class WordIndex:
    """BM25 over texts numbered from 0."""

    def __init__(self, bm25: bm25s.BM25, text_count: int) -> None:
        self._numbers: dict[str, int] = bm25.vocab_dict
        self._scores: NDArray[np.float32] = bm25.scores["data"]
        self._texts: NDArray[np.int64] = bm25.scores["indices"].astype(np.int64)
        self._starts: NDArray[np.int64] = bm25.scores["indptr"].astype(np.int64)
        self._count = text_count

    @classmethod
    def build(cls, texts: Sequence[str]) -> "WordIndex":
        """Index texts.

        Raises:
            IndexMissingError: None of the texts holds a telling word.
        """
        cut = [list(words_of(text)) for text in texts]
        if not any(cut):
            raise IndexMissingError("no words to index; add articles with text")
        bm25 = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        bm25.index(cut, show_progress=False)
        return cls(bm25, len(texts))

    def __len__(self) -> int:
        """Return how many texts it holds."""
        return self._count

    def scores(self, question: str) -> NDArray[np.float32]:
        """Return the BM25 score of every text, shape ``(len(self),)``; 0 where no word is shared."""
        scores = np.zeros(self._count, dtype=np.float32)
        for word, weight in _expanded(words_of(question)).items():
            number = self._numbers.get(word)
            if number is not None:
                held = slice(self._starts[number], self._starts[number + 1])
                scores[self._texts[held]] += weight * self._scores[held]  # a text once per word
        return scores

    def hits(self, question: str) -> tuple[WordHit, ...]:
        """Return where the question's words stand, each word once."""
        return tuple(self._hit(word) for word in dict.fromkeys(words_of(question)))

    def _hit(self, word: str) -> WordHit:
        number = self._numbers.get(word)
        texts = np.zeros(0, dtype=np.int64)
        if number is not None:
            texts = self._texts[self._starts[number] : self._starts[number + 1]]
        rarity = np.log(1 + (self._count - len(texts) + 0.5) / (len(texts) + 0.5))
        return WordHit(word, float(rarity), texts)

    def to_bytes(self) -> bytes:
        """Return it as bytes (numpy's ``.npz``)."""
        words = sorted(self._numbers, key=self._numbers.__getitem__)
        buffer = io.BytesIO()
        np.savez(
            buffer,
            words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
            numbers=np.array([self._numbers[word] for word in words], dtype=np.int64),
            scores=self._scores,
            texts=self._texts.astype(np.int32),
            starts=self._starts,
            count=np.array(self._count),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "WordIndex":
        """Read it back.

        Raises:
            IndexMissingError: The bytes are no word index.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                words = bytes(arrays["words"]).decode().split("\n")
                bm25 = bm25s.BM25(k1=_K1, b=_B, method="lucene")
                bm25.vocab_dict = dict(zip(words, arrays["numbers"].tolist(), strict=True))
                bm25.scores = {
                    "data": arrays["scores"],
                    "indices": arrays["texts"],
                    "indptr": arrays["starts"],
                }
                return cls(bm25, int(arrays["count"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise IndexMissingError(
                f"the word index ({len(data)} bytes) cannot be read ({error}); "
                "build the release again with 'kefu publish'"
            ) from error


def _expanded(words: Sequence[str]) -> dict[str, float]:
    """Add words that mean the same, at a lower weight."""
    weights = {other: _ALIKE_WEIGHT for word in words for other in _ALIKE_WORDS.get(word, ())}
    return {**weights, **dict.fromkeys(words, 1.0)}
