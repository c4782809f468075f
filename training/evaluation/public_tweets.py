"""Teaching the adapter that ships the mood of the airline tweets' train part, for their own line."""

import asyncio
import csv
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from intents.artifact import SENTIMENTS
from training.anchors import anchors
from training.encoders import packaged_base
from training.evaluation.public_others import SentimentParts, find_airline_tweets
from training.evaluation.public_runs import TWEETS, Run
from training.evaluation.recipes import TAUGHT
from training.evaluation.sentiment_doors import measured
from training.evaluation.subjects import SentimentModel, exported_sentiment
from training.models import ModelPlan
from training.progress import Report, Timed
from training.sentiment import train
from training.sentiment_config import SentimentConfig

Teach = Callable[[SentimentConfig, Report], object]
Export = Callable[[Path, ModelPlan], Awaitable[SentimentModel]]


async def run_tweets(
    folders: tuple[Path, Path],
    adapter: Path,
    shown_as: Timed,
    *,
    seeds: range,
    teach: Teach = train,
    export: Export = exported_sentiment,
) -> tuple[Run, ...]:
    """Go on from an adapter on the tweets, as ``kefu train sentiment --data FILE`` does, and measure what comes of it.

    What was taught is thrown away: the tweets' licence does not allow to ship it.

    Args:
        folders: The cache, for checkpoints and exports, and that of the public sets.
        adapter: What is gone on from.
        shown_as: Told how far it is.
        seeds: The mean over them is reported; each takes half an hour of one core.
        teach: Writes an adapter into the configuration's folder.
        export: Loads it as it would be served.

    Returns:
        One run; none where the tweets are not there.

    Raises:
        TrainingError: An export failed.
    """
    cache, data = folders
    tweets = find_airline_tweets(data)
    if tweets is None:
        return ()
    found = []
    for seed in seeds:
        folder = cache / "deep-trials" / f"tweets-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        config = SentimentConfig(
            packaged_base(),
            folder / "adapter",
            sst2_folder=folder,
            airline_folder=folder,
            anchors=anchors(data / "multidogo", seed=seed),
            seed=seed,
        ).gone_on_with(_write(tweets, folder / "tweets.csv"), adapter)
        shown = shown_as.begin(f"{TWEETS}: {TAUGHT}, seed {seed}")
        await asyncio.to_thread(teach, config, shown)
        model = await export(cache, ModelPlan("", config.out_folder))
        found.append(measured(model, tweets.test, f"{TWEETS}, test", TAUGHT, seed))
        shutil.rmtree(folder)
    return (Run("sentiment", TWEETS, TAUGHT, tuple(one.scores for one in found)),)


def _write(tweets: SentimentParts, file: Path) -> Path:
    """Write what may be learned from as somebody's own file: text and sentiment."""
    rows: list[Mapping[str, str]] = [
        {"text": one.text, "sentiment": SENTIMENTS[one.sentiment]} for one in tweets.train
    ]
    with file.open("w", encoding="utf-8", newline="") as written:
        writer = csv.DictWriter(written, ("text", "sentiment"))
        writer.writeheader()
        writer.writerows(rows)
    return file
