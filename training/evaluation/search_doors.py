"""``evaluate retrieval``: the search over somebody's passages and questions, words and encodings apart and together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot.bootstrap import Workshop
from bot.domain.ports import Encoder
from bot.loading import BASE
from training.evaluation import shown
from training.evaluation.intent_doors import Measurement
from training.evaluation.page import Provenance, Section
from training.evaluation.passage_search import (
    HybridSearch,
    Searched,
    SearchRecipe,
    VectorSearch,
    WordSearch,
    measure_search,
)
from training.evaluation.passages import PassageSet, read_passage_set
from training.evaluation.search_figures import search_figures
from training.evaluation.searchers import (
    Searcher,
    TaughtSearch,
    read_searchers,
    taught_searches,
)
from training.evaluation.sections import number, tiles_of
from training.evaluation.subjects import manifest_of, released_encoder, remembering
from training.models import KEFUS_ENCODER, packaged_search_adapter
from training.progress import Timed, say
from training.report import Table

_COLUMNS: Final = ("recall@1", "recall@5", "mrr@10", "ndcg@10", "ece")


@dataclass(frozen=True, slots=True)
class PassageFiles:
    """Somebody's passages and questions, the search adapter to ask (None: the one that ships), and the release (None: live)."""

    passages: Path
    questions: Path
    model: Path | None
    release: int | None = None


async def measure_passages(
    workshop: Workshop, files: PassageFiles, shown_as: Timed, *, seed: int
) -> Measurement:
    """Search somebody's passages; the scores are those of the hybrid search, the last one.

    Raises:
        DatasetError: A file cannot be used.
        ReleaseNotFoundError: There is no such release, or nothing is live.
        TrainingError: An export failed.
    """
    found = read_passage_set(files.passages, files.questions)
    for note in found.notes:
        say(note)
    shown_as.begin("loading the model")
    async with workshop.open_releases() as releases:
        manifest = await manifest_of(releases, files.release)
        cache = releases.cache
        released = await released_encoder(releases, manifest, BASE)
    shipped = shipped_adapters(released.settings.name)
    adapters = shipped if files.model is None else (files.model,)
    encoder = remembering(released, cache)
    searchers = await read_searchers(cache, adapters)
    shown_as.begin("encoding and asking")
    searched = compare(recipes_over(encoder, searchers), found)
    for one in (encoder, *(one.encoder for one in searchers)):
        one.save()
    name = str(files.model) if files.model else f"release {manifest.number}"
    if shipped and files.model is None:
        name += " with the search encoder that ships"
    shown.show_all({name: one.scores for name, one in searched.items()})
    data, split = f"{files.passages}, {files.questions}", "nothing is trained on them"
    source = Provenance.now(data=data, split=split, model=name, seed=seed)
    title = f"Search over {files.passages.name}"
    section = search_section(title, name, found, searched, source)
    return Measurement(next(reversed(searched.values())).scores, (section,))


def shipped_adapters(encoder: str) -> tuple[Path, ...]:
    """Return the search adapter that ships; none beside an encoder that a setting named, by its name."""
    return (packaged_search_adapter(),) if encoder.startswith(KEFUS_ENCODER) else ()


def recipes_over(
    encoder: Encoder, searchers: Sequence[Searcher] = ()
) -> tuple[SearchRecipe | TaughtSearch, ...]:
    """Return the searches that are compared, ours last.

    Args:
        encoder: That of a release.
        searchers: Encoders tuned for search, the one that ships first; without one the release's serves.
    """
    name = "hybrid, untuned encoder" if searchers else "hybrid"
    untuned = (WordSearch(), VectorSearch(encoder), HybridSearch(encoder, name))
    return (*untuned, *taught_searches(searchers))


def compare(
    recipes: Sequence[SearchRecipe | TaughtSearch], found: PassageSet, public: str = ""
) -> dict[str, Searched]:
    """Measure every recipe on a set, by name, the mean over its seeds; left out are those that have seen it.

    Args:
        recipes: What is compared.
        found: Passages and questions.
        public: Name of the public set; "" for somebody's own.
    """
    searched = {}
    for recipe in recipes:
        if trials := recipe.trials(public):
            measured = [measure_search(one, found) for one in trials]
            scores = tuple(score for one in measured for score in one.trials)
            searched[recipe.name] = replace(measured[0], trials=scores)
    return searched


def search_section(
    title: str, name: str, found: PassageSet, searched: dict[str, Searched], source: Provenance
) -> Section:
    """Return a section about a search."""
    rows = []
    for recipe, of_recipe in searched.items():
        values = of_recipe.scores.as_json()
        cells = (number(name, values[name]) if name in values else "" for name in _COLUMNS)
        rows.append((recipe, *cells))
    return Section(
        title,
        f"{len(found.questions):,} questions about {len(found.passages):,} passages, asked of {name}.",
        tiles_of(next(reversed(searched.values())).scores),
        search_figures(searched, source.caption),
        tables=(Table("Ways of searching", ("search", *_COLUMNS), tuple(rows)),),
        notes=(*found.notes, source.caption),
    )
