"""Questions that a visitor of the landing page may try."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.crm.demo.stories import story_customers


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """A customer of the demo shop and what they could ask."""

    customer_id: str
    name: str
    story: str
    questions: tuple[str, ...]


SAMPLES: Final = (
    (
        "About the shop",
        (
            "how much is delivery to the Highlands?",
            "Can I return boots I have worn indoors?",
            "which sleeping bag for October in Scotland",
        ),
    ),
    (
        "About your orders",
        ("where's my parcel", "I need to cancel an order", "have you got my refund yet??"),
    ),
    (
        "When it is difficult",
        ("this is the second time it arrived broken!", "I want to talk to a person", "do you do car insurance?"),
    ),
)  # fmt: skip

_QUESTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "C-1001": ("where is my order?", "cancel the one from today please"),
    "C-1002": ("I'd like to send something back", "put me on the newsletter"),
    "C-1003": ("when do I get my money?", "what was my return number again"),
    "C-1004": ("please send it to another address", "what does delivery to Germany cost"),
    "C-1005": ("what have I ordered so far?", "how do I get the welcome discount"),
    "C-1006": ("can I still cancel it?", "send me the invoice"),
    "C-1007": ("show me my orders", "how many points have I got"),
    "C-1008": ("my parcel is late, what now?", "track my parcel"),
    "C-1009": ("is it coming today?", "subscribe me to the newsletter"),
    "C-1010": ("when do my points expire", "what does Summit tier get me"),
    "C-1011": ("the tent has a hole in it", "can I return opened gas?"),
    "C-1012": ("two things were missing from my parcel", "what happened to my cancelled order"),
}


def sample_customers() -> tuple[SampleCustomer, ...]:
    """Return the demo's story customers with questions that fit their stories."""
    return tuple(
        SampleCustomer(who.customer_id, who.name, who.story, _QUESTIONS.get(who.customer_id, ()))
        for who in story_customers()
    )
