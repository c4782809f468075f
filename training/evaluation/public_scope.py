"""Which public sets are in a folder: what a run over them will take, told before anything is loaded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from training.deep_result import DEEP_STAGES
from training.evaluation.public_intents import PUBLIC_INTENTS
from training.evaluation.public_others import FEEDBACKQA

DEEPLY_TUNED: Final = ("BANKING77", "CLINC150")
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "nlu": tuple(one.needs for one in PUBLIC_INTENTS),
    "sentiment": ("sst2", "airline-tweets/Tweets.csv.gz"),
    "retrieval": (
        *(f"feedbackqa/{part}_passages.jsonl.gz" for part in FEEDBACKQA),
        "stackfaq/stackExchange-FAQ.xml",
    ),
}
# asked of two encoders, and taught to one where something is tuned
_TWEETS: Final = "airline-tweets"


def are_there(data: Path, kinds: Sequence[str]) -> bool:
    """Tell whether a folder holds any public set of some kinds."""
    return any(_found(data, kind) for kind in kinds)


def folders_of(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the folders in which public sets of some kinds lie."""
    names = [Path(one).parts[0] for kind in kinds for one in _NEEDED.get(kind, ())]
    return tuple(dict.fromkeys(names))


def public_stages(data: Path, kinds: Sequence[str], *, has_encoders: bool, deep: int) -> int:
    """Return how many stages a run over the sets in a folder has.

    It is an estimate: recipes that have seen a set are left out, and how many encoders have not is known only when they
    are loaded; one of them is counted.

    Args:
        data: The folder.
        kinds: What is measured.
        has_encoders: Whether encoders that left sets out are measured too.
        deep: With how many seeds deep tuning is measured.
    """
    recipes = 3 if has_encoders else 2
    large = sum((data / one.needs).exists() for one in PUBLIC_INTENTS if one.name in DEEPLY_TUNED)
    count = 1 + recipes * len(_found(data, "nlu")) * ("nlu" in kinds)
    count += large * (1 + deep * DEEP_STAGES) * bool(deep)
    for kind in ("sentiment", "retrieval"):
        if kind in kinds:
            count += sum(1 + one.startswith(_TWEETS) for one in _found(data, kind))
            count += deep * any(one.startswith(_TWEETS) for one in _found(data, kind))
    return count


def _found(data: Path, kind: str) -> tuple[str, ...]:
    return tuple(one for one in _NEEDED.get(kind, ()) if (data / one).exists())
