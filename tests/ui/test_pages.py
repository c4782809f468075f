"""The pages: what they show, what they load, what they never do."""

import re

import pytest

from bot.crm.demo.stories import story_customers
from tests.ui.conftest import OpenSite, Site
from ui.pages.rendering import article_body
from ui.pages.samples import sample_customers

PAGES = ["/", "/help", "/help?q=delivery", "/help/delivery-cost", "/help/nothing", "/docs"]
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


async def test_the_start_page_links_to_everything(site: Site) -> None:
    page = (await site.client.get("/")).text

    for address in ("/chat", "/help", "/docs", "/healthz", "/readyz", "/metrics"):
        assert f'href="{address}"' in page
    assert "Release 1 is live" in page
    assert "C-1001" not in page


async def test_the_start_page_names_the_customers_of_a_demo(open_site: OpenSite) -> None:
    site = await open_site(demo=True)

    page = (await site.client.get("/")).text

    for customer in story_customers():
        assert customer.name in page


def test_every_customer_of_the_demo_has_sample_questions() -> None:
    assert [who.name for who in sample_customers() if not who.questions] == []


@pytest.mark.parametrize("address", PAGES)
async def test_pages_load_nothing_from_another_host(site: Site, address: str) -> None:
    answer = await site.client.get(address)

    loaded = re.findall(r'(?:src|href|action)="([^"]*)"', answer.text)
    assert loaded
    assert [link for link in loaded if "//" in link] == []
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("address", PAGES)
async def test_pages_hold_no_inline_script_or_style(site: Site, address: str) -> None:
    page = (await site.client.get(address)).text

    assert re.findall(r"<script(?! src=)|<style|\son\w+=|style=", page) == []


async def test_what_the_pages_load_is_there(site: Site) -> None:
    for address in PAGES:
        page = (await site.client.get(address)).text
        for link in re.findall(r'(?:src|href)="(/static/[^"]*)"', page):
            assert (await site.client.get(link)).status_code == 200


async def test_articles_are_listed_by_topic(site: Site) -> None:
    page = (await site.client.get("/help")).text

    topics = re.findall(r"<h3>([^<]*)</h3>", page)
    links = re.findall(r'href="/help/([a-z-]+)">([^<]*)<', page)
    assert topics == ["Delivery", "Returns"]
    assert links == [
        ("delivery-time", "How long does delivery take?"),
        ("delivery-cost", "What does delivery cost?"),
        ("return-policy", "Can I return things?"),
    ]


async def test_a_search_shows_each_article_once_with_words_that_fit(site: Site) -> None:
    page = (await site.client.get("/help", params={"q": "Delivery?"})).text

    assert "2 articles found" in page
    assert page.count('href="/help/delivery-cost"') == 1
    assert "Standard delivery costs £3.95." in page
    assert "word …" in page


async def test_a_search_without_result_says_so_and_lists_everything(site: Site) -> None:
    page = (await site.client.get("/help", params={"q": "submarine"})).text

    assert "We found nothing on that" in page
    assert "Can I return things?" in page


@pytest.mark.parametrize("question", ['"><script>alert(1)</script>', "a\x00b", "\u200b"])
async def test_a_question_is_words_and_never_markup(site: Site, question: str) -> None:
    answer = await site.client.get("/help", params={"q": question})

    assert answer.status_code == 200
    assert "<script>" not in answer.text


async def test_a_question_that_is_too_long_is_refused(site: Site) -> None:
    assert (await site.client.get("/help", params={"q": "x" * 301})).status_code == 422


async def test_an_article_is_shown_with_its_table_and_neighbours(site: Site) -> None:
    page = (await site.client.get("/help/delivery-cost")).text

    assert "<h1>What does delivery cost?</h1>" in page
    assert "<strong>free from £60</strong>" in page
    assert '<a href="/help/return-policy" rel="noopener">returns</a>' in page
    assert "<td>France</td>" in page
    assert "Updated on 5 October 2026" in page
    assert 'href="/help/delivery-time"' in page


async def test_markup_in_an_article_is_shown_as_typed_and_scripts_lead_nowhere(
    site: Site,
) -> None:
    page = (await site.client.get("/help/delivery-cost")).text

    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert 'href="javascript' not in page


def test_pictures_and_forms_do_not_come_out_of_markdown() -> None:
    body = article_body("![x](https://spy.example/p.png) <form action=/x> [a](//evil.example)")

    assert "<img" not in body
    assert "<form" not in body


async def test_a_missing_article_is_a_page_of_its_own(site: Site) -> None:
    answer = await site.client.get("/help/../../etc/passwd")
    article = await site.client.get("/help/nothing")

    assert article.status_code == 404
    assert "This page does not exist" in article.text
    assert answer.status_code == 404


async def test_a_browser_gets_a_page_where_a_program_gets_json(site: Site) -> None:
    page = await site.client.get("/nowhere", headers=BROWSER)
    program = await site.client.get("/nowhere")

    assert (page.status_code, program.status_code) == (404, 404)
    assert "This page does not exist" in page.text
    assert program.json()["error"]["code"] == "HttpError"


async def test_the_api_is_described(site: Site) -> None:
    described = (await site.client.get("/openapi.json")).json()

    assert described["info"]["title"] == "Kefu"
    for path in (
        "/api/v1/conversations/{conversation_id}/messages",
        "/api/v1/handoffs/{conversation_id}/claim",
        "/webhooks/rest/webhook",
        "/model/parse",
        "/conversations/{conversation_id}/tracker",
        "/readyz",
    ):
        assert path in described["paths"]
    assert "/help" not in described["paths"]
