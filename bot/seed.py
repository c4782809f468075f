"""The documents that come with the package: the draft begins with them, afterwards the database is the truth."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from bot.errors import DraftConflictError
from bot.stores.manifest import DRAFT
from bot.stores.releases import NO_DRAFT, Documents, SqlReleases

CATALOGUE: Final = "catalogue"
ARTICLES: Final = "articles"
CONVERSATIONS: Final = "conversations"


def seed_documents() -> Documents:
    """Read the package's catalogue, articles and regression conversations."""
    intents, knowledge = files("intents"), files("knowledge_base")
    return {
        **_read(intents / "catalogue", CATALOGUE, ".yml"),
        **_read(knowledge / "articles", ARTICLES, ".md"),
        **_read(intents / "regression", CONVERSATIONS, ".yml"),
    }


async def ensure_seed(releases: SqlReleases, documents: Documents | None = None) -> bool:
    """Put the seed into the draft where there is no draft yet; returns whether it did.

    Args:
        releases: Draft and releases.
        documents: Instead of the package's.
    """
    if await releases.find_manifest(DRAFT) is not None:
        return False
    try:
        await releases.save_draft(documents or seed_documents(), expected=NO_DRAFT)
    except DraftConflictError:  # another process was quicker
        return False
    return True


def _read(folder: Traversable, path: str, ending: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        below = f"{path}/{item.name}"
        if item.is_dir():
            found.update(_read(item, below, ending))
        elif item.name.endswith(ending):
            found[below] = item.read_text(encoding="utf-8")
    return found
