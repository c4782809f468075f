"""Frozen training configs, read from ``training/configs/*.toml``."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from training.errors import TrainingError

CONFIGS: Final = Path(__file__).parent / "configs"


@dataclass(frozen=True, slots=True)
class IntentConfig:
    """How an intent head is fitted.

    Attributes:
        sharpness: Likeness of two encodings is ``exp(2 * sharpness * (cosine - 1))``.
        ridge: How much a single example's word is doubted.
        false_accept_rate: Share of out-of-scope utterances that may be accepted; thresholds follow from it.
        out_of_scope_share: Share of out-of-scope utterances expected in use; the detector's probabilities rest on it.
        max_examples: Of larger catalogues this many examples are drawn, evenly from all intents.
    """

    sharpness: float = 1.0
    ridge: float = 0.1
    false_accept_rate: float = 0.10
    out_of_scope_share: float = 0.15
    max_examples: int = 16_000


def read_intent_config(file: Path = CONFIGS / "intent.toml") -> IntentConfig:
    """Read how intent heads are to be fitted.

    Raises:
        TrainingError: The file cannot be read, or a setting is unknown, of another type or out of range.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{file} cannot be read: {error}") from error
    known = {field.name: field.type for field in fields(IntentConfig)}
    for name, value in content.items():
        if name not in known:
            raise TrainingError(f"{file}: unknown setting {name!r}; known are {', '.join(known)}")
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole and (known[name] is int or not isinstance(value, float)):
            raise TrainingError(
                f"{file}: {name} = {value!r} is no {'whole ' * (known[name] is int)}number"
            )
    config = IntentConfig(**content)
    _check_ranges(config, file)
    return config


def _check_ranges(config: IntentConfig, file: Path) -> None:
    for name in ("sharpness", "ridge", "max_examples"):
        if getattr(config, name) <= 0:
            raise TrainingError(f"{file}: {name} must be above 0")
    for name in ("false_accept_rate", "out_of_scope_share"):
        if not 0 < getattr(config, name) < 1:
            raise TrainingError(f"{file}: {name} must lie between 0 and 1")
