"""Measures a sentiment adapter beside a head on frozen encodings, and writes its model card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import fill

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from intents.calibration import calibration_error
from training.lora import load_base
from training.sentiment_adapter import SentimentHead
from training.sentiment_data import NEGATIVE, NEUTRAL, POSITIVE, LabelledUtterance
from training.sentiment_encoding import encode
from training.sentiment_head import Moods, TunedEncoder, judge
from training.service_own import OWN

CARD_FILE = "README.md"
# Inverse of the regularisation; the frozen head's dev accuracy hardly changes from 3 to 30.
_FROZEN_STRENGTH = 10.0
_WITHOUT_INT8 = 2
_SST2 = "SST-2"
_WIDTH = 110


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
        encoder: With the adapter merged.
        head: The adapter's head, calibrated.
        data_name: What it was trained on beside our own sentences.
        sets: Intent sets that the encoder was tuned on first, each with its name and licence.
    """

    base_folder: Path
    adapter_folder: Path
    encoder: TunedEncoder
    head: SentimentHead
    data_name: str = _SST2
    sets: Sequence[Mapping[str, object]] = ()


def write_card(
    subject: CardSubject,
    train_part: Sequence[LabelledUtterance],
    test_sets: Sequence[TestSet],
    served: Moods | None,
) -> None:
    """Measure a frozen head and the adapter on every set and write the card beside the adapter.

    Args:
        subject: The adapter.
        train_part: What the adapter was trained on; the frozen head is fitted on the same.
        test_sets: What to measure on.
        served: The encoder as it is exported for serving; None leaves it out.
    """
    tokenizer, base = subject.encoder.tokenizer, load_base(subject.base_folder)
    frozen = LogisticRegression(C=_FROZEN_STRENGTH, max_iter=2000)
    frozen.fit(
        encode(base, tokenizer, [one.text for one in train_part]),
        [one.sentiment for one in train_part],
    )
    rows: list[str] = []
    for test_set in test_sets:
        texts = [one.text for one in test_set.utterances]
        moods = [subject.encoder.moods, *([served] if served else [])]
        scores = [measure(frozen.predict_proba(encode(base, tokenizer, texts)), test_set)]
        scores += [measure(judge(subject.head, one, texts), test_set) for one in moods]
        rows.append(_row(test_set, scores))
    text = _card(rows, subject, train_part)
    (subject.adapter_folder / CARD_FILE).write_text(text, encoding="utf-8")


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


def _card(rows: list[str], subject: CardSubject, train_part: Sequence[LabelledUtterance]) -> str:
    has_sst2 = any(_SST2 in row for row in rows)
    note = "" if has_sst2 else _WARNING
    if subject.data_name != _SST2:
        note = _GIVEN.format(name=subject.data_name)
    return _CARD.format(
        day=datetime.now(tz=UTC).date().isoformat(),
        rows="\n".join(rows),
        temperature=subject.head.temperature,
        sentence_share=subject.head.sentence_share,
        examples=len(train_part),
        origin=_origin(subject.sets),
        warning=note,
    )


def _origin(sets: Sequence[Mapping[str, object]]) -> str:
    if not sets:
        return ""
    ours = [one for one in sets if str(one["name"]).startswith(f"{OWN} ")]
    own = (
        f"what is asked of {len(ours)} kinds of business, in our words (`training/data/service`), and "
        if ours
        else ""
    )
    named = ", ".join(f"{one['name']} ({one['licence']})" for one in sets if one not in ours)
    text = (
        f"First the encoder was tuned on intent sets, so that new intents need few examples: {own}the training parts of "
        f"{named}; of NLU++, which has no parts, all. It never saw HINT3, nor a test part of the others. Measured on one of "
        "these sets it is no stranger there: figures for them need an encoder that was tuned without it (`kefu train encoder "
        "--leave`)."
    )
    return f"{fill(text, _WIDTH)}\n\n"


_WARNING = """
> **Warning.** SST-2 was not there when this adapter was trained: it has seen our own sentences
> only and will be less sure on anything else. Put SST-2 in place and train again.
"""

_GIVEN = """
> Made from the adapter that comes with Kefu, on the sentences of `{name}` and our own; what stands below
> about SST-2 is how that adapter was made.
"""

_CARD = """# Service adapter: meaning and mood in one pass

A LoRA adapter on [all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2) and a three-class
head (negative, neutral, positive): how a customer feels, read from one message. Teaching the mood left what a message
means where it was, so the same pass serves intents and search. Licence: Apache-2.0, as the base.
{warning}
## Use
`training.sentiment_adapter.load_sentiment_encoder(base, folder)` merges the adapter into the
base's weights and reads the head. Tokenise and encode. The mood: multiply the first token's state by the head, divide
by the temperature ({temperature:.2f}), softmax. A text of three sentences or more is read sentence by sentence too, and
`sentence_share` ({sentence_share:g}) says how much these count (`intents/feeling.py`). The meaning: average the token states without padding, scale to length 1; do
the same with the states after the block `early_layer`; multiply the first by the root of 1 - `early_share`, the second
by the root of `early_share`, and put them one behind the other. `config.json` holds these, pooling, order of classes,
longest input, the base's SHA-256 and every setting of the training.

## Training data
{origin}{examples:,} examples an epoch: SST-2's training sentences (film reviews, negative or positive) where
the data set is there, and our own sentences (`training/data/sentiment`: messages to shops and other companies, verdicts
on products, films, books and everyday life). 15 % of our own sentences, chosen by a
hash, are kept for the test and 10 % for the temperature. Texts that also stand in a held-out part are
left out. Meanings were held in place (cosine to what was there before, `fidelity` in `config.json`) on these sentences, on the
seed catalogue and articles, and on customers' turns of MultiDoGO (Peskov et al., 2019, CDLA-Permissive 1.0) where that
set is there; no label of it was used. The weights of several runs (`runs`) were averaged and cut to the adapter's rank. Of
the head tuned with them and heads fitted again on the encoder as it is served, the sentences kept for the temperature chose one.

How our sentences are labelled: the customer's mood, not the news. *Negative* is displeasure,
anger, worry or sarcasm. *Neutral* is a question, a fact, a wish, also a defect or delay told without
a sign of annoyance, and thanks that are only a courtesy around a question. *Positive* is joy, praise and
thanks.

## Measured on {day}
*Frozen*: a logistic regression on the base's unchanged encodings, fitted on the same examples.
*Adapter*: this folder, in float32. *int8*: the same as exported for serving, which is what the head was chosen on. SST-2 has no neutral:
there the higher of negative and positive counts. Nothing was trained or calibrated on a test part.
ECE is the expected calibration error of the adapter's probabilities (15 bins). All in per cent.

| test set | sentences | frozen: accuracy | adapter: accuracy | int8: accuracy | frozen: macro-F1 | adapter: macro-F1 | ECE |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

SST-2: Socher et al., 2013, sentence level; its publishers state no licence, and models trained on it
are published under open licences everywhere, as this one is. None of its sentences is in this
folder. Airline tweets: Crowdflower, 2015, CC BY-NC-SA 4.0, each text once; never used for training
or for choosing a setting; a drop on them once led to more sentences of our own on the border of negative and neutral.

## Limits
English only. A plain report of a defect counts as neutral here, while many raters (those of the
airline tweets among them) call it negative. Sarcasm without a telling word is often missed. The
temperature is fitted on our own sentences and film reviews; on other words the probabilities can
promise too much (see ECE). Not made for judging people, only for the tone of one message.
"""
