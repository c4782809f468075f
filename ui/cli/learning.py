"""kefu train, publish, rollback, catalogue: what the assistant knows and how it learns it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from bot.bootstrap import open_releases
from bot.stores.manifest import Manifest
from ui.cli.console import OUT, SEED, Seed, command, fail, run_training, seeded, settings_for

_MOST_SHOWN: Final = 10

train = typer.Typer(help="Train models.", no_args_is_help=True)
catalogue = typer.Typer(
    help="The draft's files: intents, routes, flows, wording, articles.", no_args_is_help=True
)


@train.command("intents")
def train_intents(
    data: Annotated[
        Path | None,
        typer.Option(help="Rasa YAML, CSV text,intent or JSON lines; without it the draft"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --data: folder for the model")] = None,
    *,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Tune the encoder as well, and take that only if it is better on examples held out (minutes; "
            "goes on where it was interrupted)",
        ),
    ] = False,
    seed: Seed = SEED,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the scores as one JSON object, nothing else")
    ] = False,
) -> None:
    """Fit the intents and show how well that goes: the draft's, or a file's into a model folder."""
    options = ["--data", str(data)] if data else []
    options += ["--out", str(out)] if out else []
    options += ["--deep"] if deep else []
    run_training("intents", *options, *seeded(seed), *(["--json"] if as_json else []))


@train.command("sentiment")
def train_sentiment(
    data: Annotated[
        Path | None,
        typer.Option(
            help="File with text,sentiment, or folder with sst2/; default: our own sentences"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the adapter; default: under KEFU_HOME")
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option("--from", help="Adapter to go on from, as 'kefu train encoder' makes one"),
    ] = None,
    *,
    seed: Seed = SEED,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the scores as one JSON object, nothing else")
    ] = False,
) -> None:
    """Tune the sentiment adapter; a run that was interrupted goes on.

    On a FILE it goes on from the one that ships: two minutes of one core, and one and a half more for every 1,000
    sentences. From the folder of SST-2, or from another adapter, it takes two runs over all sentences: tens of minutes.
    """
    options = ["--data", str(data)] if data else []
    options += ["--out", str(out)] if out else []
    options += ["--from", str(start)] if start else []
    run_training("sentiment", *options, *seeded(seed), *(["--json"] if as_json else []))


@train.command("encoder")
def train_encoder(
    data: Annotated[Path, typer.Option(help="Folder of the public intent sets")],
    out: Annotated[Path, typer.Option(help="Folder for the adapter")],
    leave: Annotated[
        list[str] | None, typer.Option(help="A set to leave out; may be given several times")
    ] = None,
    seed: Seed = SEED,
) -> None:
    """Tune the encoder on our own intent sets and public ones, so that new intents need few examples (ten minutes)."""
    options = [part for name in leave or () for part in ("--leave", name)]
    run_training("encoder", "--data", str(data), "--out", str(out), *options, *seeded(seed))


@train.command("retrieval")
def train_retrieval(
    data: Annotated[Path, typer.Option(help="Folder of the public sets: feedbackqa/")],
    out: Annotated[Path, typer.Option(help="Folder for the adapter")],
    leave: Annotated[
        list[str] | None,
        typer.Option(
            help="A set to leave out: FeedbackQA CDC, FeedbackQA WHO, own articles; may be given several times"
        ),
    ] = None,
    seed: Seed = SEED,
) -> None:
    """Tune the encoder for search, on questions with the passages that answer them (ten minutes)."""
    options = [part for name in leave or () for part in ("--leave", name)]
    run_training("retrieval", "--data", str(data), "--out", str(out), *options, *seeded(seed))


def publish(
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Publish although regression conversations fail")
    ] = False,
) -> None:
    """Make the draft the next release: validate, train, calibrate, test, switch without a restart."""
    run_training("publish", *(["--force"] if force else []))


@command
async def rollback(
    number: Annotated[
        int | None, typer.Argument(help="Default: the release before the live one")
    ] = None,
    *,
    lists: Annotated[bool, typer.Option("--list", help="Only show the releases there are")] = False,
) -> None:
    """Switch back to an earlier release; running servers follow within a second."""
    async with open_releases(settings_for()) as releases:
        if lists:
            OUT.print(_table_of(await releases.releases(), await releases.live_number()))
            return
        was = await releases.live_number()
        target = number if number is not None else await releases.rollback_target()
        await releases.switch(target)
    OUT.print(f"Release {target} is live; it was {was}.")


def _table_of(releases: Iterable[Manifest], live: int | None) -> Table:
    table = Table("release", "made at (UTC)", "", box=None)
    for release in releases:
        mark = "live" if release.number == live else ""
        table.add_row(str(release.number), f"{release.created_at:%Y-%m-%d %H:%M}", mark)
    return table


@catalogue.command("export")
@command
async def export(
    folder: Annotated[Path, typer.Argument(help="Made where missing; must be empty")],
    release: Annotated[int, typer.Option(help="0 is the draft")] = 0,
) -> None:
    """Write a release's files into a folder."""
    if folder.exists() and any(folder.iterdir()):
        raise fail(f"{folder} is not empty; name a new folder, so that nothing is overwritten")
    async with open_releases(settings_for()) as releases:
        documents = await releases.documents(release)
    if not documents:
        raise fail("there is no draft yet; 'kefu publish' (or 'make serve') makes the first one")
    for path, text in documents.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    OUT.print(
        f"{len(documents)} files written to {folder}. Change them, then: kefu catalogue import {folder}"
    )


@catalogue.command("import")
@command
async def import_(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
) -> None:
    """Make a folder's files the draft; nothing is live before 'kefu publish'."""
    from bot.checking import check_documents  # noqa: PLC0415 - only this command reads catalogues

    files = [path for kind in ("*.yml", "*.yaml", "*.md") for path in sorted(folder.rglob(kind))]
    try:
        documents = {str(path.relative_to(folder)): path.read_text("utf-8") for path in files}
    except UnicodeDecodeError as problem:
        raise fail(f"a file in {folder} is not UTF-8 ({problem}); save it as UTF-8") from problem
    problems = check_documents(documents)
    if problems:
        more = [f"and {len(problems) - _MOST_SHOWN} more"] if len(problems) > _MOST_SHOWN else []
        shown = [*problems[:_MOST_SHOWN], *more]
        raise fail("the draft stays as it was:\n  " + "\n  ".join(shown))
    async with open_releases(settings_for()) as releases:
        await releases.save_draft(documents, expected=None)
    OUT.print(
        f"{len(documents)} files are the draft now. Try them with 'kefu chat --draft', then 'kefu publish'."
    )
