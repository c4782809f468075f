"""What ``evaluate`` is asked for, and whether its options go together; nothing is loaded for that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.stores.manifest import DRAFT
from training.errors import DatasetError
from training.evaluation.public_scope import are_there, folders_of, public_stages

KINDS: Final = ("nlu", "sentiment", "retrieval", "dialogue")
_FILE_STAGES: Final = {"nlu": 3, "sentiment": 2, "retrieval": 2, "dialogue": 2}
_CATALOGUE_STAGES: Final = 4
_INSTEAD: Final = {
    "": "a kind and a file, such as 'kefu evaluate nlu --data FILE'",
    "nlu": "a file with text,intent",
    "sentiment": "a file with text,sentiment",
    "retrieval": "files with --passages FILE --questions FILE",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        kind: One of ``KINDS``; "" for all.
        model: A model folder; None for a release.
        data: A file, or the folder with public sets; None for one's own.
        out: Where the report goes; None for ``reports``.
        reports: Where reports go.
        release: Its number; None for the live one, or for the draft where a catalogue is measured.
        encoders: Folder of encoders that left public sets out or have other seeds; None for none.
        table: The quality table to bring up to date; None for none.
        deep: With how many seeds deep tuning is measured too.
    """

    kind: str
    model: Path | None
    data: Path | None
    passages: Path | None
    questions: Path | None
    out: Path | None
    reports: Path
    release: int | None
    encoders: Path | None
    table: Path | None
    deep: int
    seed: int

    @property
    def report(self) -> Path:
        """Return the file of the report; a new one for every run."""
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        return (self.out or self.reports) / f"{self.kind or 'all'}-{stamp}.html"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return what is measured."""
        return (self.kind,) if self.kind else KINDS

    @property
    def is_public(self) -> bool:
        """Tell whether public sets are measured."""
        return self.data is not None and self.data.is_dir() and self.kind != "dialogue"

    @property
    def stages(self) -> int:
        """Return how many stages it has, for the bar; of public sets, about."""
        if self.is_public and self.data is not None:
            has_encoders = self.encoders is not None
            return public_stages(self.data, self.kinds, has_encoders=has_encoders, deep=self.deep)
        if not self.kind:
            return 1 if self.data else _CATALOGUE_STAGES + _FILE_STAGES["dialogue"]
        is_catalogue = self.kind == "nlu" and self.data is None
        return _CATALOGUE_STAGES if is_catalogue else _FILE_STAGES[self.kind]


def check(order: Order) -> None:
    """Refuse options that do not go together, before anything is loaded.

    Raises:
        DatasetError: They do not; says what to do.
    """
    for mistakes in (_misfits, _left_over, _absent):
        for is_wrong, remedy in mistakes(order):
            if is_wrong:
                raise DatasetError(remedy)


def _misfits(order: Order) -> Iterator[tuple[bool, str]]:
    """Yield what may not go together, whether it is so, and what to do."""
    data, kind, passages = order.data, order.kind, order.passages
    yield (
        data is not None and not data.exists(),
        f"{data} is not there; name a file, or the folder with public sets",
    )
    yield (
        (passages is None) != (order.questions is None),
        "--passages and --questions belong together; name both files",
    )
    yield (
        passages is not None and kind != "retrieval",
        "--passages and --questions are for 'evaluate retrieval'",
    )
    yield (
        passages is not None and data is not None,
        "--passages and --questions are all that is measured; leave --data out, or measure public sets without them",
    )
    yield (
        order.model is not None and kind not in ("nlu", "sentiment", "retrieval"),
        "--model is for 'evaluate nlu', 'sentiment' and 'retrieval'",
    )
    yield (
        order.model is not None and data is None and kind != "retrieval",
        f"name with --data the file to measure {order.model} on",
    )
    yield (
        kind == "retrieval" and passages is None and order.model is not None,
        f"name with --passages and --questions what to measure {order.model} on; public sets take --encoders instead",
    )
    yield (
        order.model is not None and order.is_public,
        f"name with --data the file to measure {order.model} on; public sets take --encoders instead",
    )


def _left_over(order: Order) -> Iterator[tuple[bool, str]]:
    """Yield options that would mean nothing."""
    is_catalogue = order.kind in ("", "nlu") and order.data is None
    yield (
        order.release is not None and order.is_public,
        "--release means nothing for public sets, which are asked of the encoders that come with Kefu; leave it out",
    )
    yield (
        order.release is not None and order.model is not None,
        "--model and --release name two models; leave one out",
    )
    yield (
        order.release == DRAFT and not is_catalogue,
        f"release {DRAFT} is the draft, of which only the catalogue can be measured: 'kefu evaluate nlu' without --data",
    )
    yield (
        order.out is not None and not order.kind and order.data is not None and not order.is_public,
        f"scores of {order.data} are shown here, without a report; leave --out out, or name a kind: 'kefu evaluate nlu --data FILE'",
    )
    yield (
        order.table is not None and not order.is_public,
        "--table is for public sets; name their folder with --data, or leave --table out",
    )
    yield (
        order.encoders is not None and not order.is_public,
        "--encoders is for public sets; name their folder with --data, or leave --encoders out",
    )
    yield (
        bool(order.deep) and not _can_be_deep(order),
        "--deep is for public sets of intents and tweets; name their folder with --data, and for intents that of 'make encoders' with --encoders",
    )


def _can_be_deep(order: Order) -> bool:
    """Tell whether anything can be tuned deeply: the tweets, or intents by encoders that never saw them."""
    tunes_intents = order.kind in ("", "nlu") and order.encoders is not None
    return order.is_public and (tunes_intents or order.kind == "sentiment")


def _absent(order: Order) -> Iterator[tuple[bool, str]]:
    """Yield what may be missing."""
    data, kind = order.data, order.kind
    yield (
        kind == "sentiment" and data is None,
        "name a file with text,sentiment (or the folder of public sets): --data",
    )
    yield (
        kind == "retrieval" and order.passages is None and not order.is_public,
        "name passages and questions with --passages FILE --questions FILE, or the folder of public sets with --data",
    )
    yield (
        order.encoders is not None and not order.encoders.is_dir(),
        f"{order.encoders} is no folder; 'make encoders' makes encoders that left sets out, in one folder",
    )
    if order.is_public and data is not None:
        names = ", ".join(folders_of(order.kinds))
        remedy = f"name the folder that holds some of {names}, or {_INSTEAD[kind]}"
        yield not are_there(data, order.kinds), f"{data} holds no public set; {remedy}"
