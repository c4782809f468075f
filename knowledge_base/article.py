"""Articles of the help pages: Markdown with front matter; a broken one is refused with file, line and remedy."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from knowledge_base.errors import ArticleError

_FENCE: Final = "---"
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HELP_LINK: Final = re.compile(r"\]\(/help/([^)#\s]*)[^)]*\)")
_MAX_TITLE: Final = 120


@dataclass(frozen=True, slots=True)
class Article:
    """A help article.

    Attributes:
        slug: The file's name without its ending; the page is ``/help/<slug>``.
        title: Mostly the question that it answers.
        topic: Such as ``returns``; routes hint at topics.
        questions: Other ways to ask for it.
        updated: The day it was last looked over.
        body: Markdown after the front matter, as written.
        path: Where it was read from.
    """

    slug: str
    title: str
    topic: str
    questions: tuple[str, ...]
    updated: date
    body: str
    path: str


def read_article(path: str, text: str) -> Article:
    """Read one article.

    Args:
        path: Its path; the file's name without ending becomes the slug.
        text: Front matter between two lines ``---``, then Markdown.

    Raises:
        ArticleError: The message holds every problem, one a line: ``file:line: what; remedy``.
    """
    problems = _Problems(path)
    fields, body, body_line = _split(text, problems)
    article = Article(
        slug=_slug(path, problems),
        title=_title(fields, problems),
        topic=_topic(fields, problems),
        questions=_questions(fields, problems),
        updated=_updated(fields, problems),
        body=body.strip("\n"),
        path=path,
    )
    if not body.strip():
        problems.add(body_line, "the article is empty; write its text below the front matter")
    elif body.lstrip().startswith("## "):
        problems.add(
            body_line,
            "the text begins with a heading; begin with a sentence or two that answer the title",
        )
    problems.refuse()
    return article


def read_articles(documents: Mapping[str, str]) -> tuple[Article, ...]:
    """Read all articles, and look for what only shows between them.

    Args:
        documents: Path to text.

    Returns:
        Articles in the order of their paths.

    Raises:
        ArticleError: The message holds the problems of all articles, one a line.
    """
    articles: list[Article] = []
    problems: list[str] = []
    for path in sorted(documents):
        try:
            articles.append(read_article(path, documents[path]))
        except ArticleError as error:
            problems.append(str(error))
    problems += _shared_slugs(articles)
    problems += _shared_questions(articles, documents)
    if not problems:  # a broken article would make every link to it look wrong
        problems += _dead_links(articles, documents)
    if problems:
        raise ArticleError("\n".join(problems))
    return tuple(articles)


class _Problems:
    """Collects what is wrong with one file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lines: list[str] = []

    def add(self, line: int, text: str) -> None:
        self._lines.append(f"{self._path}:{line}: {text}")

    def refuse(self) -> None:
        if self._lines:
            raise ArticleError("\n".join(self._lines))


@dataclass(frozen=True, slots=True)
class _Fields:
    """The front matter's values and the lines they stand on."""

    values: Mapping[str, Any]  # Any: whatever YAML holds; every reader below checks its type
    lines: Mapping[str, int]

    def line(self, key: str) -> int:
        return self.lines.get(key, 1)


def _split(text: str, problems: _Problems) -> tuple[_Fields, str, int]:
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != _FENCE:
        problems.add(1, "no front matter; begin the file with '---', 'title: …', 'topic: …', '---'")
        problems.refuse()
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), 0)
    if not end:
        problems.add(1, "the front matter does not end; write a line '---' below it")
        problems.refuse()
    fields = _parse("\n".join(lines[1:end]), problems)
    return fields, "\n".join(lines[end + 1 :]), end + 2


def _parse(front_matter: str, problems: _Problems) -> _Fields:
    try:
        values = YAML(typ="rt").load(front_matter)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        problems.add(line, f"the front matter is not YAML ({error.problem}); quote texts with ':'")
        problems.refuse()
    if not isinstance(values, dict):
        problems.add(1, "the front matter is not a list of 'name: value' lines; write it so")
        problems.refuse()
    return _Fields(values, {str(key): values.lc.key(key)[0] + 2 for key in values})


def _slug(path: str, problems: _Problems) -> str:
    slug = PurePosixPath(path).stem
    if not _SLUG.fullmatch(slug):
        problems.add(1, f"the file name {slug!r} is no address; use a-z, 0-9 and '-' only")
    return slug


def _title(fields: _Fields, problems: _Problems) -> str:
    title = fields.values.get("title")
    if not isinstance(title, str) or not title.strip():
        problems.add(fields.line("title"), "no title; add 'title: <the question it answers>'")
        return ""
    if len(title) > _MAX_TITLE:
        problems.add(fields.line("title"), f"the title has over {_MAX_TITLE} letters; shorten it")
    return " ".join(title.split())


def _topic(fields: _Fields, problems: _Problems) -> str:
    topic = fields.values.get("topic")
    if not isinstance(topic, str) or not topic.strip():
        problems.add(
            fields.line("topic"), "no topic; add 'topic: returns' or another of the topics"
        )
        return ""
    return topic.strip()


def _questions(fields: _Fields, problems: _Problems) -> tuple[str, ...]:
    questions = fields.values.get("questions", [])
    if not isinstance(questions, list) or not all(isinstance(one, str) for one in questions):
        problems.add(
            fields.line("questions"), "questions is not a list of texts; write '- …', in quotes"
        )
        return ()
    cleaned = tuple(" ".join(one.split()) for one in questions)
    if not all(cleaned):
        problems.add(fields.line("questions"), "a question is empty; write it or take it out")
    return cleaned


def _updated(fields: _Fields, problems: _Problems) -> date:
    updated = fields.values.get("updated")
    try:
        return date.fromisoformat(str(updated))
    except ValueError:
        problems.add(fields.line("updated"), "no date; add 'updated: 2026-10-05' (year-month-day)")
        return date.min


def _shared_slugs(articles: list[Article]) -> Iterator[str]:
    first: dict[str, Article] = {}
    for article in articles:
        other = first.setdefault(article.slug, article)
        if other is not article:
            yield f"{article.path}:1: {other.path} has the same name; rename one of the files"


def _shared_questions(articles: list[Article], documents: Mapping[str, str]) -> Iterator[str]:
    first: dict[str, Article] = {}
    for article in articles:
        for question in (article.title, *article.questions):
            key = re.sub(r"\W+", " ", question.casefold()).strip()
            other = first.setdefault(key, article)
            if other is not article:
                line = _line_of(documents[article.path], question)
                yield (
                    f"{article.path}:{line}: {other.path} has the same question {question!r}; "
                    "keep it where it is answered best"
                )


def _dead_links(articles: list[Article], documents: Mapping[str, str]) -> Iterator[str]:
    slugs = {article.slug for article in articles}
    for article in articles:
        for number, line in enumerate(documents[article.path].splitlines(), 1):
            for slug in _HELP_LINK.findall(line):
                if slug not in slugs:
                    yield (
                        f"{article.path}:{number}: the link /help/{slug} leads nowhere; "
                        "write that article or take the link out"
                    )


def _line_of(text: str, part: str) -> int:
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if part in line), 1)
