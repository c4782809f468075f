"""Tells everything that is wrong with a draft's documents, with file, line and remedy, before anything is trained."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.dialogue.playbook import Playbook, SearchRoute, Thresholds
from bot.dialogue.reading import ROUTES_FILE, WORDING_FILE, check_routes, read_playbook
from bot.dialogue.reading_flows import FLOWS_FILE
from bot.errors import ReleaseInvalidError
from bot.loading import playbook_documents
from bot.scripts import read_scripts
from bot.seed import ARTICLES, CATALOGUE, CONVERSATIONS
from bot.stores.releases import Documents
from intents.catalogue import Catalogue, find_problems, read_catalogue
from intents.errors import CatalogueError
from knowledge_base.article import Article, read_articles
from knowledge_base.errors import ArticleError

_PLAYBOOK_FILES: Final = (ROUTES_FILE, FLOWS_FILE, WORDING_FILE)
_FOLDERS: Final = (CATALOGUE, ARTICLES, CONVERSATIONS)
# Only to be able to read a playbook; nothing is decided by them here.
_ANY: Final = Thresholds(0.5, 0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.05)


@dataclass(frozen=True, slots=True)
class _Articles:
    """What was read last: articles or what is wrong with them, and the texts it follows from."""

    texts: Documents
    articles: tuple[Article, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Playbook:
    """The same for routes, flows and wording."""

    texts: Documents
    playbook: Playbook | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Scripts:
    """The same for scripted conversations."""

    texts: Documents
    problems: tuple[str, ...]


@dataclass(slots=True)
class Checker:
    """Reads drafts again and again; of each it reads only the files that changed since the one before."""

    _files: dict[str, tuple[str, Catalogue]] = field(default_factory=dict)
    _articles: _Articles = field(default_factory=lambda: _Articles({}, (), ()))
    _playbook: _Playbook = field(default_factory=lambda: _Playbook({"": ""}, None, ()))
    _scripts: _Scripts = field(default_factory=lambda: _Scripts({}, ()))

    def check(self, documents: Documents) -> tuple[str, ...]:
        """Return every problem, one line each: ``file:line: what; remedy``; empty when all is well."""
        articles, playbook = self._read_articles(documents), self._read_playbook(documents)
        return (
            *_unknown_paths(documents),
            *self._catalogue_problems(documents, playbook.playbook),
            *playbook.problems,
            *articles.problems,
            *_topic_problems(playbook.playbook, articles.articles),
            *self._read_scripts(documents).problems,
        )

    def catalogue(self, documents: Documents) -> Catalogue:
        """Read the catalogue.

        Raises:
            CatalogueError: A file cannot be read.
        """
        texts = _under(documents, CATALOGUE)
        for path, text in texts.items():
            if path not in self._files or self._files[path][0] != text:
                self._files[path] = (text, read_catalogue({path: text}))
        read = [self._files[path][1] for path in texts]
        others = {path: text for one in read for path, text in one.others.items()}
        return Catalogue(tuple(document for one in read for document in one.parsed), others)

    def articles(self, documents: Documents) -> tuple[Article, ...]:
        """Return the articles; those of a draft that was checked and found well."""
        return self._read_articles(documents).articles

    def _catalogue_problems(self, documents: Documents, playbook: Playbook | None) -> list[str]:
        try:
            catalogue = self.catalogue(documents)
        except CatalogueError:
            return list(find_problems(_under(documents, CATALOGUE)))
        routes = check_routes(playbook, catalogue.intents) if playbook else ()
        unread = sorted(catalogue.others.keys() - set(_PLAYBOOK_FILES))
        lost = (
            f"{path}:1: the file has no examples ('nlu:'); add some, or remove it"
            for path in unread
        )
        return [*catalogue.problems(), *routes, *lost]

    def _read_articles(self, documents: Documents) -> _Articles:
        texts = _under(documents, ARTICLES)
        if self._articles.texts != texts:
            try:
                self._articles = _Articles(texts, read_articles(texts), ())
            except ArticleError as problem:
                self._articles = _Articles(texts, (), tuple(str(problem).splitlines()))
        return self._articles

    def _read_playbook(self, documents: Documents) -> _Playbook:
        texts = playbook_documents(documents)
        if self._playbook.texts != texts:
            try:
                self._playbook = _Playbook(texts, read_playbook(texts, _ANY, 0), ())
            except ReleaseInvalidError as problem:
                self._playbook = _Playbook(texts, None, tuple(str(problem).splitlines()))
        return self._playbook

    def _read_scripts(self, documents: Documents) -> _Scripts:
        texts = _under(documents, CONVERSATIONS)
        if self._scripts.texts != texts:
            try:
                read_scripts(texts)
                self._scripts = _Scripts(texts, ())
            except ReleaseInvalidError as problem:
                self._scripts = _Scripts(texts, tuple(str(problem).splitlines()))
        return self._scripts


def check_documents(documents: Documents) -> tuple[str, ...]:
    """Return every problem of a draft's documents, one line each; empty when all is well."""
    return Checker().check(documents)


def _under(documents: Documents, folder: str) -> Documents:
    return {path: text for path, text in documents.items() if path.startswith(f"{folder}/")}


def _unknown_paths(documents: Mapping[str, str]) -> Iterator[str]:
    for path in documents:
        if path.partition("/")[0] not in _FOLDERS:
            yield (
                f"{path}:1: nothing reads this file; move it below {', '.join(_FOLDERS)}, or remove it"
            )


def _topic_problems(playbook: Playbook | None, articles: tuple[Article, ...]) -> Iterator[str]:
    topics = {article.topic for article in articles}
    for intent, route in (playbook.routes if playbook and topics else {}).items():
        if isinstance(route, SearchRoute) and route.topic and route.topic not in topics:
            yield (
                f"{CATALOGUE}/routes.yml: the route of {intent!r} hints at the topic {route.topic!r}, which no article "
                f"has; take one of {', '.join(sorted(topics))}"
            )
