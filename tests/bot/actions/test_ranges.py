"""Products of a kind to choose from, and two of them side by side."""

import pytest

from bot.actions.ranges import among, made_for, one_of_each_family, products_like, thing_named
from bot.domain.customer import Product


def _products(*names: str) -> tuple[Product, ...]:
    return tuple(
        Product(f"P-{place:04}", name, "Norfell", "climbing", 5000, stock=3)
        for place, name in enumerate(names, 1)
    )


RANGE = _products(
    "Norfell Icefang walking ice axe", "Norfell Icefang clip crampons", "Norfell 10 ft paddle board"
)


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("do you sell ice axes?", "ice axes"),
        ("have you got any crampons in stock", "crampons"),
        ("got any of those paddle boards left", "paddle boards"),
        ("is it available", ""),
        ('/choose{"product": "P-0001"}', ""),
    ],
)
def test_the_thing_asked_for_is_found_in_a_sentence(text: str, thing: str) -> None:
    assert thing_named(text) == thing


@pytest.mark.parametrize(
    ("thing", "names"),
    [
        ("ice axes", ["Norfell Icefang walking ice axe"]),
        ("paddle board", ["Norfell 10 ft paddle board"]),
        ("crampon", ["Norfell Icefang clip crampons"]),
        ("clip", ["Norfell Icefang clip crampons"]),
        ("waffle irons", []),
        ("ice cream", []),
        ("", []),
    ],
)
def test_a_thing_is_looked_for_by_its_last_word(thing: str, names: list[str]) -> None:
    assert [one.name for one in products_like(thing, RANGE)] == names


def test_of_many_only_one_of_each_family_is_offered() -> None:
    tents = _products(*(f"Cairn Fellside {n} tent" for n in range(1, 8)), "Skarv Ghost 1 tent")

    shown = one_of_each_family(tents)

    assert [one.name for one in shown] == ["Cairn Fellside 1 tent", "Skarv Ghost 1 tent"]


@pytest.mark.parametrize(
    ("audience", "party_size", "names"),
    [
        ("junior", "", ["Tide junior wetsuit"]),
        ("men", "", ["Tide men's wetsuit"]),
        ("women", "", ["Tide women's wetsuit"]),
        ("", "2 people", ["Fellside 2 tent"]),
        ("junior", "2 people", ["Tide junior wetsuit"]),
        ("toddler", "9 people", ["Tide women's wetsuit", "Tide men's wetsuit"]),
    ],
)
def test_things_made_for_somebody_are_preferred(
    audience: str, party_size: str, names: list[str]
) -> None:
    range_of = _products(
        "Tide women's wetsuit", "Tide men's wetsuit", "Tide junior wetsuit", "Fellside 2 tent"
    )

    found = [one.name for one in made_for(audience, party_size, range_of)]

    assert found[: len(names)] == names
    assert (len(found) == len(range_of)) == (audience == "toddler")


def test_what_was_shown_last_may_be_narrowed_down() -> None:
    assert [one.name for one in among("P-0001,P-0009", RANGE)] == [RANGE[0].name]
    assert among("", RANGE) == ()
