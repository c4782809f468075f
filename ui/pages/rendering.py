"""Templates and Markdown -> HTML; everything is escaped, and what is left of HTML is cleaned."""

from typing import Final

import nh3
from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.responses import HTMLResponse

_TAGS: Final = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).enable("table")
_PAGES: Final = Environment(
    loader=PackageLoader("ui.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a template; ``here`` names the part of the site for the navigation."""
    values.setdefault("here", "")
    return HTMLResponse(_PAGES.get_template(template).render(values), status)


def missing_page(status: int) -> HTMLResponse:
    """Render what a browser shows where there is nothing to show."""
    is_missing = status == 404  # noqa: PLR2004 - the well-known number
    title = "This page does not exist" if is_missing else "This did not work"
    words = (
        "It may have been moved. The help articles and the chat know most things."
        if is_missing
        else "Please try again in a moment."
    )
    return page("missing.html", status, title=title, words=words)


def article_body(markdown: str) -> Markup:
    """Render an article's Markdown; HTML in it is shown as typed, links lead to pages, mail and phone only."""
    cleaned = nh3.clean(
        _MARKDOWN.render(markdown),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https", "mailto", "tel"},
        link_rel="noopener",
    )
    framed = cleaned.replace("<table>", '<div class="scroll"><table>')
    return Markup(framed.replace("</table>", "</table></div>"))  # noqa: S704 - cleaned above
