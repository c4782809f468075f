"""The chat page in a browser: a customer asks, chooses, judges, reads an agent's words, and comes back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.chatting import ChatPage
from tests.e2e.browser.conftest import PHONE, OpenChat, OpenPage
from tests.e2e.browser.watching import Watch
from tests.e2e.client import Client
from tests.e2e.serving import Server, serving

RETURN_QUESTION = "how long do I have to send something back?"


class Agent(Client):
    """The administrator, who may do what agents do, over the API."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        given = {"name": "admin", "password": server.vault.admin_password}
        self.token = self.call("POST", "/api/v1/sessions", json=given).json()["token"]

    def take(self, last_message: str) -> None:
        """Claim the conversation that waits with these last words."""
        waiting = self.call("GET", "/api/v1/handoffs").json()
        (line,) = [line for line in waiting if line["last_message"] == last_message]
        self.conversation_id = line["conversation_id"]
        self.do("claim")

    def do(self, what: str, text: str = "") -> None:
        """Claim, write, note, give back or resolve."""
        body = {"text": text} if text else None
        path = f"/api/v1/handoffs/{self.conversation_id}/{what}"
        assert self.call("POST", path, json=body).status_code == 200

    def lines(self, kind: str) -> list[dict[str, object]]:
        """Read the conversation's lines of a kind."""
        found = self.call("GET", f"/api/v1/handoffs/{self.conversation_id}").json()
        return [line for line in found if line["kind"] == kind]


def _stays(page: Page, name: str) -> str:
    """Mark the page's window; the mark is lost as soon as the page is loaded again."""
    return str(page.evaluate("name => (window.keptMark ??= name)", name))


def test_a_customer_gets_an_orders_status_and_a_help_answer_with_its_source(
    kefu: Server, open_chat: OpenChat
) -> None:
    chat = open_chat()
    chat.become("Maya Okafor")

    chat.say("hi, where is CP-200102 now?")
    order = chat.expect_said("CP-200102", "Ridgeway")
    expect(order.locator(".kefu-card")).to_be_visible()
    chat.say(RETURN_QUESTION)
    answer = chat.expect_said("60 days")
    with chat.page.expect_popup() as opened:
        answer.locator(".kefu-sources a").first.click()

    article = opened.value
    expect(article).to_have_url(f"{kefu.url}/help/return-policy")
    expect(article.get_by_role("heading", level=1)).to_have_text(
        "How long do I have to return something?"
    )


def test_an_agents_words_appear_live_and_thumbs_are_kept(kefu: Server, open_chat: OpenChat) -> None:
    chat, agent = open_chat(), Agent(kefu)
    chat.become("Tom Hughes")
    chat.say(RETURN_QUESTION)
    chat.expect_said("60 days")
    chat.page.get_by_role("button", name="Like", exact=True).click()
    expect(chat.notice).to_contain_text("Thank you for telling us.")
    chat.box.fill("half a sentence")
    chat.press("Talk to a person")
    chat.expect_said("in the queue for a person")
    _stays(chat.page, "first load")

    agent.take("I would like to talk to a person")
    agent.do("notes", "only for colleagues")
    agent.do("messages", "Hello Tom, <b>Ada</b> here. What can I do?")

    chat.expect_said("Hello Tom, <b>Ada</b> here. What can I do?")
    assert _stays(chat.page, "another load") == "first load"
    expect(chat.box).to_have_value("half a sentence")
    assert not any("only for colleagues" in words for words in chat.words())
    (thumb,) = agent.lines("feedback")
    (question, _) = agent.lines("message")
    assert thumb["is_helpful"] is True
    assert thumb["message_id"] == question["message_id"]

    chat.box.fill("my sleeping bag has a hole")
    chat.box.press("Enter")
    expect(chat.own.last).to_have_text("my sleeping bag has a hole")
    expect(chat.box).to_have_value("")
    agent.do("messages", "I have sent you a label.")
    chat.expect_said("I have sent you a label.")
    before = chat.words()
    chat.page.reload()
    expect(chat.bubbles).to_have_count(len(before))
    assert chat.words() == before
    agent.do("give-back")
    chat.expect_said("the assistant is back")


def test_a_conversation_outlives_a_reload_and_the_servers_death(
    kefu: Server, open_chat: OpenChat, watch: Watch
) -> None:
    chat = open_chat()
    chat.become("Priya Nair")
    chat.say(RETURN_QUESTION)
    chat.expect_said("60 days", "From our help")
    before = chat.words()

    chat.page.reload()
    expect(chat.bubbles).to_have_count(len(before))
    with watch.forgiving("net::ERR_|AbortError"):  # the page finds its live connection cut
        kefu.restart()
        chat.say("and what does standard delivery cost?")
        chat.expect_said("3.95", "From our help")
        longer = chat.words()
        chat.page.reload()
        expect(chat.bubbles).to_have_count(len(longer))

    assert longer[: len(before)] == before
    assert chat.words() == longer
    expect(chat.customer).to_have_value(re.compile("Priya Nair"))


def test_a_cancellation_is_confirmed_by_a_tap_on_a_phone(open_chat: OpenChat) -> None:
    chat = open_chat(PHONE)
    chat.become("Aisha Rahman")

    chat.say("please cancel CP-200601")
    chat.expect_said("CP-200601")
    expect(chat.options).to_have_text(["Yes, do it", "No"])
    _expect_to_fit(chat)
    chat.tap("Yes")

    chat.expect_said("cancelled")
    expect(chat.own.last).to_have_text("Yes, do it")
    expect(chat.options.filter(has_text="Yes")).to_have_count(0)


def _expect_to_fit(chat: ChatPage) -> None:
    """See that nothing is wider than the phone, and that what one needs is in sight without scrolling."""
    for part in (chat.box, chat.options.first, chat.page.get_by_text("Talk to a person")):
        expect(part).to_be_in_viewport(ratio=1)
    wide = "Math.max(...[...document.querySelectorAll('body *')].map(e => e.getBoundingClientRect().right))"
    assert chat.page.evaluate(wide) <= PHONE["width"]


def test_what_a_customer_types_is_shown_as_typed(open_chat: OpenChat) -> None:
    chat = open_chat()
    typed = (
        '<img src=x onerror="document.title=1"> <b>bold</b> & *stars* [link](javascript:alert(1))'
    )

    chat.say(typed)

    expect(chat.own.last).to_have_text(typed)
    assert chat.own.locator("img, b, em, a").count() == 0
    expect(chat.page).to_have_title("Chat – Kefu")


def test_a_new_conversation_and_another_customer_begin_with_nothing(open_chat: OpenChat) -> None:
    chat = open_chat()
    chat.page.get_by_text("How much is delivery?").click()
    chat.expect_said("3.95", "From our help")

    chat.press("New conversation")
    expect(chat.bubbles).to_have_count(0)
    chat.say(RETURN_QUESTION)
    chat.expect_said("60 days", "From our help")
    chat.become("Wei Chen")
    expect(chat.bubbles).to_have_count(0)
    chat.page.reload()

    expect(chat.page.get_by_role("heading", name="Hello! How can I help?")).to_be_visible()
    expect(chat.customer).to_have_value(re.compile("Wei Chen"))
    expect(chat.bubbles).to_have_count(0)


@pytest.mark.parametrize("leaves", ["for a new conversation", "as another customer"])
def test_a_conversation_left_while_a_reply_is_drawn_does_not_come_back(
    open_chat: OpenChat, leaves: str
) -> None:
    chat = open_chat()
    chat.say("hello")

    chat.box.fill(RETURN_QUESTION)
    chat.box.press("Enter")
    if leaves == "for a new conversation":
        chat.press("New conversation")
    else:
        chat.become("Wei Chen")
    expect(chat.bubbles).to_have_count(0)
    chat.page.wait_for_timeout(1500)

    assert chat.words() == []
    chat.page.reload()
    expect(chat.page.get_by_role("heading", name="Hello! How can I help?")).to_be_visible()


def test_bubbles_are_named_by_their_words_for_those_who_hear_the_page(open_chat: OpenChat) -> None:
    chat = open_chat()

    chat.say("how much is <b>delivery</b>?")
    chat.expect_said("3.95", "From our help")

    expect(chat.own.get_by_label("You: how much is <b>delivery</b>?", exact=True)).to_be_visible()
    named = chat.bubbles.last.locator("[aria-label^='Reply: ']").get_attribute("aria-label") or ""
    assert "From our help: " in named
    assert "<" not in named


def test_outside_a_demo_everybody_is_a_guest(
    kefu: Server, open_page: OpenPage, watch: Watch
) -> None:
    with serving(kefu.home, KEFU_DEMO="false") as plain:
        watch.host = plain.url.removeprefix("http://")
        chat = ChatPage(open_page(), plain.url).open()

        chat.say("where is my order CP-200102?")
        chat.expect_said("sign in")

        assert chat.customer.count() == 0
        assert not any("Ridgeway" in words for words in chat.words())
        chat.page.close()
