"""Runs recipes on the public sets that are there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.domain.ports import Encoder
from intents.artifact import SENTIMENTS
from intents.text import normalise
from training.build import one_thread
from training.evaluation.cross_validation import Learned, learning_curve
from training.evaluation.page import Provenance, Section
from training.evaluation.passage_search import SearchRecipe
from training.evaluation.public_intents import PUBLIC_INTENTS, IntentParts, IntentSet
from training.evaluation.public_others import (
    FEEDBACKQA,
    SentimentParts,
    find_airline_tweets,
    find_feedbackqa,
    find_sst2,
    find_stackfaq,
)
from training.evaluation.recipes import SEEDS, IntentRecipe, Trial
from training.evaluation.scores import Scores, mean_of, score_intents, score_sentiments
from training.evaluation.search_doors import compare, search_section
from training.evaluation.searchers import TaughtSearch
from training.evaluation.sections import intent_section
from training.evaluation.sentiment_doors import measured
from training.evaluation.subjects import SentimentModel
from training.progress import Timed, say

TWEETS: Final = "airline tweets"
_LOGISTIC_C: Final = 10.0


@dataclass(frozen=True, slots=True)
class Run:
    """What a recipe reached on a set.

    Attributes:
        trials: What it reached, one for each seed.
        section: For the report; None where nothing is drawn.
    """

    kind: str
    set_name: str
    recipe: str
    trials: tuple[Scores, ...]
    section: Section | None = None

    @property
    def scores(self) -> Scores:
        """Return the mean over seeds."""
        return mean_of(self.trials)


def run_intents(
    data: Path,
    recipes: Sequence[IntentRecipe],
    shown_as: Timed,
    *,
    draws: bool,
    sets: Sequence[IntentSet] = PUBLIC_INTENTS,
) -> Iterator[Run]:
    """Run every recipe on every set of intents that is there; ``draws`` makes a section of the first recipe's runs."""
    for public in sets:
        parts = public.find(data)
        if parts is None:
            say(f"{public.name}: {data / public.needs} is not there; left out")
            continue
        for number, recipe in enumerate(recipes):
            trials = recipe.trials(public.family)
            if not trials:
                say(f"{public.name}: every {recipe.name} has seen it; left out")
                continue
            shown_as.begin(f"{public.name}: {recipe.name}")
            yield _run_intent_set(public, parts, trials, is_drawn=draws and not number)


def _run_intent_set(
    public: IntentSet, parts: IntentParts, trials: Sequence[Trial], *, is_drawn: bool
) -> Run:
    recipe, seed = trials[0].recipe, trials[0].seed
    found = [one.recipe.fit(parts.train, seed=one.seed).predict(parts.test) for one in trials]
    scores = [score_intents(predictions) for predictions in found]
    section = None
    if is_drawn:
        learning: tuple[Learned, ...] = ()
        if public.has_curve:
            known = scores[0].in_scope_accuracy
            learning = learning_curve(recipe, parts.train, parts.test, seed=seed, known=known)
        source = Provenance.now(data=public.name, split=public.split, model=recipe.name, seed=seed)
        lead = (
            f"{len(parts.train):,} examples to learn from, {len(parts.test):,} to be measured on: {public.split}. "
            f"Model: {recipe.name}."
        )
        section = intent_section(public.name, lead, found[0], source, learning=learning)
    return Run("nlu", public.name, recipe.name, tuple(scores), section)


def run_sentiment(
    data: Path,
    models: Sequence[SentimentModel],
    base: Encoder,
    name: str,
    shown_as: Timed,
    *,
    seed: int = SEEDS[0],
) -> Iterator[Run]:
    """Measure sentiment models on SST-2, and heads trained on the tweets' own train part on the tweets.

    Args:
        data: Folder of the public sets.
        models: The one that ships, and others made like it with other seeds.
        base: The unchanged encoder.
        name: Of the models.
        shown_as: Told how far it is.
        seed: Told in the report.
    """
    sst2 = find_sst2(data)
    if sst2 is None:
        say(f"SST-2: {data / 'sst2'} is not there; left out")
    else:
        shown_as.begin(f"SST-2: {name}")
        found = [measured(one, sst2.test, "SST-2, test", name, seed) for one in models]
        trials = tuple(one.scores for one in found)
        yield Run("sentiment", "SST-2", name, trials, found[0].sections[0])
    tweets = find_airline_tweets(data)
    if tweets is None:
        say(f"{TWEETS}: {data / 'airline-tweets'} is not there; left out")
        return
    for title, encoder in (
        ("frozen MiniLM + logistic regression", base),
        (f"{name}'s encoder + logistic regression", models[0].encoder),
    ):
        shown_as.begin(f"{TWEETS}: {title}")
        yield Run("sentiment", TWEETS, title, (head_on(encoder, tweets),))


def run_searches(
    data: Path,
    recipes: Sequence[SearchRecipe | TaughtSearch],
    shown_as: Timed,
    *,
    seed: int = SEEDS[0],
) -> Iterator[Run]:
    """Ask every search every public question; left out are those that have seen the set."""
    sets = [(f"FeedbackQA {part.upper()}", find_feedbackqa(data, part)) for part in FEEDBACKQA]
    for name, found in (*sets, ("StackFAQ", find_stackfaq(data))):
        if found is None:
            say(f"{name} is not there; left out")
            continue
        shown_as.begin(name)
        searched = compare(recipes, found, name)
        for one in recipes:
            if one.name not in searched:
                say(f"{name}: every encoder at hand of {one.name!r} has seen it; left out")
        ours = next(reversed(searched))
        source = Provenance.now(data=name, split="published test questions", model=ours, seed=seed)
        section = search_section(name, ours, found, searched, source)
        for recipe, of_recipe in searched.items():
            drawn = section if recipe == ours else None
            yield Run("retrieval", name, recipe, of_recipe.trials, drawn)


def head_on(encoder: Encoder, parts: SentimentParts) -> Scores:
    """Fit logistic regression on a train part's encodings, and score the test part: the plain baseline."""
    model = LogisticRegression(C=_LOGISTIC_C, max_iter=1000)
    with one_thread():
        train = encoder.encode([normalise(one.text) or "." for one in parts.train])
        model.fit(train, [one.sentiment for one in parts.train])
        vectors = encoder.encode([normalise(one.text) or "." for one in parts.test])
        shares = np.zeros((len(vectors), len(SENTIMENTS)), dtype=np.float32)
        shares[:, model.classes_] = model.predict_proba(vectors)
    return score_sentiments([SENTIMENTS[one.sentiment] for one in parts.test], shares)
