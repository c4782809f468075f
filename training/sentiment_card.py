"""Measures a sentiment adapter beside a head on frozen encodings, and writes its model card."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from transformers import BertModel

from bot.encoder import OnnxEncoder
from intents.calibration import calibration_error
from intents.text import normalise
from training.export import ExportSettings, export_encoder
from training.lora import load_base, merge_adapter
from training.sentiment_adapter import SentimentHead
from training.sentiment_data import NEGATIVE, NEUTRAL, POSITIVE, LabelledUtterance
from training.sentiment_tuning import encode, load_tokenizer

CARD_FILE = "README.md"
# Inverse of the regularisation; the frozen head's dev accuracy hardly changes from 3 to 30.
_FROZEN_STRENGTH = 10.0
_WITHOUT_INT8 = 2


@dataclass(frozen=True, slots=True)
class TestSet:
    """Sentences to measure on.

    Attributes:
        is_binary: The set knows no neutral: only negative and positive are compared.
    """

    __test__ = False  # a name that pytest would otherwise try to collect

    name: str
    utterances: tuple[LabelledUtterance, ...]
    is_binary: bool


@dataclass(frozen=True, slots=True)
class Score:
    """What one way of predicting reaches on one test set; all in [0, 1].

    Attributes:
        calibration_error: Expected calibration error over 15 bins; 0 is perfect.
    """

    accuracy: float
    macro_f1: float
    calibration_error: float


def measure(probabilities: NDArray[np.float32], test_set: TestSet) -> Score:
    """Compare probabilities, shape ``(n, 3)``, with the set's sentiments."""
    truth = np.array([one.sentiment for one in test_set.utterances])
    kinds = [NEGATIVE, POSITIVE] if test_set.is_binary else [NEGATIVE, NEUTRAL, POSITIVE]
    shares = probabilities[:, kinds] / probabilities[:, kinds].sum(axis=1, keepdims=True)
    predicted = np.array(kinds)[shares.argmax(axis=1)]
    return Score(
        accuracy=float((predicted == truth).mean()),
        macro_f1=float(f1_score(truth, predicted, labels=kinds, average="macro", zero_division=0)),
        calibration_error=calibration_error(shares.max(axis=1), predicted == truth),
    )


@dataclass(frozen=True, slots=True)
class CardSubject:
    """What the card is about.

    Attributes:
        base_folder: The encoder that the adapter was trained on.
        adapter_folder: Holds the adapter; gets the card.
        head: The adapter's head, calibrated.
        max_length: Longer utterances are cut to this many tokens.
    """

    base_folder: Path
    adapter_folder: Path
    head: SentimentHead
    max_length: int


def write_card(
    subject: CardSubject,
    train_part: Sequence[LabelledUtterance],
    test_sets: Sequence[TestSet],
    *,
    measures_int8: bool,
) -> None:
    """Measure a frozen head and the adapter on every set and write the card beside the adapter.

    Args:
        subject: The adapter.
        train_part: What the adapter was trained on; the frozen head is fitted on the same.
        test_sets: What to measure on.
        measures_int8: Measure the encoder as it is exported for serving, too.
    """
    tokenizer = load_tokenizer(subject.base_folder, subject.max_length)
    base = load_base(subject.base_folder)
    tuned = merge_adapter(subject.base_folder, subject.adapter_folder)
    frozen = LogisticRegression(C=_FROZEN_STRENGTH, max_iter=2000)
    frozen.fit(
        encode(base, tokenizer, [one.text for one in train_part]),
        [one.sentiment for one in train_part],
    )
    rows: list[str] = []
    with _served(subject, tuned) if measures_int8 else nullcontext() as served:
        for test_set in test_sets:
            texts = [one.text for one in test_set.utterances]
            encodings = [encode(tuned, tokenizer, texts)]
            if served is not None:
                encodings.append(served.encode([normalise(text) for text in texts]))
            scores = [measure(frozen.predict_proba(encode(base, tokenizer, texts)), test_set)]
            scores += [measure(subject.head.probabilities(one), test_set) for one in encodings]
            rows.append(_row(test_set, scores))
    text = _card(rows, subject.head, train_part)
    (subject.adapter_folder / CARD_FILE).write_text(text, encoding="utf-8")


@contextmanager
def _served(subject: CardSubject, tuned: BertModel) -> Iterator[OnnxEncoder]:
    """Export the merged encoder as for serving, into a folder that is gone afterwards."""
    with TemporaryDirectory() as folder:
        tokenizer = load_tokenizer(subject.base_folder, subject.max_length)
        settings = ExportSettings(name="sentiment", max_length=subject.max_length)
        export_encoder(tuned, tokenizer, Path(folder), settings)
        yield OnnxEncoder(Path(folder))


def _row(test_set: TestSet, scores: Sequence[Score]) -> str:
    """Write a table row of a frozen head's, the adapter's and (where measured) int8's scores."""
    frozen, tuned = scores[0], scores[1]
    served = f"{100 * scores[2].accuracy:.1f}" if len(scores) > _WITHOUT_INT8 else "not measured"
    cells = (
        f"{len(test_set.utterances):,}",
        f"{100 * frozen.accuracy:.1f}",
        f"{100 * tuned.accuracy:.1f}",
        served,
        f"{100 * frozen.macro_f1:.1f}",
        f"{100 * tuned.macro_f1:.1f}",
        f"{100 * tuned.calibration_error:.1f}",
    )
    return f"| {test_set.name} | " + " | ".join(cells) + " |"


def _card(rows: list[str], head: SentimentHead, train_part: Sequence[LabelledUtterance]) -> str:
    has_sst2 = any("SST-2" in row for row in rows)
    return _CARD.format(
        day=datetime.now(tz=UTC).date().isoformat(),
        rows="\n".join(rows),
        temperature=head.temperature,
        examples=len(train_part),
        warning="" if has_sst2 else _WARNING,
    )


_WARNING = """
> **Warning.** SST-2 was not there when this adapter was trained: it has seen our own sentences
> only and will be less sure on anything else. Put SST-2 in place and train again.
"""

_CARD = """# Sentiment adapter

A LoRA adapter and a three-class head (negative, neutral, positive) on
[all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2): how a customer
feels, read from one message. Licence: Apache-2.0, as the base.
{warning}
## Use
`training.sentiment_adapter.load_sentiment_encoder(base, folder)` merges the adapter into the
base's weights and reads the head. Tokenise, encode, average the token states without padding, scale
to length 1, multiply by the head, divide by the temperature ({temperature:.2f}), softmax.
`config.json` holds pooling, order of classes, longest input, the base's SHA-256 and every setting
of the training.

## Training data
{examples:,} examples an epoch: SST-2's training sentences (film reviews, negative or positive) where
the data set is there, and our own customer-service sentences (`training/data/sentiment`), repeated
because they are few (`own_repeats` in `config.json`). 15 % of our own sentences, chosen by a
hash, are kept for the test and 10 % for the temperature. Texts that also stand in a held-out part are
left out.

How our sentences are labelled: the customer's mood, not the news. *Negative* is displeasure,
anger, worry or sarcasm. *Neutral* is a question, a fact, a wish, also a defect or delay told
plainly, and thanks that are only a courtesy around a question. *Positive* is joy, praise and
thanks.

## Measured on {day}
*Frozen*: a logistic regression on the base's unchanged encodings, fitted on the same examples.
*Adapter*: this folder, in float32. *int8*: the same as exported for serving. SST-2 has no neutral:
there the higher of negative and positive counts. Nothing was trained or calibrated on a test part.
ECE is the expected calibration error of the adapter's probabilities (15 bins). All in per cent.

| test set | sentences | frozen: accuracy | adapter: accuracy | int8: accuracy | frozen: macro-F1 | adapter: macro-F1 | ECE |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

SST-2: Socher et al., 2013, sentence level; its publishers state no licence, and models trained on it
are published under open licences everywhere, as this one is. None of its sentences is in this
folder. Airline tweets: Crowdflower, 2015, CC BY-NC-SA 4.0, each text once; used for this measurement
only, never for training or for choosing a setting.

## Limits
English only. A plain report of a defect counts as neutral here, while many raters (those of the
airline tweets among them) call it negative. Sarcasm without a telling word is often missed. The
temperature is fitted on our own sentences and film reviews; on other words the probabilities can
promise too much (see ECE). Not made for judging people, only for the tone of one message.
"""
