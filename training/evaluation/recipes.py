"""Recipes: ways of making an intent model from examples. A better encoder is plugged in here, and measured as others.

A recipe is a frozen encoder with a head, encoders that serve many sets (those that have not seen the one at hand), or
one that is tuned for the examples at hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bot.domain.ports import Encoder
from intents.prediction import IntentClassifier
from training.besides import encode_besides
from training.build import one_thread
from training.config import read_intent_config
from training.datasets import LabelledText
from training.evaluation.predictions import Predictions, as_columns
from training.intent import FittedIntents, fit_intent_head

SEEDS: Final = (7, 8, 9, 10, 11)
SERVICE: Final = "service encoder that never saw the set + kernel head"
DEEP: Final = "service encoder that never saw the set, tuned deeply + kernel head"
TAUGHT: Final = "sentiment adapter taught with its train part"
# A head compares with all of its examples: this many rows with 16,000 examples take 65 MB.
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class IntentModel:
    """An encoder with a head.

    Attributes:
        names: The head's intents.
        threshold: From which strangeness on an utterance counts as out of scope.
    """

    encoder: Encoder
    head: IntentClassifier
    names: tuple[str, ...]
    threshold: float

    def predict(self, rows: Sequence[LabelledText]) -> Predictions:
        """Say what labelled utterances mean."""
        vectors = self.encoder.encode([row.text for row in rows])
        with one_thread():
            found = [
                prediction
                for begin in range(0, len(rows), _AT_ONCE)
                for prediction in self.head.predict(vectors[begin : begin + _AT_ONCE])
            ]
        probabilities, strangeness = as_columns(found, self.names)
        return Predictions(
            self.names,
            tuple(row.text for row in rows),
            tuple(row.intent for row in rows),
            probabilities,
            strangeness,
            self.threshold,
        )


class IntentRecipe(Protocol):
    """Makes a model from examples."""

    @property
    def name(self) -> str:
        """Return what it is called in tables."""
        ...

    def trials(self, family: str) -> "Sequence[Trial]":
        """Return what may be tried on a public set, with no part that was trained on it; the mean is reported.

        Several where training is random; none where every encoder at hand has seen the set.
        """
        ...

    def fit(self, examples: Sequence[LabelledText], *, seed: int) -> IntentModel:
        """Make a model.

        Raises:
            DatasetError: There are too few examples.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """A recipe to be fitted with a seed."""

    recipe: IntentRecipe
    seed: int


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """The head that is shipped, over an encoder that stays as it is."""

    name: str
    encoder: Encoder
    seed: int = SEEDS[0]

    def trials(self, family: str) -> tuple[Trial, ...]:  # noqa: ARG002 - it was trained on none of them
        """Return itself, once: it is a closed form."""
        return (Trial(self, self.seed),)

    def fit(self, examples: Sequence[LabelledText], *, seed: int) -> IntentModel:
        """Encode, then fit the head in closed form; the seed deals the folds of its calibration."""
        return with_head(self.encoder, examples, seed=seed)


@dataclass(frozen=True, slots=True)
class ServiceRecipe:
    """The same over encoders tuned on several sets at once: for a public set, those that never saw it.

    Attributes:
        shipped: The encoder for whatever is no public set.
        without: Given a family of public sets, the encoders tuned on all others, one for each seed.
    """

    name: str
    shipped: Encoder
    without: Callable[[str], Sequence[Encoder]]
    seed: int = SEEDS[0]

    def trials(self, family: str) -> tuple[Trial, ...]:
        """Return one trial for each encoder that never saw the set."""
        return tuple(
            Trial(EncoderRecipe(self.name, encoder), self.seed) for encoder in self.without(family)
        )

    def fit(self, examples: Sequence[LabelledText], *, seed: int) -> IntentModel:
        """Fit with the encoder that ships."""
        return with_head(self.shipped, examples, seed=seed)


def fit_head(encoder: Encoder, examples: Sequence[LabelledText], *, seed: int) -> FittedIntents:
    """Fit the head that is shipped."""
    texts = [one.text for one in examples]
    names = [one.intent for one in examples]
    vectors, besides = encoder.encode(texts), encode_besides(encoder, texts, names)
    with one_thread():
        return fit_intent_head(
            texts, names, vectors, seed=seed, besides=besides, config=read_intent_config()
        )


def with_head(encoder: Encoder, examples: Sequence[LabelledText], *, seed: int) -> IntentModel:
    """Fit the head that is shipped, and put it on its encoder."""
    fitted = fit_head(encoder, examples, seed=seed)
    return IntentModel(encoder, fitted.head, fitted.head.names, fitted.thresholds.out_of_scope)
