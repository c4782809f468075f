"""kefu evaluate: how good the models are, on one's own data or on public sets."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.console import SEED, Seed, run_training, seeded


class Kind(StrEnum):
    """What can be measured."""

    NLU = "nlu"
    SENTIMENT = "sentiment"
    RETRIEVAL = "retrieval"
    DIALOGUE = "dialogue"


def evaluate(  # noqa: PLR0913 - one parameter per option of the command
    kind: Annotated[
        Kind | None, typer.Argument(help="What to measure; without it everything")
    ] = None,
    *,
    model: Annotated[
        Path | None,
        typer.Option(help="Folder made by 'kefu train … --out'; default: the live release"),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="File to measure on, or the folder that holds the public sets"),
    ] = None,
    passages: Annotated[
        Path | None, typer.Option(help="retrieval: JSON lines or CSV with id, text")
    ] = None,
    questions: Annotated[
        Path | None, typer.Option(help="retrieval: JSON lines or CSV with text, passage_id")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the report; default: reports/ in KEFU_HOME")
    ] = None,
    release: Annotated[
        int | None,
        typer.Option(
            help="Number; default: the live release, and the draft (0) for your catalogue"
        ),
    ] = None,
    encoders: Annotated[
        Path | None,
        typer.Option(help="Public sets: folder of adapters, as 'make encoders' makes them"),
    ] = None,
    table: Annotated[
        Path | None, typer.Option(help="Public sets: also write ours beside published figures")
    ] = None,
    deep: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=5,
            help="Public sets: tune deeply too, with so many seeds; 11 to 30 minutes of one core for each set and seed",
        ),
    ] = None,
    seed: Seed = SEED,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the scores as one JSON object, nothing else")
    ] = False,
) -> None:
    """Measure models: a table here, and a report with pictures as one HTML file.

    - `kefu evaluate nlu`: your catalogue, parts of it held out in turn; doubtful examples
    - `kefu evaluate nlu --data FILE`: text,intent (CSV, JSON lines) or Rasa YAML
    - `kefu evaluate sentiment --data FILE`: text,sentiment
    - `kefu evaluate retrieval --passages FILE --questions FILE`
    - `kefu evaluate dialogue`: your scripted conversations
    - `kefu evaluate --data DIR`: the public sets that are in a folder
    """
    given = {
        "--model": model,
        "--data": data,
        "--passages": passages,
        "--questions": questions,
        "--out": out,
        "--release": release,
        "--encoders": encoders,
        "--table": table,
        "--deep": deep,
    }
    options = [
        word for name, value in given.items() if value is not None for word in (name, str(value))
    ]
    kinds = [kind.value] if kind else []
    run_training("evaluate", *kinds, *options, *seeded(seed), *(["--json"] if as_json else []))
