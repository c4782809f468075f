"""A counter for every test."""

import pytest

from tests.bot.actions.counter import Counter


@pytest.fixture
def counter() -> Counter:
    return Counter()
