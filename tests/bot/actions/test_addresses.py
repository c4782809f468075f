"""Addresses on one line."""

import pytest

from bot.actions.addresses import read_address
from bot.domain.customer import Address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("12 Mill Lane, York, YO1 7HH", Address("12 Mill Lane", "York", "YO1 7HH")),
        ("12 Mill Lane, York YO17HH", Address("12 Mill Lane", "York", "YO1 7HH")),
        ("Flat 2, 12 Mill Lane, York, yo1 7hh", Address("Flat 2, 12 Mill Lane", "York", "YO1 7HH")),
        ("12 Mill Lane York YO1 7HH", Address("12 Mill Lane", "York", "YO1 7HH")),
        (
            "5 Park Street Newcastle upon Tyne NE1 4AB",
            Address("5 Park Street", "Newcastle upon Tyne", "NE1 4AB"),
        ),
        ("The Old Barn Keswick CA12 5BD", Address("The Old Barn", "Keswick", "CA12 5BD")),
        ("12 Mill Lane\nYork\nYO1 7HH\nUK", Address("12 Mill Lane", "York", "YO1 7HH")),
        ("Rue 3, 75001 Paris, France", Address("Rue 3", "Paris", "75001", "FR")),
        ("Gracht 4, 1015 CS Amsterdam", Address("Gracht 4", "Amsterdam", "1015 CS", "NL")),
        ("5 Quay, Dublin, D02 X285, Ireland", Address("5 Quay", "Dublin", "D02 X285", "IE")),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert read_address(text) == address


def test_a_postcode_that_fits_several_countries_is_the_home_countrys() -> None:
    address = read_address("Allee 5, 10115 Berlin", home="DE")

    assert address == Address("Allee 5", "Berlin", "10115", "DE")


@pytest.mark.parametrize("text", ["", "York", "YO1 7HH", "12 Mill Lane, York", ", , ,", "123 456"])
def test_half_an_address_is_none(text: str) -> None:
    assert read_address(text) is None
