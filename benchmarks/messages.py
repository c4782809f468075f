"""What the benchmark's customers write; a help question, a look-up in the CRM, small talk."""

from typing import Final

GUEST: Final = (
    "hi there",
    "how much is delivery to the isle of skye?",
    "my jacket stopped being waterproof, how do i wash it",
    "do you take amex",
    "can i send back climbing shoes i wore once outside",
    "what time does the keswick shop close on sundays",
    "the promo code from the newsletter does nothing at checkout",
    "which sleeping bag for camping in scotland in october?",
    "thanks!",
    "do you ship to norway",
)
CUSTOMER: Final = (
    "hello, where is my order?",
    "how many trail points do i have",
    "what have I ordered so far",
    "is there any news on my refund",
    "thank you",
)
