"""The encoder three ways: torch, ONNX in float32, ONNX in int8 as served; each in a process on one core.

``python -m benchmarks.encoding FOLDER KIND`` measures one of them, FOLDER being what ``export`` wrote.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring import Row, milliseconds, percentile
from benchmarks.messages import CUSTOMER, GUEST
from bot.checking import Checker
from bot.encoder import OnnxEncoder
from bot.seed import seed_documents
from intents.text import normalise
from training.datasets import LabelledText, clean_for_training
from training.encodings import CachedEncoder
from training.evaluation.cross_validation import cross_validate
from training.evaluation.recipes import SEEDS, EncoderRecipe
from training.evaluation.scores import score_intents

KINDS: Final = ("torch", "float32", "int8")
ROUNDS: Final = 60
BATCH: Final = 1_000
_TARGET_MS: Final = 1.5
_TEXTS: Final = (*GUEST, *CUSTOMER)


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast one of them is on one core.

    Attributes:
        p50: Milliseconds for one message.
        p99: Likewise.
        rate: Messages a second, many at once.
    """

    p50: float
    p99: float
    rate: float


def measure() -> list[Row]:
    """Compare the three in one run: speed on one core, and what int8 costs in accuracy."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        _export(folder)
        speeds = {kind: _apart(folder, kind) for kind in KINDS}
        accuracies = {kind: _accuracy(folder / kind) for kind in KINDS[1:]}
        cosines = _cosines(folder)
    ours, full, torch = (speeds[kind] for kind in reversed(KINDS))
    lost = 100 * (accuracies["float32"] - accuracies["int8"])
    return [
        Row(
            "encoding one message on one core, p50 / p99", f"{ours.p50:.2f} / {ours.p99:.2f} ms",
            f"{_TARGET_MS} ms", f"ONNX float32: {full.p50:.2f} / {full.p99:.2f} ms; torch: {torch.p50:.2f} / {torch.p99:.2f} ms",
            ours.p50 <= _TARGET_MS, f"{len(_TEXTS) * ROUNDS} messages of 1 to 16 words, int8, vector and mood",
        ),
        Row(
            "encoding many messages on one core", f"{ours.rate:,.0f} a second", "",
            f"ONNX float32: {full.rate:,.0f}; torch, batches of 64: {torch.rate:,.0f}", None, f"{BATCH:,} at once",
        ),
        Row(
            "accuracy of intents lost by int8", f"{lost:.2f} points", "0.3 points", "", lost <= 0.3,
            f"seed catalogue, 5 folds, mean of {len(SEEDS)} deals: float32 {100 * accuracies['float32']:.1f} %, int8 {100 * accuracies['int8']:.1f} %; "
            f"cosine between them {cosines.mean():.4f} on average, {cosines.min():.3f} at the lowest",
        ),
    ]  # fmt: skip


def _export(folder: Path) -> None:
    # torch and transformers: seconds and memory that no other measurement should carry
    from training.export import export_sentiment  # noqa: PLC0415
    from training.models import packaged_adapter  # noqa: PLC0415

    for kind in KINDS[1:]:
        export_sentiment(folder / kind, packaged_adapter(), quantise=kind == "int8")


def _apart(folder: Path, kind: str) -> Speed:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.encoding", str(folder), kind],
        check=True,
        capture_output=True,
    )
    return Speed(**json.loads(done.stdout))


def _accuracy(folder: Path) -> float:
    """Cross-validate the head on the seed catalogue's encodings; returns the share that is right."""
    catalogue = Checker().catalogue(seed_documents())
    rows = [LabelledText(normalise(one.text), one.intent, one.line) for one in catalogue.examples()]
    cleaned = clean_for_training(Path("the seed catalogue"), rows).rows
    encoder = CachedEncoder(OnnxEncoder(folder), folder / "encodings.npz")
    recipe = EncoderRecipe(folder.name, encoder)
    found = [
        cross_validate(recipe, cleaned, seed=seed, report=lambda _share, _word: None)
        for seed in SEEDS
    ]
    return fmean(score_intents(one.predictions).in_scope_accuracy or 0.0 for one in found)


def _cosines(folder: Path) -> NDArray[np.float32]:
    full, ours = (OnnxEncoder(folder / kind).encode(list(_TEXTS)) for kind in KINDS[1:])
    found: NDArray[np.float32] = (full * ours).sum(axis=1)
    return found


def _main(folder: Path, kind: str) -> None:
    """Measure one of them, alone on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    encode = _with_torch() if kind == "torch" else OnnxEncoder(folder / kind).encode
    for text in _TEXTS:
        encode([text])
    times = []
    for _ in range(ROUNDS):
        for text in _TEXTS:
            started = time.perf_counter()
            encode([text])
            times.append(milliseconds(started))
    many = [_TEXTS[n % len(_TEXTS)] for n in range(BATCH)]
    started = time.perf_counter()
    encode(many)
    rate = BATCH / (time.perf_counter() - started)
    speed = {"p50": percentile(times, 0.5), "p99": percentile(times, 0.99), "rate": rate}
    sys.stdout.write(json.dumps(speed))


def _with_torch() -> Callable[[list[str]], object]:
    """Load the unchanged encoder as its users do; it has as much to compute."""
    import torch  # noqa: PLC0415 - only this kind needs them
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    from training.encoders import packaged_base  # noqa: PLC0415

    torch.set_num_threads(1)
    model = SentenceTransformer(str(packaged_base()), device="cpu")
    return partial(model.encode, batch_size=64, show_progress_bar=False, normalize_embeddings=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2])
