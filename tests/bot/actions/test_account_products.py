"""Trail Points, stock and prices."""

from dataclasses import replace
from datetime import date

import pytest

from bot.actions.phrasing import joined, long_day, pounds, short_day
from bot.domain.customer import Product
from bot.domain.message import Caller
from tests.bot.actions.counter import (
    ANCHOR,
    MESSAGE,
    Counter,
    a_talk,
    an_action,
    buttons_of,
    card_of,
    in_words,
    reason_of,
)


async def test_points_are_told_with_worth_tier_and_what_expires() -> None:
    outcome = await Counter("C-1010").ask("action_loyalty_balance")

    said = in_words(outcome)
    assert "Trail Points, worth £" in said
    assert "Your tier is Summit, the highest there is." in said
    assert "expire on Sunday 13 December" in said
    assert card_of(outcome)["Tier"] == "Summit"


@pytest.mark.parametrize(
    ("customer", "words"),
    [
        ("C-1001", "worth £20.00"),
        ("C-1008", "You have 88 Trail Points. From 100 on"),
        ("C-1005", "You have no Trail Points at the moment."),
        ("C-1002", "286 more points make you Ranger."),
    ],
)
async def test_small_balances_are_told_too(customer: str, words: str) -> None:
    outcome = await Counter(customer).ask("action_loyalty_balance")

    assert words in in_words(outcome)


def _with(counter: Counter, stock: int, restock_on: date | None = None) -> Product:
    product = next(iter(counter.crm.range.values()))
    changed = replace(product, stock=stock, restock_on=restock_on)
    counter.crm.range[product.product_id] = changed
    return changed


@pytest.mark.parametrize(
    ("stock", "restock_on", "words"),
    [
        (40, None, "in stock, at"),
        (3, None, "only 3 of the"),
        (1, None, "Just one is left"),
        (0, date(2026, 12, 1), "expect more on Tuesday 1 December"),
        (0, None, "I don't have a date for more"),
        (0, date(2026, 11, 1), "I don't have a date for more"),
    ],
)
async def test_guests_may_ask_for_stock(stock: int, restock_on: date | None, words: str) -> None:
    counter = Counter(customer=None)
    product = _with(counter, stock, restock_on)

    outcome = await counter.ask("action_product_availability", product=product.product_id)

    assert words in in_words(outcome)
    assert product.name in in_words(outcome)


@pytest.mark.parametrize(
    ("cents", "is_bulky", "words"),
    [
        (128900, False, "is £1,289.00, and standard delivery in the UK is free"),
        (5999, False, "is £59.99. Standard delivery in the UK is £3.95"),
        (64900, True, "delivery by two people is £14.95"),
    ],
)
async def test_a_price_comes_with_its_delivery(cents: int, *, is_bulky: bool, words: str) -> None:
    counter = Counter(customer=None)
    product = replace(_with(counter, 9), price_cents=cents, is_bulky=is_bulky)
    counter.crm.range[product.product_id] = product

    outcome = await counter.ask("action_product_price", product=product.product_id)

    assert words in in_words(outcome)


@pytest.mark.parametrize("name", ["Cairn Fellside 2 tent", "cairn felside 2 tent"])
async def test_a_product_is_found_by_its_name(name: str) -> None:
    outcome = await Counter(customer=None).ask("action_product_price", product=name)

    assert "Cairn Fellside 2 tent is" in in_words(outcome)


@pytest.mark.parametrize("name", ["P-9999", "a flying carpet", "", "{phone}"])
async def test_a_product_that_there_is_not_is_refused(name: str) -> None:
    outcome = await Counter(customer=None).ask("action_product_price", product=name)

    assert reason_of(outcome) == "unknown_product"
    assert f"“{name}”" in in_words(outcome)


def test_values_are_written_as_people_write_them() -> None:
    assert pounds(28900) == "£289.00"
    assert pounds(123456789) == "£1,234,567.89"
    assert long_day(date(2026, 11, 24), ANCHOR) == "Tuesday 24 November"
    assert long_day(date(2028, 1, 3), ANCHOR) == "Monday 3 January 2028"
    assert short_day(date(2024, 2, 29), ANCHOR) == "29 Feb 2024"
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("name", "utterance", "offered"),
    [
        (
            "Skarv Ghost 1 ultralight tent",
            "how much is a skarv ghost tent",
            ["Skarv Ghost 2 ultralight tent"],
        ),
        ("Skarv Ghost 1 ultralight tent", "how much is the ghost 1", []),
        ("Skarv Ghost 1 ultralight tent", "and how much is it?", []),
        ("Skarv Ghost 1 ultralight tent", '/choose{"product": "P-0014"}', []),
        (
            "Cairn Stormline women's waterproof jacket",
            "is the stormline jacket in stock",
            ["Cairn Stormline men's waterproof jacket"],
        ),
        (
            "Cairn Stormline women's waterproof jacket",
            "is the womens stormline jacket in stock",
            [],
        ),
        (
            "Norfell gas cartridge 230 g",
            "price of a gas cartridge",
            ["Norfell gas cartridge 100 g", "Norfell gas cartridge 450 g"],
        ),
    ],
)
async def test_variants_that_may_be_meant_as_well_are_offered(
    name: str, utterance: str, offered: list[str]
) -> None:
    runner, action = Counter(customer=None).runner, an_action("action_product_price", product=name)

    outcome = await runner.run(action, a_talk(utterance), Caller(None), MESSAGE)

    assert name in in_words(outcome)
    assert [button.title for button in buttons_of(outcome)] == offered
