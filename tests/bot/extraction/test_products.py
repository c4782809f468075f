import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.extraction.products import ProductFinder, ProductName

RANGE = (
    ProductName("P-0001", "Cairn Fellside 1 tent", "Cairn"),
    ProductName("P-0002", "Cairn Fellside 2 tent", "Cairn"),
    ProductName("P-0003", "Cairn Windrose 3 tunnel tent", "Cairn"),
    ProductName("P-0004", "Norfell Beacon 800 head torch", "Norfell"),
    ProductName("P-0005", "Cairn Stormline women's waterproof jacket", "Cairn"),
    ProductName("P-0006", "Cairn Stormline men's waterproof jacket", "Cairn"),
    ProductName("P-0007", "Bivvy & Co folding dog bowl", "Bivvy & Co"),
    ProductName("P-0008", "Norfell gas cartridge 100 g", "Norfell"),
    ProductName("P-0009", "Norfell gas cartridge 230 g", "Norfell"),
)
FINDER = ProductFinder(RANGE)


@pytest.mark.parametrize(
    ("text", "product_id", "written"),
    [
        ("is the Fellside 2 tent in stock?", "P-0002", "Fellside 2 tent"),
        ("price of felside 2", "P-0002", "felside 2"),
        ("how much is the windrose tent", "P-0003", "windrose tent"),
        ("Norfell beacon 800 headtorch", "P-0004", "Norfell beacon 800"),
        ("the stormlyne jacket womens", "P-0005", "stormlyne jacket womens"),
        ("stormline mens jacket", "P-0006", "stormline mens jacket"),
        ("do you have the folding dog bowl", "P-0007", "folding dog bowl"),
        ("a gas cartridge 230 g", "P-0009", "gas cartridge 230 g"),
        ("P-0004", "P-0004", "P-0004"),
    ],
)
def test_a_named_product_is_found_with_its_place(text: str, product_id: str, written: str) -> None:
    (value,) = FINDER.find(text)

    assert (value.value, text[value.start : value.end]) == (product_id, written)
    assert value.confidence >= 0.9


def test_variants_of_one_product_are_only_a_guess() -> None:
    (value,) = FINDER.find("is the Fellside tent in stock?")

    assert value.value == "P-0001"
    assert value.confidence < 0.9


@pytest.mark.parametrize(
    "text",
    [
        "do you sell tents",
        "a cairn jacket",
        "P-9999",
        "a gas cartridge",
        "two dogs",
        "I fell beside it",
        "",
    ],
)
def test_what_names_no_product_gives_none(text: str) -> None:
    assert not list(FINDER.find(text))


@pytest.mark.parametrize("text", ["I forget my password", "it is a breezy day"])
def test_a_word_like_a_name_is_no_product_by_itself(text: str) -> None:
    finder = ProductFinder(
        [
            ProductName("P-0117", "Halvorsen Forge women's insulated jacket", "Halvorsen"),
            ProductName("P-0061", "Skarv Breeze 5 l running vest", "Skarv"),
        ]
    )

    assert not list(finder.find(text))


def test_swapped_letters_are_read_the_right_way_round() -> None:
    finder = ProductFinder([ProductName("P-0014", "Skarv Ghost 1 ultralight tent", "Skarv")])

    (value,) = finder.find("gohst tent price")

    assert value.value == "P-0014"


def test_two_products_are_both_found() -> None:
    found = [value.value for value in FINDER.find("the beacon 800 and the windrose 3 tent")]

    assert found == ["P-0004", "P-0003"]


@given(st.sampled_from(RANGE))
def test_every_product_is_found_by_its_full_name(product: ProductName) -> None:
    (value,) = FINDER.find(f"have you got the {product.name} in stock")

    assert value.value == product.product_id


def test_an_empty_range_finds_nothing() -> None:
    assert not list(ProductFinder(()).find("the Fellside 2 tent"))
