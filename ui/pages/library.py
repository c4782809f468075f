"""The articles of the live release, by topic; read once per release."""

import asyncio
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from bot.bootstrap import Kefu
from knowledge_base.article import Article, read_article

_FOLDER: Final = "articles/"
_TITLES: Final = {"about": "About us"}  # else the folder's name


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and its articles, by title."""

    name: str
    title: str
    articles: tuple[Article, ...]


@dataclass(slots=True)
class Library:
    """Keeps the articles of the release read last."""

    _fingerprint: str = ""
    _topics: tuple[Topic, ...] = ()
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def topics(self, kefu: Kefu) -> tuple[Topic, ...]:
        """Return the live release's articles by topic.

        Raises:
            ReleaseError: They cannot be read.
        """
        manifest = kefu.shelf.live().manifest
        async with self._reading:
            if manifest.fingerprint != self._fingerprint:
                documents = await kefu.releases.documents_of(manifest)
                articles = [
                    read_article(path, text)
                    for path, text in documents.items()
                    if path.startswith(_FOLDER)
                ]
                self._topics = _by_topic(articles)
                self._fingerprint = manifest.fingerprint
            return self._topics


def _by_topic(articles: list[Article]) -> tuple[Topic, ...]:
    ordered = sorted(articles, key=lambda article: (article.topic, article.title))
    return tuple(
        Topic(name, _TITLES.get(name, name.replace("-", " ").capitalize()), tuple(grouped))
        for name, grouped in groupby(ordered, key=lambda article: article.topic)
    )
