import pytest

from bot.dialogue.order_lines import Listing, at_position, by_name, read_lines
from bot.dialogue.playbook import Choice, SlotKind, SlotSpec
from bot.dialogue.slots import Accepted, Unfit, check, find_postcode, read_choice

THREE = Listing(("1", "2", "3"), ("Skarv 2 tent", "2 × Norfell wool socks", "Cairn 40 rucksack"))


def a_slot(kind: SlotKind, *choices: Choice) -> SlotSpec:
    return SlotSpec("slot", kind, "ask", choices=choices)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (SlotKind.ORDER_NUMBER, "cp104233", "CP-104233"),
        (SlotKind.ORDER_NUMBER, "CP-104233", "CP-104233"),
        (SlotKind.ORDER_NUMBER, "#104233", "CP-104233"),
        (SlotKind.ORDER_NUMBER, " 104233 ", "CP-104233"),
        (SlotKind.PRODUCT, "p-0042", "P-0042"),
        (SlotKind.EMAIL, "Anna@Home.test", "anna@home.test"),
        (SlotKind.DATE, "2026-11-17", "2026-11-17"),
        (SlotKind.AMOUNT, "£1,045.5", "1045.50"),
        (SlotKind.POSTCODE, "s14gf", "S1 4GF"),
        (SlotKind.POSTCODE, "1012 ab", "1012 AB"),
        (SlotKind.ADDRESS, "5 Mill Lane, Leeds LS1 4AB", "5 Mill Lane, Leeds LS1 4AB"),
        (SlotKind.ADDRESS, "Rue Haute 3, 1000 Bruxelles", "Rue Haute 3, 1000 Bruxelles"),
        (SlotKind.TEXT, "  the pole\nis bent ", "the pole is bent"),
        (SlotKind.ORDER_LINES, "3,1,1", "1,3"),
    ],
)
def test_a_value_is_brought_to_one_spelling(kind: SlotKind, raw: str, value: str) -> None:
    assert check(a_slot(kind), raw) == Accepted(value)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (SlotKind.ORDER_NUMBER, "10423"),
        (SlotKind.ORDER_NUMBER, "the blue one"),
        (SlotKind.ORDER_NUMBER, "CP-1042333"),
        (SlotKind.PRODUCT, "tent"),
        (SlotKind.EMAIL, "anna at home"),
        (SlotKind.DATE, "2026-02-30"),
        (SlotKind.DATE, "tomorrow"),
        (SlotKind.AMOUNT, "-3"),
        (SlotKind.AMOUNT, "NaN"),
        (SlotKind.AMOUNT, "many"),
        (SlotKind.POSTCODE, "Sheffield"),
        (SlotKind.TEXT, "??"),
        (SlotKind.TEXT, "yes"),
        (SlotKind.CHOICE, "purple"),
        (SlotKind.ORDER_LINES, "1,x"),
        (SlotKind.ORDER_LINES, ""),
    ],
)
def test_a_value_that_does_not_do_says_what_is_wrong(kind: SlotKind, raw: str) -> None:
    assert check(a_slot(kind), raw) == Unfit(f"problem_{kind.value}")


def test_an_address_without_a_postcode_is_asked_for_it() -> None:
    checked = check(a_slot(SlotKind.ADDRESS), "5 Mill Lane, Leeds")

    assert checked == Unfit("problem_address_postcode")


def test_a_postcode_alone_is_no_address() -> None:
    assert check(a_slot(SlotKind.ADDRESS), "LS1 4AB") == Unfit("problem_address")


def test_lines_that_are_not_listed_do_not_do() -> None:
    assert check(a_slot(SlotKind.ORDER_LINES), "1,4", THREE.values) == Unfit("problem_order_lines")


def test_the_last_postcode_of_a_text_is_found() -> None:
    assert find_postcode("from S1 4GF to ls1 4ab please") == "LS1 4AB"
    assert find_postcode("Keizersgracht 1, 1015 CN Amsterdam") == "1015 CN"
    assert find_postcode("Mill Lane, Leeds") == ""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1", "1"),
        ("1 and 3", "1,3"),
        ("item 2 please", "2"),
        ("the tent", "1"),
        ("tent and socks", "1,2"),
        ("the rucksak", "3"),
        ("all of it", "1,2,3"),
        ("everything", "1,2,3"),
        ("the whole order", "1,2,3"),
        ("everything except the tent", "2,3"),
        ("all but the socks and the rucksack", "1"),
    ],
)
def test_lines_are_named_in_many_ways(text: str, lines: str) -> None:
    assert read_lines(text, THREE, ()) == lines


@pytest.mark.parametrize("text", ["4", "the kayak", "hm", "everything except the kayak"])
def test_what_is_not_in_the_list_names_no_line(text: str) -> None:
    assert read_lines(text, THREE, ()) == ""


def test_both_are_two() -> None:
    two = Listing(("1", "2"), ("Skarv 2 tent", "Norfell boots"))

    assert read_lines("both", two, ()) == "1,2"
    assert read_lines("both", THREE, ()) == ""


def test_positions_pick_lines() -> None:
    assert read_lines("the first and the last one", THREE, (1, -1)) == "1,3"


def test_a_name_that_two_lines_share_names_neither() -> None:
    socks = Listing(("1", "2"), ("Norfell wool socks", "Norfell liner socks"))

    assert read_lines("the socks", socks, ()) == ""
    assert read_lines("the liner socks", socks, ()) == "2"


def test_also_adds_to_what_was_chosen() -> None:
    assert read_lines("the socks as well", THREE, (), current="1") == "1,2"
    assert read_lines("the socks", THREE, (), current="1") == "2"


def test_yes_means_the_only_line() -> None:
    assert read_lines("yes", Listing(("1",), ("Skarv 2 tent",)), ()) == "1"


def test_places_count_from_one_and_from_the_end() -> None:
    values = ("a", "b", "c")

    assert [at_position(values, place) for place in (1, 3, -1, -3)] == ["a", "c", "c", "a"]
    assert [at_position(values, place) for place in (0, 4, -4)] == ["", "", ""]


def test_orders_are_told_apart_by_what_is_in_them() -> None:
    orders = Listing(("CP-1", "CP-2"), ("Skarv 2 tent", "Norfell boots"))

    assert by_name("the one with the boots", orders) == ("CP-2",)


REASONS = (
    Choice("too_small", "Too small", ("small", "tight")),
    Choice("too_big", "Too big", ("big", "loose")),
    Choice("faulty", "It is faulty", ("broken", "does not work")),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Too small", "too_small"),
        ("they are way too small for me", "too_small"),
        ("a bit tight", "too_small"),
        ("not too small, too big", "too_big"),
        ("it does not work", "faulty"),
        ("faulty", "faulty"),
    ],
)
def test_a_choice_is_named_by_title_value_or_words(text: str, value: str) -> None:
    read = read_choice(a_slot(SlotKind.CHOICE, *REASONS), text, is_asked=True)

    assert read == Accepted(value)


def test_a_word_that_could_mean_anything_counts_only_where_it_was_asked_for() -> None:
    slot = a_slot(SlotKind.CHOICE, *REASONS)

    assert read_choice(slot, "my small tent", is_asked=False) is None
    assert read_choice(slot, "my tent is too small", is_asked=False) == Accepted("too_small")


def test_two_choices_at_once_are_unclear() -> None:
    read = read_choice(a_slot(SlotKind.CHOICE, *REASONS), "tight or loose", is_asked=True)

    assert read == Unfit("problem_choice")


@pytest.mark.parametrize(
    ("text", "current", "lines"),
    [
        ("not the boots, the gloves", "1", "3"),
        ("the gloves, not the boots", "1", "3"),
        ("not the boots but the gloves", "", "3"),
        ("oh, not the boots", "1,3", "3"),
        ("not the boots", "1", ""),
        ("the boots are not the right size", "", "1"),
    ],
)
def test_a_line_that_is_said_not_to_be_meant_is_not_taken(
    text: str, current: str, lines: str
) -> None:
    three = Listing(("1", "2", "3"), ("Walking boots", "Wool socks", "Fleece gloves"))

    assert read_lines(text, three, (), current) == lines


def test_a_thing_is_known_by_who_wears_it_where_nothing_else_tells() -> None:
    two = Listing(("a", "b"), ("Stormline women's jacket", "Stormline men's jacket"))

    assert by_name("the men's", two) == ("b",)
    assert by_name("the womens one", two) == ("a",)
    assert by_name("the jacket", two) == ()
