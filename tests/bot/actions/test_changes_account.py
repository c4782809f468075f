"""Changes to an account, and who may make any."""

import pytest

from bot.actions.registry import CHANGING_NAMES, READING_NAMES
from bot.domain.customer import OrderStatus
from bot.domain.message import CustomerId
from tests.bot.actions.counter import Counter, in_words, reason_of
from tests.bot.actions.test_changes import AGAIN

# Anybody may ask what there is to buy.
ABOUT_PRODUCTS = {
    "action_product_availability", "action_product_price", "action_choose_product", "action_compare_products",
}  # fmt: skip


async def test_the_newsletter_is_left_and_taken_again(counter: Counter) -> None:
    maya = CustomerId("C-1001")

    preview = await counter.ask("action_preview_newsletter", subscribed="false")
    left = await counter.ask("action_newsletter", subscribed="false")

    assert "take maya.okafor@example.com off" in in_words(preview)
    assert "within 24 hours" in in_words(left)
    assert not counter.crm.customers[maya].is_subscribed

    preview = await counter.ask("action_preview_newsletter", subscribed="true")
    taken = await counter.ask("action_newsletter", AGAIN, subscribed="true")

    assert "on Thursdays" in in_words(preview)
    assert "every Thursday" in in_words(taken)
    assert counter.crm.customers[maya].is_subscribed


@pytest.mark.parametrize(
    ("customer", "subscribed", "reason"),
    [("C-1001", "true", "already_subscribed"), ("C-1002", "false", "not_subscribed")],
)
async def test_a_newsletter_that_is_so_already_is_left_alone(
    customer: str, subscribed: str, reason: str
) -> None:
    outcome = await Counter(customer).ask("action_preview_newsletter", subscribed=subscribed)

    assert reason_of(outcome) == reason
    assert "@example.com" in in_words(outcome)


async def test_deletion_is_read_back_asked_for_and_not_asked_for_twice(counter: Counter) -> None:
    preview = await counter.ask("action_preview_delete_data")
    done = await counter.ask("action_delete_my_data")
    again = await counter.ask("action_preview_delete_data")

    assert "within 30 days" in in_words(preview)
    assert "by Sunday 20 December" in in_words(done)
    assert reason_of(again) == "already_requested"
    assert "Sunday 20 December" in in_words(again)


@pytest.mark.parametrize("action", sorted((CHANGING_NAMES | READING_NAMES) - ABOUT_PRODUCTS))
async def test_guests_learn_and_change_nothing_whatever_they_claim(action: str) -> None:
    counter = Counter(customer=None)
    claims = {"user_id": "C-1001", "customer_id": "C-1001", "customerToken": "C-1001"}

    outcome = await counter.ask(
        action, order_number="CP-200101", lines="1", subscribed="false", **claims
    )

    assert reason_of(outcome) == "not_signed_in"
    assert "sign" in in_words(outcome)
    assert counter.crm.stored_orders["CP-200101"].status is OrderStatus.PLACED
    assert not counter.crm.tickets


async def test_a_token_of_an_unknown_customer_is_explained() -> None:
    outcome = await Counter("C-9999999").ask("action_list_orders")

    assert reason_of(outcome) == "unknown_customer"
    assert "can't find your account" in in_words(outcome)
