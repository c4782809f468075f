import pytest

from bot.dialogue.answering import as_plain_text, compose_answer
from tests.builders import a_match


def test_the_best_passage_is_quoted_word_for_word() -> None:
    answer = compose_answer([a_match("You have 60 days."), a_match("Other.", 0.7, "x#0")], 0.6)

    assert answer is not None
    assert answer.text == "You have 60 days."


def test_below_the_threshold_there_is_no_answer() -> None:
    assert compose_answer([a_match(probability=0.59)], 0.6) is None
    assert compose_answer([], 0.0) is None


def test_a_passage_at_the_threshold_is_an_answer() -> None:
    assert compose_answer([a_match(probability=0.6)], 0.6) is not None


def test_sources_are_the_fit_articles_each_once_and_at_most_three() -> None:
    found = [
        a_match("a", 0.9, "first#0"),
        a_match("b", 0.9, "first#4"),
        a_match("c", 0.8, "second#0"),
        a_match("d", 0.2, "unfit#0"),
        a_match("e", 0.8, "third#0"),
        a_match("f", 0.8, "fourth#0"),
    ]

    answer = compose_answer(found, 0.6)

    assert answer is not None
    assert [source.url for source in answer.sources.sources] == [
        "/help/first",
        "/help/second",
        "/help/third",
    ]


def test_neighbours_of_one_article_are_joined_in_its_order() -> None:
    found = [
        a_match("Second part.", 0.9, "returns#2", heading="What it costs"),
        a_match("First part.", 0.8, "returns#1"),
    ]

    answer = compose_answer(found, 0.6)

    assert answer is not None
    assert answer.text == "First part.\n\nWhat it costs\nSecond part."


@pytest.mark.parametrize(
    ("passage_id", "probability", "text"),
    [
        ("returns#4", 0.9, "Far away."),
        ("refunds#1", 0.9, "Elsewhere."),
        ("returns#1", 0.3, "Unlikely."),
        ("returns#1", 0.9, "Very long. " * 200),
        ("returns#1", 0.9, "60 days"),
    ],
)
def test_what_is_no_fit_short_new_neighbour_is_not_joined(
    passage_id: str, probability: float, text: str
) -> None:
    best = a_match("You have 60 days.", 0.95, "returns#2")

    answer = compose_answer([best, a_match(text, probability, passage_id)], 0.6)

    assert answer is not None
    assert answer.text == "You have 60 days."


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("see [the label](/help/return-label)", "see the label"),
        ("![a tent](/t.png) **Very** *good* `CP-`", "a tent Very good CP-"),
        ("- one\n- two", "• one\n• two"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("a line\nthat wraps", "a line that wraps"),
        ("## Heading\n\ntext", "Heading\n\ntext"),
        ("## Heading\ntext", "Heading\ntext"),
        ("> quoted", "quoted"),
        ("| Way | Price |\n| --- | --- |\n| Express | £7.95 |", "• Express: £7.95"),
        (
            "| Way | Price | Time |\n|---|---|---|\n| Express | £7.95 | 1 day |",
            "• Express: Price £7.95, Time 1 day",
        ),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("\\*not strong\\*", "*not strong*"),
        ("over\n\n---\n\nunder", "over\n\nunder"),
        ("- **Small** items\n  that wrap\n- rest", "• Small items that wrap\n• rest"),
        ("<b>shown</b>", "<b>shown</b>"),
    ],
)
def test_markdown_becomes_plain_text(markdown: str, plain: str) -> None:
    assert as_plain_text(markdown) == plain
