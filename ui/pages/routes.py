"""The pages' addresses."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.bootstrap import Kefu
from bot.dialogue.answering import as_plain_text
from bot.domain.message import checked_text
from bot.errors import MessageInvalidError
from knowledge_base.passage import Match
from ui.api.dependencies import KefuPart
from ui.pages.library import Library
from ui.pages.rendering import article_body, missing_page, page
from ui.pages.samples import SAMPLES, sample_customers

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_TOP_K: Final = 12
_MOST: Final = 6
_LEAST_PROBABLE: Final = 0.1
_EXCERPT_CHARACTERS: Final = 260


def library_of(request: Request) -> Library:
    """Return the articles of the live release."""
    library: Library = request.app.state.library
    return library


LibraryPart = Annotated[Library, Depends(library_of)]


@dataclass(frozen=True, slots=True)
class Place:
    """Something to go to, as the landing page shows it."""

    title: str
    words: str
    href: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found, with the words that fit best."""

    slug: str
    title: str
    excerpt: str


_PLACES: Final = (
    Place("Chat", "For customers: ask, choose, confirm, talk to a person.", "/chat"),
    Place("Help", "All articles by topic, with the same search that the assistant uses.", "/help"),
    Place(
        "API",
        "Conversations, live updates and handoffs over HTTP, to try out in the browser.",
        "/docs",
        "/api/v1",
    ),
    Place(
        "Rasa's channels",
        "Clients made for Rasa work unchanged: REST, socket.io, parse and tracker.",
        "/webhooks/rest/",
        "POST /webhooks/rest/webhook",
    ),
    Place(
        "For agents",
        "Conversations that wait for a person: list, claim, answer, give back.",
        "",
        "kefu handoffs",
    ),
    Place(
        "For trainers",
        "Take the intents and articles out as files, change them, put them back, publish.",
        "",
        "kefu catalogue export",
    ),
    Place("In the terminal", "Chat with the assistant and see why it says what it says.", "", "kefu chat --trace"),
    Place("Alive?", "The process answers.", "/healthz"),
    Place("Ready?", "Which release is live.", "/readyz"),
    Place("Counted", "Turns, times and handoffs, for Prometheus.", "/metrics"),
)  # fmt: skip


@router.get("/")
async def landing(kefu: KefuPart) -> HTMLResponse:
    """Show the start page."""
    customers = sample_customers() if kefu.settings.demo else ()
    release = kefu.shelf.live().number
    return page(
        "landing.html", customers=customers, samples=SAMPLES, doors=_PLACES, release=release
    )


@router.get("/docs")
async def docs() -> HTMLResponse:
    """Show the API's documentation."""
    return page("docs.html", here="docs")


@router.get("/favicon.ico")
async def favicon() -> RedirectResponse:
    """Send browsers that ask for the old name to the drawing."""
    return RedirectResponse("/static/favicon.svg", 308)


@router.get("/help")
async def help_index(
    kefu: KefuPart, library: LibraryPart, q: Annotated[str, Query(max_length=300)] = ""
) -> HTMLResponse:
    """List all articles by topic, or those that answer a question."""
    topics = await library.topics(kefu)
    question, problem, found = q.strip(), "", tuple[Hit, ...]()
    if question:
        try:
            found = await _search(kefu, checked_text(question))
        except MessageInvalidError as refused:
            problem = f"Sorry, {refused}."
        else:
            problem = "" if found else "We found nothing on that. Here is everything, by topic."
    return page(
        "help.html", here="help", topics=topics, question=question, problem=problem, found=found
    )


@router.get("/help/{slug}")
async def help_article(slug: str, kefu: KefuPart, library: LibraryPart) -> HTMLResponse:
    """Show an article of the live release."""
    for topic in await library.topics(kefu):
        for article in topic.articles:
            if article.slug == slug:
                related = [other for other in topic.articles if other is not article]
                return page(
                    "article.html",
                    here="help",
                    article=article,
                    topic=topic,
                    related=related,
                    body=article_body(article.body),
                    updated=f"{article.updated.day} {article.updated:%B %Y}",
                )
    return missing_page(404)


async def _search(kefu: Kefu, question: str) -> tuple[Hit, ...]:
    release = kefu.shelf.live()
    understanding = await release.understand(question)
    matches = release.retriever.search(question, understanding.vector, top_k=_TOP_K)
    best: dict[str, Match] = {}
    for match in matches:
        if match.probability >= _LEAST_PROBABLE:
            best.setdefault(match.passage.slug, match)
    return tuple(_hit(match) for match in list(best.values())[:_MOST])


def _hit(match: Match) -> Hit:
    text = as_plain_text(match.passage.text)
    if len(text) > _EXCERPT_CHARACTERS:
        text = f"{text[:_EXCERPT_CHARACTERS].rsplit(' ', 1)[0]} …"
    return Hit(match.passage.slug, match.passage.title, text)
