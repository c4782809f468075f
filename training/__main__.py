"""``python -m training …``: every part of training as a process of its own; ``kefu`` starts them."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.errors import BotError
from intents.errors import IntentError
from knowledge_base.errors import KnowledgeBaseError
from training import commands
from training.errors import TrainingError
from training.progress import say

_REFUSED = 2
_INTERRUPTED = 130
KINDS = ("nlu", "sentiment", "retrieval", "dialogue")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 2 refused (said on standard error, with the remedy)."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets DEBUG for itself
    given = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], object] = given.run
    try:
        result = run(given)
        if asyncio.iscoroutine(result):
            result = asyncio.run(result)
    except (BotError, IntentError, KnowledgeBaseError, TrainingError) as problem:
        say(str(problem))
        return _REFUSED
    except KeyboardInterrupt:
        say("interrupted; nothing was switched")
        return _INTERRUPTED
    if given.json and result is not None:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parts = parser.add_subparsers(required=True, metavar="COMMAND")

    publish = _part(parts, "publish", commands.publish_draft, "make the draft the next release")
    publish.add_argument("--message", default="", help="what is new")
    publish.add_argument("--force", action="store_true", help="although conversations go astray")

    worker = _part(parts, "worker", commands.train_drafts, "train the draft whenever it changes")
    worker.add_argument("--once", action="store_true", help="train it now, then end")

    intents = _part(parts, "intents", commands.fit_intents, "fit intents and show how well")
    intents.add_argument("--data", type=Path, help="a file instead of the draft; needs --out")
    intents.add_argument("--out", type=Path, help="folder for the model; needs --data")
    intents.add_argument(
        "--deep", action="store_true", help="tune the encoder too, and take it if it is better"
    )
    _add_seed(intents)
    intents.add_argument("--worst", type=int, default=15, help="confusions to show")

    sentiment = _part(parts, "sentiment", commands.tune_sentiment, "tune the sentiment adapter")
    sentiment.add_argument(
        "--data", type=Path, help="file with text,sentiment; or folder with sst2/"
    )
    sentiment.add_argument("--out", type=Path, help="folder for the adapter")
    sentiment.add_argument(
        "--from", dest="start", type=Path, metavar="DIR", help="adapter to go on from"
    )
    _add_seed(sentiment)

    encoder = _part(parts, "encoder", commands.tune_encoder, "tune the encoder on public sets")
    encoder.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    encoder.add_argument("--out", type=Path, required=True, help="folder for the adapter")
    encoder.add_argument("--leave", action="append", default=[], help="a set to leave out")
    _add_seed(encoder)

    retrieval = _part(parts, "retrieval", commands.tune_search, "tune the encoder for search")
    retrieval.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    retrieval.add_argument("--out", type=Path, required=True, help="folder for the adapter")
    retrieval.add_argument("--leave", action="append", default=[], help="a set to leave out")
    _add_seed(retrieval)

    evaluate = _part(parts, "evaluate", commands.evaluate, "measure models and write a report")
    evaluate.add_argument("kind", nargs="?", choices=KINDS, help="what; without it everything")
    evaluate.add_argument("--model", type=Path, help="model folder; default: the live release")
    evaluate.add_argument("--data", type=Path, help="a file, or the folder of public sets")
    evaluate.add_argument("--passages", type=Path, help="JSON lines with id and text")
    evaluate.add_argument("--questions", type=Path, help="JSON lines with text and passage_id")
    evaluate.add_argument("--out", type=Path, help="folder for the report")
    evaluate.add_argument(
        "--release", type=int, help="number; default: the live one, of a catalogue the draft (0)"
    )
    evaluate.add_argument("--encoders", type=Path, help="encoders that never saw this set or that")
    evaluate.add_argument("--table", type=Path, help="Markdown file for ours beside published")
    evaluate.add_argument("--deep", type=int, default=0, help="with so many seeds tune deeply, too")
    _add_seed(evaluate)
    return parser


def _add_seed(part: argparse.ArgumentParser) -> None:
    part.add_argument("--seed", type=int, default=commands.SEED, help="of all that is random")


def _part(
    # argparse has no public name for what add_subparsers returns
    parts: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], object],
    what: str,
) -> argparse.ArgumentParser:
    part = parts.add_parser(name, help=what, description=what)
    part.add_argument("--json", action="store_true", help="print a report as JSON at the end")
    part.set_defaults(run=run)
    return part


if __name__ == "__main__":
    sys.exit(main())
