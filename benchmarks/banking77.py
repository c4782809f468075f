"""Trains on BANKING77 and scores its test split: ``python -m benchmarks.banking77 FOLDER``; prints one JSON object."""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bot.encoder import OnnxEncoder
from intents.text import normalise
from training.datasets import read_labelled
from training.export import export_base
from training.intent import fit_intent_head

SEED = 7


def main() -> None:
    """Export the encoder (not timed), then encode, fit and score."""
    folder = Path(sys.argv[1])
    train, test = read_labelled(folder / "train.csv"), read_labelled(folder / "test.csv")
    with tempfile.TemporaryDirectory() as out:
        export_base(Path(out))
        encoder = OnnxEncoder(Path(out), workers=2)
        started = time.perf_counter()
        vectors = encoder.encode([normalise(example.text) for example in train])
        encoded = time.perf_counter()
        names = [example.intent for example in train]
        head = fit_intent_head([e.text for e in train], names, vectors, seed=SEED).head
        fitted = time.perf_counter()
        predictions = head.predict(encoder.encode([normalise(example.text) for example in test]))
    right = [
        prediction.ranking[0][0] == example.intent
        for prediction, example in zip(predictions, test, strict=True)
    ]
    report = {
        "encoding_s": encoded - started,
        "fitting_s": fitted - encoded,
        "total_s": fitted - started,
        "accuracy": float(np.mean(right)),
        "n": len(test),
    }
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
