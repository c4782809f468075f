"""The tweets' own line: what is taught, on what, and what is left behind."""

import csv
import gzip
from pathlib import Path

import numpy as np

from intents.artifact import SENTIMENTS
from intents.classifier import LinearSentimentHead
from tests.training.evaluation.tiny_models import WordEncoder
from training.encodings import CachedEncoder
from training.evaluation.public_others import find_airline_tweets
from training.evaluation.public_tweets import run_tweets
from training.evaluation.recipes import TAUGHT
from training.evaluation.subjects import SentimentModel
from training.models import ModelPlan
from training.progress import Report, Timed
from training.sentiment_config import SentimentConfig

ENCODER = WordEncoder()
SAID = {"negative": "lost bag", "neutral": "which gate", "positive": "lovely crew"}
ADAPTER = Path("adapter")


def fit(config: SentimentConfig, report: Report) -> None:
    """Write the mean vector of every mood where the adapter would be."""
    assert config.data_file is not None
    with config.data_file.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    by_mood = [[row["text"] for row in rows if row["sentiment"] == mood] for mood in SENTIMENTS]
    config.out_folder.mkdir()
    weights = np.stack([ENCODER.encode(texts).mean(axis=0) for texts in by_mood])
    np.save(config.out_folder / "head.npy", weights)
    report(1.0, "done")


async def load(cache: Path, plan: ModelPlan) -> SentimentModel:
    """Read what was written."""
    weights = np.load(plan.adapter / "head.npy")
    head = LinearSentimentHead(weights, np.zeros(3, np.float32), 0.1)
    return SentimentModel(CachedEncoder(ENCODER, cache / "none.npz"), head)


async def test_tweets_are_taught_without_their_test_part_and_nothing_is_kept(
    tmp_path: Path,
) -> None:
    lines = [f'{mood},"{said} {n}"' for mood, said in SAID.items() for n in range(60)]
    content = "\n".join(["airline_sentiment,text", *lines]).encode()
    (tmp_path / "airline-tweets").mkdir()
    (tmp_path / "airline-tweets/Tweets.csv.gz").write_bytes(gzip.compress(content))
    tweets = find_airline_tweets(tmp_path)
    assert tweets is not None
    configs: list[SentimentConfig] = []
    taught: list[str] = []

    def teach(config: SentimentConfig, report: Report) -> None:
        configs.append(config)
        assert config.data_file is not None
        taught.append(config.data_file.read_text("utf-8"))
        fit(config, report)

    cache = tmp_path / "cache"
    runs = await run_tweets(
        (cache, tmp_path), ADAPTER, Timed(), seeds=range(7, 9), teach=teach, export=load
    )

    (run,) = runs
    assert (run.set_name, run.recipe, len(run.trials)) == ("airline tweets", TAUGHT, 2)
    assert (run.scores.n, run.scores.accuracy) == (len(tweets.test), 1.0)
    assert [(one.seed, one.start_folder, one.runs) for one in configs] == [
        (7, ADAPTER, 1),
        (8, ADAPTER, 1),
    ]
    assert all(f"{one.text}," in taught[0] for one in tweets.train)
    assert not any(f"{one.text}," in taught[0] for one in tweets.test)
    assert not list((cache / "deep-trials").iterdir())


async def test_absent_tweets_are_no_run(tmp_path: Path) -> None:
    found = await run_tweets((tmp_path, tmp_path), ADAPTER, Timed(), seeds=range(7, 8), teach=fit)

    assert found == ()
