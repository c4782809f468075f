"""Public intent sets in small, in their publishers' layout, with invented utterances."""

import gzip
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path

_THINGS = ("parcel", "tent", "card", "code", "order", "cost", "price", "evening")
_DOINGS = ("late", "lost", "torn", "mend", "fix", "find", "stolen", "block", "cancel", "track")
_SMALL = (
    "hello",
    "bye",
    "thanks",
    "where",
    "my",
    "the",
    "is",
    "a",
    "of",
    "new",
    "old",
    "red",
    "big",
)
_ENDINGS = ("now", "please", "today", "again")
WORDS = (*_THINGS, *_DOINGS, *_SMALL, *_ENDINGS, "still")
_PARCELS = {
    "late_parcel": ("parcel late", "late parcel", "parcel still late"),
    "lost_parcel": ("parcel lost", "lost parcel", "find parcel"),
    "tent_mending": ("mend tent", "tent torn", "fix torn tent"),
    "tent_price": ("tent cost", "price of tent", "cost of tent"),
}
_CARDS = {
    "cardStolen": ("card stolen", "stolen card", "block stolen card"),
    "cardCode": ("card code", "code of card", "find code"),
    "card_price": ("card cost", "price of card", "cost of card"),
}


def spoken(openings: Sequence[str]) -> list[str]:
    """Write each opening with each ending."""
    return [f"{opening} {ending}" for opening, ending in product(openings, _ENDINGS)]


def write_clinc(data: Path) -> None:
    """Write the one file of CLINC150 that is read."""
    folder = data / "clinc150"
    folder.mkdir(parents=True)
    rows = [[text, intent] for intent, texts in _PARCELS.items() for text in spoken(texts)]
    tested = [[f"red {text}", intent] for text, intent in rows]
    content = {"train": rows, "test": tested, "oos_test": [["hello big evening", "oos"]]}
    (folder / "data_full.json").write_text(json.dumps(content), "utf-8")


def write_banking(data: Path) -> None:
    """Write training and test part of BANKING77."""
    folder = data / "banking77"
    folder.mkdir(parents=True)
    rows = [f"{text},{intent}" for intent, texts in _CARDS.items() for text in spoken(texts)]
    (folder / "train.csv").write_text("\n".join(["text,category", *rows]) + "\n", "utf-8")
    tested = [f"red {row}" for row in rows]
    (folder / "test.csv").write_text("\n".join(["text,category", *tested]) + "\n", "utf-8")


def write_nlu(data: Path) -> None:
    """Write two folds of NLU++: an utterance can mean several things, or nothing."""
    folder = data / "nlu-plus-plus-banking"
    folder.mkdir(parents=True)
    for fold in (0, 1):
        entries = [
            {"text": f"{word} card {fold} {ending}", "intents": intents}
            for word, intents in (("block", ["card", "block"]), ("new", ["card"]), ("big", []))
            for ending in _ENDINGS
        ]
        (folder / f"fold{fold}.json").write_text(json.dumps(entries), "utf-8")


def write_multidogo(data: Path) -> None:
    """Write the training parts of MultiDoGO's four domains, with turns that must not be learnt from."""
    folder = data / "multidogo"
    folder.mkdir(parents=True)
    numbered = [f"{ending} {number}" for ending in _ENDINGS for number in range(2)]
    rows = [(f"cancel order {end}", "cancelorder") for end in numbered]
    rows += [(f"track order {end}", "trackorder") for end in numbered]
    rows += [(f"my code {end}", "contentonly") for end in numbered]
    rows += [(f"bye thanks {end}", "thanks<div>bye") for end in numbered]
    rows += [(" ".join(["order"] * (30 + number)), "trackorder") for number in range(8)]
    rows += [("find order", "findorder")]
    lines = ["conversationId\tturnNumber\tutteranceId\tutterance\tslot-labels\tintent"]
    lines += [f"c\t{n}\tu{n}\t{text}\tO\t{intent}" for n, (text, intent) in enumerate(rows)]
    for domain in ("airline", "finance", "media", "software"):
        file = folder / f"{domain}_train.tsv.gz"
        file.write_bytes(gzip.compress("\n".join(lines).encode()))
