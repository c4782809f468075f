"""What the tests call a leak of Aisha's records, and what only looks like one."""

import pytest

from tests.e2e.access.forging import AISHAS_WORDS
from tests.e2e.access.looking import assert_hides_aisha


@pytest.mark.parametrize("word", AISHAS_WORDS)
@pytest.mark.parametrize("around", ['{{"text":"{}"}}', "Your {}, sent on Monday", "<b>{}</b>"])
def test_a_word_of_hers_is_found_however_it_is_written(word: str, around: str) -> None:
    for written in (word, word.lower(), word.upper()):
        with pytest.raises(AssertionError, match="tells of Aisha"):
            assert_hides_aisha(around.format(written))


def test_letters_within_a_random_secret_are_no_leak() -> None:
    assert_hides_aisha('{"secret":"3IH33sISNUg9z3O3qOIXnQ","customer_id":""}')
