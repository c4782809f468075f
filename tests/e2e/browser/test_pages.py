"""The pages without a framework in a browser: start page, help, API documentation."""

from playwright.sync_api import expect

from tests.e2e.browser.conftest import PHONE, OpenPage
from tests.e2e.browser.watching import Watch
from tests.e2e.serving import Server


def test_the_start_page_leads_everywhere(kefu: Server, open_page: OpenPage) -> None:
    page = open_page()

    page.goto(kefu.url)
    expect(page.get_by_role("heading", name="Maya Okafor")).to_be_visible()
    page.get_by_role("link", name="Browse the help").click()
    expect(page).to_have_url(f"{kefu.url}/help")
    page.get_by_role("link", name="Kefu", exact=True).click()
    page.get_by_role("link", name="Start a chat").click()

    expect(page.get_by_label("Your message")).to_be_editable()


def test_a_visitor_searches_reads_and_goes_on(kefu: Server, open_page: OpenPage) -> None:
    page = open_page(PHONE)

    page.goto(f"{kefu.url}/help")
    page.get_by_role("searchbox").fill("how much is delivery?")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="How much does delivery cost?").click()

    expect(page).to_have_url(f"{kefu.url}/help/delivery-cost")
    expect(page.get_by_role("article")).to_contain_text("£3.95")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="Ask in the chat").click()
    expect(page.get_by_label("Your message")).to_be_editable()


def test_a_search_that_finds_nothing_says_so(kefu: Server, open_page: OpenPage) -> None:
    page = open_page()

    page.goto(f"{kefu.url}/help?q=<b>quantum</b> chromodynamics lecture")

    expect(page.get_by_role("status")).to_contain_text("We found nothing on that.")
    expect(page.get_by_role("searchbox")).to_have_value("<b>quantum</b> chromodynamics lecture")


def test_a_page_that_does_not_exist_leads_back(
    kefu: Server, open_page: OpenPage, watch: Watch
) -> None:
    page = open_page()

    with watch.forgiving("status of 404"):  # Chromium itself names every such answer
        answer = page.goto(f"{kefu.url}/help/no-such-article")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("This page does not exist")
    page.get_by_role("link", name="Browse the help").click()
    expect(page).to_have_url(f"{kefu.url}/help")


def test_the_api_documents_itself(kefu: Server, open_page: OpenPage) -> None:
    page = open_page()

    page.goto(f"{kefu.url}/docs")

    expect(page.locator("#swagger-ui .opblock-summary-path").first).to_be_visible()
    expect(page.get_by_text("/api/v1/handoffs", exact=True)).to_be_visible()
