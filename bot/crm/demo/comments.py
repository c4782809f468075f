"""What customers write: comments in surveys, and the words of tickets."""

from random import Random
from typing import Final

from bot.crm.records import TicketKind

_COMMENT_SHARE: Final = 0.45
_HAPPY_FROM: Final = 4
_SO_SO: Final = 3

_HAPPY: Final = (
    "Exactly as described and here within days.",
    "Good kit, good price, no fuss.",
    "Second order with you and again no complaints.",
    "Very well packed, not a scrap of plastic. Lovely.",
    "Tested it in the rain on Kinder at the weekend, brilliant.",
    "Fits perfectly, thank you for the size advice on the phone.",
    "Quick delivery and a handwritten note. Made me smile.",
    "My daughter loves it and sleeps in it in the garden.",
    "Does what it should. Would buy again.",
    "Friendly driver, parcel in perfect shape.",
    "Best trousers I have had for years.",
    "The dog approves.",
)
_SO_SO_COMMENTS: Final = (
    "It is all right. Colour is darker than on the picture.",
    "Good product, but the tracking page never worked for me.",
    "Decent, though a bit heavier than stated.",
    "Fine, but I would have liked a delivery slot.",
    "OK for the price.",
    "Took longer than I hoped, still in time for the trip.",
)
_UNHAPPY: Final = {
    "late": (
        "Came after the trip I had bought it for. Not good.",
        "Promised for Tuesday, arrived the week after, nobody told me anything.",
        "Delivery was late again. I start to look elsewhere.",
        "Waited in for two days for nothing.",
    ),
    "missing": (
        "One thing was missing and I had to write twice.",
        "Parcel came without half of what I paid for.",
    ),
    "damaged": (
        "Arrived with a hole in it. Box was crushed.",
        "Broken on arrival, and sending photos was a hassle.",
    ),
    "faulty": (
        "The zip gave up on the first evening.",
        "Leaked at the seams straight away, very disappointed.",
        "Stopped working after one night.",
    ),
    "fine": (
        "Expected more for this money.",
        "Quality is not what it used to be.",
        "Nobody picks up the phone on Saturdays.",
        "Sizes run far too small.",
    ),
}
_TICKETS: Final = {
    TicketKind.LATE: (
        ("Parcel is late: {number}", "My parcel should have been here by now. Where is it?"),
        ("Where is {number}?", "The tracking has not moved for days. Please find out."),
    ),
    TicketKind.MISSING: (
        ("Missing in {number}: {item}", "I unpacked everything and this was not in the box."),
        ("Missing in {number}: {item}", "The delivery note lists it but it is not there."),
    ),
    TicketKind.DAMAGED: (
        ("Damaged in {number}: {item}", "It was damaged when I opened the parcel."),
        ("Damaged in {number}: {item}", "The box was crushed and this is broken."),
    ),
    TicketKind.QUESTION: (
        ("Question about {item}", "Could somebody who knows it well call me, please?"),
        ("Question about {item}", "Is there a spare part for this, and what does it cost?"),
        ("Invoice for {number}", "Please put our company name on the invoice."),
        ("Praise for the store", "Your colleague took an hour to fit my boots. Thank her for me."),
    ),
}


def draw_comment(random: Random, subject: str, score: int) -> str:
    """Draw what somebody writes beside a score; "" is nothing."""
    if random.random() > _COMMENT_SHARE:
        return ""
    if score >= _HAPPY_FROM:
        return random.choice(_HAPPY)
    return random.choice(_SO_SO_COMMENTS if score == _SO_SO else _UNHAPPY[subject])


def draw_ticket(random: Random, kind: TicketKind, number: str, item: str) -> tuple[str, str]:
    """Draw a ticket's subject and text."""
    subject, text = random.choice(_TICKETS[kind])
    return subject.format(number=number, item=item), text
