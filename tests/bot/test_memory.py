"""A process that serves looks through less."""

import gc
from collections.abc import Iterator

import pytest

from bot.memory import settle


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_is_loaded_is_not_looked_through_again_and_what_comes_later_is() -> None:
    class Knot:
        def __init__(self) -> None:
            self.me = self

    rarely = gc.get_threshold()[0]

    settle()

    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] > rarely
    for _ in range(100):
        Knot()
    assert gc.collect() >= 100
