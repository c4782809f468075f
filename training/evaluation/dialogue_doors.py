"""``evaluate dialogue``: whole conversations as scripts, played with the live release."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console

from bot.bootstrap import Workshop
from bot.errors import ReleaseInvalidError
from bot.rehearsal import Stray
from bot.scripts import Script, read_scripts
from bot.seed import CONVERSATIONS
from training.errors import DatasetError
from training.evaluation import shown
from training.evaluation.intent_doors import Measurement
from training.evaluation.page import Provenance, Section
from training.evaluation.scores import Scores
from training.evaluation.sections import tiles_of
from training.evaluation.subjects import manifest_of
from training.progress import Timed
from training.regression import play_regression, rehearsal_loader
from training.report import Table
from training.tables import read_text

_ENDINGS: Final = ("*.yml", "*.yaml")


async def measure_dialogue(
    workshop: Workshop, data: Path | None, shown_as: Timed, *, release: int | None, seed: int
) -> Measurement:
    """Play scripts with a release, by default the live one: its own regression conversations, or those in a file or folder.

    Raises:
        DatasetError: A file cannot be used.
        ReleaseNotFoundError: There is no such release, or nothing is live.
    """
    shown_as.begin("loading the release")
    async with workshop.open_releases() as releases:
        manifest = await manifest_of(releases, release)
        loaded = await rehearsal_loader(releases).load(manifest)
        texts = await releases.documents(manifest.number) if data is None else scripts_in(data)
        own = {path: text for path, text in texts.items() if path.startswith(f"{CONVERSATIONS}/")}
        scripts = _read(texts if data else own)
        shown_as.begin(f"playing {len(scripts)} conversations")
        strays = await play_regression(loaded, scripts)
    return _told(
        f"release {manifest.number}", str(data or "its own conversations"), scripts, strays, seed
    )


def scripts_in(data: Path) -> dict[str, str]:
    """Read a file of scripts, or those of a folder; files that hold something else are left out.

    Raises:
        DatasetError: There is none.
    """
    files = [data] if data.is_file() else [f for kind in _ENDINGS for f in sorted(data.glob(kind))]
    found = {str(file): read_text(file) for file in files}
    if not found:
        raise DatasetError(f"{data} holds no .yml file with conversations; name another")
    return found


def _read(texts: Mapping[str, str]) -> tuple[Script, ...]:
    try:
        scripts = read_scripts(texts)
    except ReleaseInvalidError as problem:
        raise DatasetError(str(problem)) from problem
    if not scripts:
        raise DatasetError(
            "there are no conversations to play; write some, or name them with --data"
        )
    return tuple(scripts)


def _told(
    model: str, data: str, scripts: tuple[Script, ...], strays: tuple[Stray, ...], seed: int
) -> Measurement:
    astray = {(stray.script, stray.place.rpartition(":")[0]) for stray in strays}
    scores = Scores(n=len(scripts), accuracy=1.0 - len(astray) / len(scripts))
    shown.show_scores(f"{model} on {data}", scores)
    console = Console(stderr=True, highlight=False)
    for stray in strays:
        console.print(str(stray), markup=False)
    source = Provenance.now(data=data, split="played whole", model=model, seed=seed)
    rows = tuple((s.script, s.place, s.says, s.problem) for s in strays)
    section = Section(
        "Conversations",
        f"{len(scripts) - len(astray)} of {len(scripts)} conversations went as their scripts want, with {model}.",
        tiles_of(scores),
        tables=(Table("Went astray", ("conversation", "where", "customer said", "problem"), rows),),
        notes=(source.caption,),
    )
    return Measurement(scores, (section,))
