"""FeedbackQA on a small scale: each passage is about a thing and a place, and each question asks for both."""

import csv
import gzip
import json
from itertools import product
from pathlib import Path

_THINGS = ("parcel", "tent", "card", "price", "mat", "boot")
_PLACES = {"cdc": ("home", "school"), "who": ("work", "train", "shop")}
_SPLITS = {
    "train": ("where is my {} at {}", "is the {} good at {}", "my {} is at {}"),
    "valid": ("the {} at {}", "great {} and {}"),
    "test": ("thanks for the {} at {}",),
}
WORDS = [
    *[
        "where",
        "is",
        "my",
        "the",
        "at",
        "good",
        "great",
        "and",
        "thanks",
        "for",
        "bad",
        "awful",
        "lovely",
        "about",
    ],
    *_THINGS,
    *(place for places in _PLACES.values() for place in places),
]


def write_feedbackqa(data: Path) -> Path:
    """Write both parts as published; returns the folder that holds them."""
    folder = data / "feedbackqa"
    folder.mkdir(parents=True, exist_ok=True)
    for part, places in _PLACES.items():
        both = list(product(_THINGS, places))
        lines = [json.dumps(_passage(n, *one)) for n, one in enumerate(both)]
        packed = gzip.compress("\n".join(lines).encode())
        (folder / f"{part}_passages.jsonl.gz").write_bytes(packed)
        for split, forms in _SPLITS.items():
            with (folder / f"{part}_{split}.csv").open("w", newline="") as stream:
                rows = [(form.format(*one), n) for n, one in enumerate(both) for form in forms]
                csv.writer(stream).writerows([("question", "passage_id"), *rows])
    return data


def _passage(number: int, thing: str, place: str) -> dict[str, object]:
    return {
        "passage_id": number,
        "page_title": f"about {thing}",
        "section_headers": [place],
        "section_content": f"the {thing} is lovely and the {place} is awful",
    }
