"""The chat page as a customer uses it."""

import re

from playwright.sync_api import Locator, Page, expect

_KEPT = "localStorage.getItem('kefu-visit')"  # encrypted; written when the server knows who one is


class ChatPage:
    """A page at ``/chat``; every step waits for what a customer would wait for."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        self.box = page.get_by_label("Your message")
        self.customer = page.get_by_label("Demo: you are")
        self.bubbles = page.locator("#kefu-chat .message-row")
        self.own = page.locator("#kefu-chat .user-row")
        self.options = page.locator("#kefu-chat .option")
        self.notice = page.locator("#kefu-notice")

    def open(self) -> "ChatPage":
        """Open the page and wait until one can write."""
        self.page.goto(f"{self._url}/chat")
        expect(self.box).to_be_editable()
        return self

    def become(self, name: str) -> None:
        """Choose to be a customer of the demo."""
        kept = self.page.evaluate(_KEPT)
        self.customer.click()
        self.page.get_by_role("option", name=re.compile(name)).click()
        expect(self.customer).to_have_value(re.compile(name))
        self.page.wait_for_function(f"kept => {_KEPT} !== kept", arg=kept)

    def say(self, text: str) -> None:
        """Send a message and wait for a bubble below it."""
        count = self.own.count()
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.own).to_have_count(count + 1)
        self.expect_answered()

    def tap(self, title: str) -> None:
        """Take one of the buttons below the newest reply."""
        count = self.own.count()
        self.options.filter(has_text=re.compile(rf"^{re.escape(title)}")).click()
        expect(self.own).to_have_count(count + 1)
        self.expect_answered()

    def press(self, title: str) -> None:
        """Press one of the buttons below the box."""
        self.page.get_by_role("button", name=title, exact=True).click()

    def expect_answered(self) -> None:
        """Wait until the newest bubble is not the customer's own."""
        expect(self.bubbles.last).to_have_class(re.compile("bot-row"))

    def expect_said(self, *words: str) -> Locator:
        """Wait until the newest bubble holds the words, and return it."""
        newest = self.bubbles.last
        for some in words:
            expect(newest).to_contain_text(some)
        return newest

    def words(self) -> list[str]:
        """Return the words of all bubbles that are there now."""
        return self.bubbles.all_inner_texts()
