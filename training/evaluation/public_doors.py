"""``evaluate … --data DIR``: our recipes on the public sets that are there, and the table beside published figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.stores.releases import SqlReleases
from training.encodings import CachedEncoder
from training.evaluation import shown
from training.evaluation.adapter_folder import AdapterFolder, one_of_each_seed
from training.evaluation.baselines import LogisticRecipe
from training.evaluation.public_runs import Run, run_intents, run_searches, run_sentiment
from training.evaluation.quality import figures_of, keep_figures
from training.evaluation.quality_table import write_table
from training.evaluation.recipes import SEEDS, SERVICE, EncoderRecipe, IntentRecipe, ServiceRecipe
from training.evaluation.search_doors import recipes_over, shipped_adapters
from training.evaluation.searchers import read_searchers
from training.evaluation.subjects import (
    exported_base,
    exported_sentiment,
    remembering,
)
from training.evaluation.unseen import Tunable, Unseen
from training.models import KEFUS_ENCODER, ModelPlan
from training.progress import Timed, say


@dataclass(frozen=True, slots=True)
class PublicSets:
    """What is measured on public sets.

    Attributes:
        data: Folder that holds a folder per set.
        kinds: Of ``nlu``, ``sentiment`` and ``retrieval``.
        encoders: Folder of adapters that left sets out or have other seeds; None where there are none.
        table: Markdown to write; its numbers are kept beside it as JSON. None for none.
        deep: With how many seeds deep tuning is run as well; 0 leaves it out.
        seed: The first of them, and that of everything else that is drawn at random.
    """

    data: Path
    kinds: Sequence[str]
    encoders: Path | None
    table: Path | None
    deep: int = 0
    seed: int = SEEDS[0]

    @property
    def seeds(self) -> range:
        """Return those of deep tuning."""
        return range(self.seed, self.seed + self.deep)


async def measure_public(
    releases: SqlReleases, plan: ModelPlan, sets: PublicSets, shown_as: Timed
) -> tuple[Run, ...]:
    """Run every recipe on the public sets that are there.

    Args:
        releases: Keeps exported encoders and encodings.
        plan: Which encoders.
        sets: Where they are, and what for.
        shown_as: Told how far it is.

    Raises:
        DatasetError: A set is there, but not as published; or there is no encoder in the folder.
        TrainingError: An export failed.
    """
    data, kinds = sets.data, sets.kinds
    shown_as.begin("loading the encoders")
    unseen = await _read_unseen(releases.cache, sets)
    exported = (await exported_base(releases.cache, plan)).encoder
    frozen = (await exported_base(releases.cache, replace(plan, encoder=KEFUS_ENCODER))).encoder
    unchanged = remembering(frozen, releases.cache)
    is_same = exported.sha256 == frozen.sha256
    encoder = unchanged if is_same else remembering(exported, releases.cache)
    runs: list[Run] = []

    def keep(found: Iterable[Run]) -> None:
        for run in found:
            runs.append(run)
            encoder.save()
            unchanged.save()
            unseen.save()

    if "nlu" in kinds:
        recipes = intent_recipes(unseen, encoder, unchanged, seed=sets.seed)
        keep(run_intents(data, recipes, shown_as, draws=True))
        shipped = Tunable(exported, encoder, plan.adapter)
        keep(_deep_runs((releases.cache, data), unseen, shipped, shown_as, sets))
    if "sentiment" in kinds:
        keep(await _run_moods(releases.cache, plan, sets, unchanged, shown_as))
        keep(await _taught_runs((releases.cache, data), plan.adapter, shown_as, sets))
    if "retrieval" in kinds:
        keep(await _run_searches(releases.cache, plan, sets, encoder, shown_as))
    if "dialogue" in kinds:
        say(
            "no public set of dialogues fits an assistant of one shop; 'kefu evaluate dialogue' plays its own"
        )
    shown.show_all({f"{run.set_name}: {run.recipe}": run.scores for run in runs})
    if sets.table is not None:
        figures = keep_figures(sets.table.with_suffix(".json"), figures_of(runs))
        write_table(sets.table, figures)
        say(f"the table beside published figures is {sets.table}")
    return tuple(runs)


def _deep_runs(
    folders: tuple[Path, Path], unseen: Unseen, shipped: Tunable, shown_as: Timed, sets: PublicSets
) -> Iterable[Run]:
    if not sets.deep:
        return ()
    # torch: seconds that no other evaluation should wait for
    from training.evaluation.public_deep import run_deeply  # noqa: PLC0415

    return run_deeply(folders, unseen, shipped, shown_as, seeds=sets.seeds)


async def _taught_runs(
    folders: tuple[Path, Path], adapter: Path, shown_as: Timed, sets: PublicSets
) -> Iterable[Run]:
    if not sets.deep:
        return ()
    from training.evaluation.public_tweets import run_tweets  # noqa: PLC0415 - torch, as above

    return await run_tweets(folders, adapter, shown_as, seeds=sets.seeds)


async def _read_unseen(cache: Path, sets: PublicSets) -> Unseen:
    """Read the encoders for intents that left sets out, where there are some and intents are measured."""
    if sets.encoders is None or "nlu" not in sets.kinds:
        return Unseen(())
    return await Unseen.read(cache, sets.encoders)


async def _run_moods(
    cache: Path, plan: ModelPlan, sets: PublicSets, unchanged: CachedEncoder, shown_as: Timed
) -> tuple[Run, ...]:
    """Measure the sentiment adapter that ships, and those made like it with other seeds."""
    others = () if sets.encoders is None else AdapterFolder.read(sets.encoders).moods
    adapters = one_of_each_seed((plan.adapter, *others)) if others else (plan.adapter,)
    models = [await exported_sentiment(cache, replace(plan, adapter=one)) for one in adapters]
    runs = tuple(
        run_sentiment(sets.data, models, unchanged, "sentiment adapter", shown_as, seed=sets.seed)
    )
    for model in models:
        model.encoder.save()
    return runs


async def _run_searches(
    cache: Path, plan: ModelPlan, sets: PublicSets, encoder: CachedEncoder, shown_as: Timed
) -> tuple[Run, ...]:
    """Search with the encoder of a release, with the one that ships for search, and with those that left sets out."""
    others = () if sets.encoders is None else AdapterFolder.read(sets.encoders).searches
    searchers = await read_searchers(
        cache, (*shipped_adapters(plan.encoder or KEFUS_ENCODER), *others)
    )
    recipes = recipes_over(encoder, searchers)
    runs = tuple(run_searches(sets.data, recipes, shown_as, seed=sets.seed))
    for one in searchers:
        one.encoder.save()
    return runs


def intent_recipes(
    unseen: Unseen, encoder: CachedEncoder, unchanged: CachedEncoder, *, seed: int
) -> tuple[IntentRecipe, ...]:
    """Return the recipes that are compared, ours first: another encoder is plugged in here.

    Args:
        unseen: Encoders made like the shipped one, without this set or that.
        encoder: As a release would have it.
        unchanged: The packaged MiniLM, which the published baselines start from too.
        seed: Of everything that is drawn at random.
    """
    baseline = LogisticRecipe("frozen MiniLM + logistic regression", unchanged, seed)
    plain = EncoderRecipe("unchanged MiniLM + kernel head", unchanged, seed)
    if not unseen.encoders:
        return (plain, baseline)
    return (ServiceRecipe(SERVICE, encoder, unseen.without, seed), plain, baseline)
