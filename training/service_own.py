"""Our own intent sets for the service encoder: what is asked of thirty kinds of business."""

from pathlib import Path
from typing import Final

from intents.text import normalise
from training.tables import Column, read_rows, text_of

OWN: Final = "Kefu"
OWN_FOLDER: Final = Path(__file__).parent / "data" / "service"
_COLUMNS: Final = (Column("text", ("utterance",)), Column("intent", ("label",)))


def read_own() -> dict[str, tuple[tuple[str, str], ...]]:
    """Read utterances with their intents, by the name of the business.

    Raises:
        DatasetError: A file cannot be read.
    """
    return {
        file.stem: tuple(
            (normalise(text_of(file, row, 0, "text")), text_of(file, row, 1, "intent"))
            for row in read_rows(file, _COLUMNS, "utterances")
        )
        for file in sorted(OWN_FOLDER.glob("*.csv"))
    }


def own_utterances() -> tuple[str, ...]:
    """Return all utterances, without their intents."""
    return tuple(text for pairs in read_own().values() for text, _ in pairs)
