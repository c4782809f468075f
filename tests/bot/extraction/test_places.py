import pytest

from bot.extraction.places import find_addresses, find_postcodes


def first_address(text: str) -> str:
    """Return the first address; "" where there is none."""
    return next((value.value for value in find_addresses(text)), "")


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("S1 4GF", "S1 4GF"),
        ("s14gf", "S1 4GF"),
        ("it is ec1a 1bb.", "EC1A 1BB"),
        ("CA12  5AB", "CA12 5AB"),
        ("W1A 0AX", "W1A 0AX"),
        ("m1-1ae", "M1 1AE"),
    ],
)
def test_a_postcode_is_read_in_any_spelling(text: str, postcode: str) -> None:
    assert [value.value for value in find_postcodes(text)] == [postcode]


@pytest.mark.parametrize(
    "text", ["CP-104233", "P-0042", "10 2nd", "size L10 3rd", "at 4pm", "A1", "£14 4gf"]
)
def test_what_is_no_postcode_gives_none(text: str) -> None:
    assert not list(find_postcodes(text))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("14 Oak Street, Sheffield, S1 4GF", "14 Oak Street, Sheffield, S1 4GF"),
        ("14 Oak Street\nSheffield\nS1 4GF", "14 Oak Street, Sheffield, S1 4GF"),
        (
            "please send it to flat 2, 14 oak street, sheffield s14gf thanks",
            "flat 2, 14 oak street, sheffield, S1 4GF",
        ),
        (
            "deliver to 27b Mill Lane Newcastle upon Tyne NE1 4XX",
            "27b Mill Lane, Newcastle upon Tyne, NE1 4XX",
        ),
        (
            "Rose Cottage, Mill Lane, Keswick CA12 5AB",
            "Rose Cottage, Mill Lane, Keswick, CA12 5AB",
        ),
        (
            "5 High Road\nLittle Bigham\nYork\nYO1 7HH",
            "5 High Road, Little Bigham, York, YO1 7HH",
        ),
    ],
)
def test_an_address_has_street_town_and_postcode(text: str, address: str) -> None:
    assert first_address(text) == address


@pytest.mark.parametrize(
    "text", ["S1 4GF", "my postcode is S1 4GF", "Sheffield S1 4GF", "14 Oak Street"]
)
def test_without_street_or_postcode_there_is_no_address(text: str) -> None:
    assert first_address(text) == ""


def test_the_place_in_the_text_is_that_of_the_address() -> None:
    text = "order 104233 must go to 14 Oak Street, Sheffield S1 4GF now"

    value = next(find_addresses(text))

    assert text[value.start : value.end] == "14 Oak Street, Sheffield S1 4GF"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("please send it to Hauptstrasse 5, 10827 Berlin", "Hauptstrasse 5, 10827 Berlin"),
        (
            "12 rue de la Paix, 75002 Paris, France",
            "12 rue de la Paix, 75002 Paris, France",
        ),
        ("Keizersgracht 12, 1015 CS Amsterdam", "Keizersgracht 12, 1015 CS Amsterdam"),
    ],
)
def test_addresses_abroad_are_found(text: str, wanted: str) -> None:
    assert [value.value for value in find_addresses(text)] == [wanted]


@pytest.mark.parametrize(
    "text",
    ["I paid £45, 10000 mm is what I wanted", "order 104233, 20 days ago", "boots, 10827 of them"],
)
def test_other_numbers_are_no_address_abroad(text: str) -> None:
    assert [*find_addresses(text)] == []
