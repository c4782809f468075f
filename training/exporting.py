"""``python -m training.exporting``: exports one encoder into a folder; publishing runs two of these side by side."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from intents.errors import IntentError
from training.errors import TrainingError
from training.export import export_base, export_sentiment
from training.progress import say

_REFUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Export one encoder; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.exporting", description=__doc__)
    parser.add_argument("group", choices=["base", "sentiment"])
    parser.add_argument(
        "--encoder", default="", help="a folder or hub id; default: the packaged one"
    )
    parser.add_argument("--adapter", type=Path, help="folder of the adapter to merge into it")
    parser.add_argument("out", type=Path)
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)  # two exports run side by side; more threads only wait for each other
    try:
        if given.group == "base":
            export_base(given.out, given.adapter, setting=given.encoder)
        else:
            export_sentiment(given.out, given.adapter, setting=given.encoder)
    except (IntentError, TrainingError) as problem:
        say(str(problem))
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
