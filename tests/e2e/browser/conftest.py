"""One server in demo mode, one browser, and pages whose requests and errors are watched."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.browser.chatting import ChatPage
from tests.e2e.browser.watching import Watch
from tests.e2e.serving import Server, copy_home, serving

PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000
# No name is looked up but this machine's, so that nothing leaves it even where a test fails to notice.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

OpenContext = Callable[..., BrowserContext]
OpenPage = Callable[..., Page]
OpenChat = Callable[..., ChatPage]


@pytest.fixture(scope="package")
def home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_home(built_home, tmp_path_factory.mktemp("browser") / "home")


@pytest.fixture(scope="package")
def kefu(home: Path) -> Iterator[Server]:
    with serving(home) as server:
        yield server


# Playwright keeps an event loop running in this thread: nothing in this folder may be async.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "there is no chromium; install Debian's package chromium"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))


@pytest.fixture
def watch(kefu: Server) -> Iterator[Watch]:
    """Watch what the test's pages do, and see at its end that all was well."""
    watch = Watch(urlsplit(kefu.url).netloc)
    yield watch
    assert watch.asked
    assert watch.strangers == []
    assert watch.complaints == []


@pytest.fixture
def open_page(browser: Browser, watch: Watch) -> Iterator[OpenPage]:
    """Open a page, each in a browser profile of its own."""
    contexts: list[BrowserContext] = []

    def open_one(viewport: dict[str, int] | None = None) -> Page:
        width, height = (viewport or {"width": 1280, "height": 800}).values()
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        watch.over(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def open_chat(kefu: Server, open_page: OpenPage) -> OpenChat:
    """Open the chat page as a new visitor."""

    def open_one(viewport: dict[str, int] | None = None) -> ChatPage:
        return ChatPage(open_page(viewport), kefu.url).open()

    return open_one
