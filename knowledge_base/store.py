"""The articles at hand: by slug, by topic, and the fingerprint of their texts."""

import hashlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from knowledge_base.article import Article, read_articles

_ENDING: Final = ".md"


class ArticleStore:
    """Articles that were read and found in order."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        """Read the articles.

        Args:
            documents: Path to Markdown text.

        Raises:
            ArticleError: An article cannot be used; holds all problems, one a line.
        """
        self.articles: Final = read_articles(documents)
        self.fingerprint: Final = fingerprint(documents)
        self._by_slug = {article.slug: article for article in self.articles}

    def find(self, slug: str) -> Article | None:
        """Return an article; None when there is none of this slug."""
        return self._by_slug.get(slug)

    def topics(self) -> tuple[str, ...]:
        """Return all topics, each once, in alphabetical order."""
        return tuple(sorted({article.topic for article in self.articles}))

    def of_topic(self, topic: str) -> tuple[Article, ...]:
        """Return the articles of a topic, by title."""
        found = (article for article in self.articles if article.topic == topic)
        return tuple(sorted(found, key=lambda article: article.title))


def fingerprint(documents: Mapping[str, str]) -> str:
    """Return the SHA-256 of all paths and texts; two sets of documents share it only if they are the same."""
    digest = hashlib.sha256()
    for path in sorted(documents):
        for part in (path, documents[path]):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def seed_articles() -> Mapping[str, str]:
    """Read the articles that come with the package: path below ``articles`` to text."""
    return dict(_read(files("knowledge_base") / "articles", ""))


def _read(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        path = f"{above}{item.name}"
        if item.is_dir():
            yield from _read(item, f"{path}/")
        elif item.name.endswith(_ENDING):
            yield path, item.read_text(encoding="utf-8")
