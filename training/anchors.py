"""Texts whose meaning must not move while an encoder learns the mood: what people ask a business, and what it answers."""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from bot.checking import Checker
from bot.seed import seed_documents
from intents.text import comparable, normalise
from training.examples import Examples
from training.retriever_material import texts_to_encode
from training.service_own import own_utterances

_SHORTEST: Final = 15
_TURNS: Final = 9_000
_CUSTOMERS: Final = "*_train.tsv.gz"


def anchors(turns_folder: Path, *, seed: int) -> tuple[str, ...]:
    """Return the seed's examples, articles and questions, our own utterances and customers' turns of other businesses.

    Args:
        turns_folder: MultiDoGO (Peskov et al., 2019; CDLA-Permissive 1.0), its training parts, without any label; may
            not exist, then our own texts stand alone.
        seed: Which turns are taken where there are more than enough.
    """
    checker, documents = Checker(), seed_documents()
    examples = Examples.of(checker.catalogue(documents)).texts
    ours = [*examples, *texts_to_encode(checker.articles(documents)), *own_utterances()]
    turns = sorted({normalise(turn) for turn in _turns(turns_folder)})
    if len(turns) > _TURNS:
        taken = np.random.default_rng(seed).choice(len(turns), _TURNS, replace=False)
        turns = [turns[place] for place in sorted(taken)]
    each = {comparable(text): text for text in (*ours, *turns) if comparable(text)}
    return tuple(each.values())


def _turns(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob(_CUSTOMERS)):
        text = gzip.decompress(file.read_bytes()).decode("utf-8")
        for row in csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"):
            if len(row["utterance"]) >= _SHORTEST:
                yield row["utterance"]
