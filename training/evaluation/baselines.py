"""The plain baseline that everything else is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.domain.ports import Encoder
from bot.domain.understanding import OUT_OF_SCOPE
from intents.calibration import Floats
from intents.prediction import IntentPrediction
from training.build import one_thread
from training.datasets import LabelledText
from training.evaluation.recipes import SEEDS, IntentModel, Trial

_LOGISTIC_C: Final = 10.0
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class LogisticRecipe:
    """The plain baseline: logistic regression over a frozen encoder; out of scope is what it is unsure of."""

    name: str
    encoder: Encoder
    seed: int = SEEDS[0]

    def trials(self, family: str) -> tuple[Trial, ...]:  # noqa: ARG002 - it was trained on none of them
        """Return itself, once: there is one best fit."""
        return (Trial(self, self.seed),)

    def fit(self, examples: Sequence[LabelledText], *, seed: int) -> IntentModel:
        """Fit on the examples that are in scope."""
        inside = [one for one in examples if one.intent != OUT_OF_SCOPE]
        model = LogisticRegression(C=_LOGISTIC_C, max_iter=500, random_state=seed)
        with one_thread():
            model.fit(self.encoder.encode([o.text for o in inside]), [o.intent for o in inside])
        names = tuple(str(name) for name in model.classes_)
        return IntentModel(self.encoder, _LogisticHead(model, names), names, _HALF)


@dataclass(frozen=True, slots=True)
class _LogisticHead:
    model: LogisticRegression
    names: tuple[str, ...]

    def predict(self, vectors: Floats) -> tuple[IntentPrediction, ...]:
        """Rank the intents."""
        shares = self.model.predict_proba(vectors)
        return tuple(
            IntentPrediction(
                tuple((self.names[n], float(row[n])) for n in np.argsort(-row, kind="stable")),
                1.0 - float(row.max()),
            )
            for row in shares
        )
