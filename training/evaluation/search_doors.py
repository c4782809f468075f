"""``evaluate retrieval``: the search over somebody's passages and questions, words and encodings apart and together."""

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
    SearchRecipe,
    VectorSearch,
    WordSearch,
    measure_search,
)
from training.evaluation.passages import PassageSet, read_passage_set
from training.evaluation.scores import Scores
from training.evaluation.sections import number, tiles_of
from training.evaluation.subjects import live_manifest, released_encoder, remembering
from training.progress import Timed
from training.report import Table

_COLUMNS: Final = ("recall@1", "recall@5", "mrr@10", "ndcg@10")


async def measure_passages(
    workshop: Workshop, passages: Path, questions: Path, shown_as: Timed, *, seed: int
) -> Measurement:
    """Search somebody's passages with the live release's encoder; the scores are those of the hybrid search.

    Raises:
        DatasetError: A file cannot be used.
        ReleaseNotFoundError: Nothing is live.
    """
    found = read_passage_set(passages, questions)
    shown_as.begin("loading the model")
    async with workshop.open_releases() as releases:
        manifest = await live_manifest(releases)
        encoder = remembering(await released_encoder(releases, manifest, BASE), releases.cache)
    shown_as.begin("encoding and asking")
    all_scores = compare(recipes_over(encoder), found)
    encoder.save()
    name = f"release {manifest.number}"
    shown.show_all(all_scores)
    source = Provenance.now(
        data=f"{passages}, {questions}", split="nothing is trained on them", model=name, seed=seed
    )
    title = f"Search over {passages.name}"
    section = search_section(title, name, found, all_scores, source)
    return Measurement(next(reversed(all_scores.values())), (section,))


def recipes_over(encoder: Encoder) -> tuple[SearchRecipe, ...]:
    """Return the searches that are compared, ours last."""
    return (WordSearch(), VectorSearch(encoder), HybridSearch(encoder))


def compare(recipes: tuple[SearchRecipe, ...], found: PassageSet) -> dict[str, Scores]:
    """Measure every recipe on a set."""
    return {recipe.name: measure_search(recipe, found) for recipe in recipes}


def search_section(
    title: str, name: str, found: PassageSet, scores: dict[str, Scores], source: Provenance
) -> Section:
    """Return a section about a search."""
    rows = []
    for recipe, of_recipe in scores.items():
        values = of_recipe.as_json()
        rows.append((recipe, *(number(column, values[column]) for column in _COLUMNS)))
    return Section(
        title,
        f"{len(found.questions):,} questions about {len(found.passages):,} passages, asked of {name}.",
        tiles_of(next(reversed(scores.values()))),
        tables=(Table("Ways of searching", ("search", *_COLUMNS), tuple(rows)),),
        notes=(source.caption,),
    )
