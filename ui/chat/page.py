"""The chat page for customers, built with Gradio."""

import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import gradio as gr
from fastapi import FastAPI
from gradio.components.chatbot import MessageDict, OptionDict

from bot.domain.conversation import Conversation
from bot.domain.reply import Button
from ui.api.limits import Limits
from ui.api.turns import Turns
from ui.chat.desk import Desk, Sending, between_parts
from ui.chat.look import CSS, EXAMPLES, LINKS, PLAIN_LABELS, WELCOME, make_theme
from ui.chat.narrow import Narrow
from ui.chat.presenters import (
    Bubble,
    awaits_more,
    bubbles_of,
    customer_bubble,
    last_asked,
    notice_html,
    reply_bubble,
)
from ui.chat.visit import Visit

_STORAGE_KEY: Final = "kefu-visit"
_POLL_S: Final = 1.5
_PERSON: Final = "I would like to talk to a person"
_GUEST: Final = "A guest"
_HOLD_BOX: Final = "() => ({ __type__: 'update', interactive: false })"
_HOLD_BOTH: Final = "() => [0, 1].map(() => ({ __type__: 'update', interactive: false }))"
_FREE_BOTH: Final = "() => [0, 1].map(() => ({ __type__: 'update', interactive: true }))"

Updates = dict[Any, Any]
"""What a handler gives Gradio: components (its own types, some without stubs) to new values."""


def build_chat(turns: Turns, limits: Limits) -> FastAPI:
    """Build the page as an application of its own, which serves ``/chat``."""
    page = _Page(Desk(turns, limits))
    blocks = page.build(storage_secret=turns.kefu.vault.storage_secret)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    gr.mount_gradio_app(
        app,
        blocks,
        "/chat",
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        max_file_size="1b",
        theme=make_theme(),
        css_paths=CSS,
        js=PLAIN_LABELS.read_text("utf-8"),
    )
    app.add_middleware(Narrow)
    return app


class _Page:
    """The page's components and what happens to them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def build(self, storage_secret: str) -> gr.Blocks:
        blocks = gr.Blocks(
            title="Chat – Kefu", analytics_enabled=False, fill_height=True, fill_width=True
        )
        with blocks:
            self._place(storage_secret)
            self._connect(blocks)
        blocks.queue(default_concurrency_limit=None, api_open=False)
        # Else Gradio sums up all calls so far after every call, with pandas, for a page that we do not show.
        blocks._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize  # noqa: SLF001 - spelt like this; no other way
        return blocks

    def _place(self, storage_secret: str) -> None:
        choices = self._desk.visitors.choices()
        self.visit = gr.BrowserState(
            Visit().for_browser(), storage_key=_STORAGE_KEY, secret=storage_secret
        )
        self.seen = gr.State(0)  # only saves drawing again what is there already
        self.timer = gr.Timer(_POLL_S, active=False)
        with gr.Row(elem_id="kefu-top"):
            gr.HTML(LINKS)
            self.customer = gr.Dropdown(
                [(_GUEST, ""), *((f"{c.name} – {c.story}", c.customer_id) for c in choices)],
                value="", label="Demo: you are", visible=bool(choices), elem_id="kefu-customer",
                filterable=False,
            )  # fmt: skip
        self.chat = gr.Chatbot(
            elem_id="kefu-chat", show_label=False, label="Conversation", container=False, scale=1,
            height="100%", layout="bubble", buttons=[], latex_delimiters=[], allow_tags=False,
            sanitize_html=True, feedback_options=("Like", "Dislike"), placeholder=WELCOME,
            examples=[{"text": text} for text in EXAMPLES], group_consecutive_messages=False,
        )  # fmt: skip
        self.notice = gr.HTML(visible=False, elem_id="kefu-notice")
        self.box = gr.Textbox(
            placeholder="Write a message", show_label=False, label="Your message", lines=1,
            max_lines=6, max_length=4000, submit_btn="Send", autofocus=True, elem_id="kefu-box",
        )  # fmt: skip
        with gr.Row(elem_id="kefu-bottom"):
            self.person = gr.Button("Talk to a person", size="sm", elem_id="kefu-person")
            self.anew = gr.Button("New conversation", size="sm", elem_id="kefu-new")

    def _connect(self, blocks: gr.Blocks) -> None:
        sending = [self.chat, self.box, self.visit, self.notice, self.timer, self.seen]
        opening = [*sending, self.customer]
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        talking: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
        blocks.load(self.opened, self.visit, opening, **quiet)
        for trigger, send, given in (
            (self.box.submit, self.sent, [self.box, self.visit]),
            (self.person.click, self.asked_for_person, self.visit),
            (self.chat.option_select, self.chosen, self.visit),
            (self.chat.example_select, self.tried, self.visit),
        ):
            # What is being drawn would overwrite a conversation begun meanwhile.
            leaving = [self.anew, self.customer]
            trigger(None, None, leaving, js=_HOLD_BOTH, **quiet)
            drawn = trigger(send, given, sending, **talking)
            drawn.then(None, None, leaving, js=_FREE_BOTH, **quiet)
        self.chat.like(self.judged, self.visit, self.notice, **quiet)
        self.timer.tick(self.looked, [self.visit, self.seen], sending, **quiet)
        self.anew.click(self.began_anew, self.visit, opening, **quiet)
        # Until the server knows who is speaking, nothing can be sent in another's name.
        self.customer.input(None, None, self.box, js=_HOLD_BOX, **quiet)
        self.customer.input(self.became, self.customer, [*opening, self.box], **quiet)

    async def opened(self, stored: object) -> Updates:
        """Show the conversation that the browser remembers."""
        visit = Visit.from_browser(stored)
        try:
            return self._drawn(await self._desk.read(visit)) | {self.customer: visit.customer_id}
        except Exception as problem:  # noqa: BLE001 - outer door
            await self._desk.explain(problem)
            return self._empty(Visit())

    async def sent(self, text: str, stored: object, request: gr.Request) -> AsyncIterator[Updates]:
        """Send what is in the box."""
        visit = Visit.from_browser(stored)
        try:
            sending = await self._desk.prepare(visit, text, _address_of(request))
            yield self._on_its_way(sending)
            answered = await self._desk.send(sending)
            before = (*self._bubbles(sending.before), self._own(sending))
            parts, newest = answered.reply.parts, answered.conversation
            for count in range(1, len(parts)):
                partly = reply_bubble(parts[:count], sending.message.message_id)
                yield {self.chat: _chatbot((*before, partly))}
                await between_parts()
                # More may be said meanwhile, and is drawn by its own call; this one must not hide it.
                newest = await self._desk.read(sending.visit) or newest
                if newest.next_number != answered.conversation.next_number:
                    break
            is_last = last_asked(newest) == sending.message.message_id
            stays = {self.visit: sending.visit.sent().for_browser()} if is_last else {}
            yield self._drawn(newest) | stays
        except Exception as problem:  # noqa: BLE001 - outer door
            words = await self._desk.explain(problem)
            # The message may be in the log already; its reply then comes a little later.
            yield {self.box: text, self.notice: _note(words), self.timer: gr.Timer(active=True)}

    async def asked_for_person(self, stored: object, request: gr.Request) -> AsyncIterator[Updates]:
        """Ask for a person in the customer's place; what they were writing stays in the box."""
        async for update in self.sent(_PERSON, stored, request):
            yield _without(update, self.box)

    async def chosen(
        self, stored: object, option: gr.SelectData, request: gr.Request
    ) -> AsyncIterator[Updates]:
        """Send the button that was tapped."""
        async for update in self.sent(str(option.value), stored, request):
            yield _without(update, self.box)

    async def tried(
        self, stored: object, example: gr.SelectData, request: gr.Request
    ) -> AsyncIterator[Updates]:
        """Send one of the examples."""
        value = example.value
        text = value.get("text", "") if isinstance(value, dict) else value
        async for update in self.sent(str(text), stored, request):
            yield _without(update, self.box)

    async def judged(self, stored: object, like: gr.LikeData, request: gr.Request) -> Updates:
        """Store a thumb up or down."""
        visit = Visit.from_browser(stored)
        try:
            bubbles = self._bubbles(await self._desk.read(visit))
            index = like.index if isinstance(like.index, int) else like.index[0]
            message_id = bubbles[index].message_id if 0 <= index < len(bubbles) else None
            if message_id is None or like.liked not in (True, False):
                return {self.notice: _note("")}
            address = _address_of(request)
            await self._desk.judge(visit, message_id, address, is_helpful=bool(like.liked))
        except Exception as problem:  # noqa: BLE001 - outer door
            return {self.notice: _note(await self._desk.explain(problem))}
        return {self.notice: _note("Thank you for telling us.")}

    async def looked(self, stored: object, seen: object) -> Updates:
        """Look for an agent's words, or a reply that comes late."""
        try:
            conversation = await self._desk.read(Visit.from_browser(stored))
        except Exception as problem:  # noqa: BLE001 - outer door
            await self._desk.explain(problem)
            return {self.timer: gr.Timer(active=False)}
        # No conversation: the visitor has begun anew while an earlier look was still under way.
        if conversation is not None and conversation.next_number == seen:
            return {self.timer: gr.Timer(active=awaits_more(conversation))}
        return _without(self._drawn(conversation), self.notice)

    async def began_anew(self, stored: object) -> Updates:
        """Leave the conversation for a new one."""
        return self._empty(Visit(customer_id=Visit.from_browser(stored).customer_id))

    async def became(self, customer_id: object) -> Updates:
        """Become a customer of the demo, or a guest again."""
        visit = Visit.from_browser({"customer_id": customer_id})
        free = {self.box: gr.Textbox(interactive=True)}
        try:
            await self._desk.visitors.caller_of(visit)
        except Exception as problem:  # noqa: BLE001 - outer door
            words = await self._desk.explain(problem)
            return self._empty(Visit()) | free | {self.notice: _note(words)}
        return self._empty(visit) | free

    def _on_its_way(self, sending: Sending) -> Updates:
        bubbles = (*self._bubbles(sending.before), self._own(sending))
        return {
            self.chat: _chatbot(bubbles),
            self.box: "",
            self.visit: sending.visit.for_browser(),
            self.notice: _note(""),
        }

    def _drawn(self, conversation: Conversation | None) -> Updates:
        return {
            self.chat: _chatbot(self._bubbles(conversation)),
            self.notice: _note(""),
            self.timer: gr.Timer(active=conversation is not None and awaits_more(conversation)),
            self.seen: conversation.next_number if conversation else 0,
        }

    def _empty(self, visit: Visit) -> Updates:
        return self._drawn(None) | {
            self.visit: visit.for_browser(),
            self.customer: visit.customer_id,
        }

    @staticmethod
    def _bubbles(conversation: Conversation | None) -> tuple[Bubble, ...]:
        return bubbles_of(conversation) if conversation else ()

    @staticmethod
    def _own(sending: Sending) -> Bubble:
        return customer_bubble(sending.message.text, sending.before)


def _address_of(request: gr.Request) -> str:
    return request.client.host if request.client else ""


def _without(update: Updates, component: object) -> Updates:
    return {key: value for key, value in update.items() if key is not component}


def _note(words: str) -> gr.HTML:
    """Return the line below the conversation; hidden when there is nothing to say."""
    return gr.HTML(value=notice_html(words), visible=bool(words))


def _chatbot(bubbles: Sequence[Bubble]) -> gr.Chatbot:
    judged = [bubble for bubble in bubbles if bubble.role == "assistant"]
    verdicts = {True: "Like", False: "Dislike", None: None}
    return gr.Chatbot(
        value=[_message(bubble) for bubble in bubbles],
        feedback_value=[verdicts[bubble.is_helpful] for bubble in judged],
    )


def _message(bubble: Bubble) -> MessageDict:
    return {
        "role": bubble.role,
        "content": "".join(bubble.parts),
        "options": [_option(button) for button in bubble.options],
    }


def _option(button: Button) -> OptionDict:
    return {"value": button.payload, "label": button.title}
