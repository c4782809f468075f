"""The catalogue is read and written without loss."""

import difflib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.catalogue import Catalogue, find_problems, read_catalogue
from intents.errors import CatalogueError, UnknownIntentError

SEED = Path(__file__).parents[2] / "intents" / "catalogue"
ORDERS = """\
version: "3.1"   # Rasa's

# What customers ask about orders.
nlu:
- intent: order_status   # the most frequent one
  metadata: {owner: "Ann"}
  examples: |
    - where is my order
    - status of [CP-104233](order_number)

- intent: cancel_order
  examples:
    - text: |
        stop my order
      metadata:
        sentiment: neutral
    - text: |
        cancel [CP-1]{"entity": "order_number", "role": "cancelled"}
- synonym: boots
  examples: |
    - walking boots
    - wellies
- regex: order_number
  examples: |
    - CP-\\d{6}
- lookup: brand
  examples: |
    - Norfell
    - Skarv
- intent: faq/hours
  unknown_key: [1, 2]
  examples: |
    - when are you open
responses:
  utter_x:
  - text: "hello"
"""
DOCUMENTS = {"nlu_orders.yml": ORDERS, "wording.yml": "greeting: [hi]\n", "notes.md": "# nlu:\n"}


def a_catalogue() -> Catalogue:
    return read_catalogue(DOCUMENTS)


def differences(changed: Catalogue) -> tuple[list[str], list[str]]:
    """Rows added to and removed from the file of orders."""
    rows = list(
        difflib.ndiff(ORDERS.split("\n"), changed.documents()["nlu_orders.yml"].split("\n"))
    )
    return [row for row in rows if row[0] == "+"], [row for row in rows if row[0] == "-"]


def test_untouched_documents_come_back_byte_for_byte() -> None:
    assert a_catalogue().documents() == DOCUMENTS


def test_examples_have_their_intent_file_and_line() -> None:
    examples = a_catalogue().examples()

    assert [(one.intent, one.text, one.line) for one in examples] == [
        ("order_status", "where is my order", 8),
        ("order_status", "status of CP-104233", 9),
        ("cancel_order", "stop my order", 13),
        ("cancel_order", "cancel CP-1", 17),
        ("faq/hours", "when are you open", 33),
    ]
    assert examples[3].entities[0].role == "cancelled"
    assert {one.file for one in examples} == {"nlu_orders.yml"}


def test_word_lists_are_read() -> None:
    catalogue = a_catalogue()

    assert catalogue.intents == ("order_status", "cancel_order", "faq/hours")
    assert catalogue.synonyms == {"boots": ("walking boots", "wellies")}
    assert catalogue.regexes == {"order_number": ("CP-\\d{6}",)}
    assert catalogue.lookups == {"brand": ("Norfell", "Skarv")}
    assert catalogue.problems() == ()


@pytest.mark.parametrize("intent", ["order_status", "cancel_order", "faq/hours"])
def test_an_added_example_changes_nothing_else(intent: str) -> None:
    changed = a_catalogue().with_example(intent, "any [Norfell](brand) news")

    added, removed = differences(changed)
    assert removed == []
    assert len(added) == (2 if intent == "cancel_order" else 1)
    assert changed.examples()[-1 if intent == "faq/hours" else 2].intent == intent
    assert "any Norfell news" in {one.text for one in changed.examples() if one.intent == intent}


@pytest.mark.parametrize(
    ("intent", "text"), [("order_status", "where is my order"), ("cancel_order", "stop my order")]
)
def test_a_removed_example_changes_nothing_else(intent: str, text: str) -> None:
    changed = a_catalogue().without_example(intent, text)

    added, removed = differences(changed)
    assert added == []
    assert len(removed) == (4 if intent == "cancel_order" else 1)
    assert text not in {one.text for one in changed.examples()}
    assert len(changed.examples()) == 4


def test_an_annotated_example_may_be_removed_by_its_plain_text() -> None:
    changed = a_catalogue().without_example("order_status", "status of CP-104233")

    assert len(changed.examples()) == 4


def test_a_new_intent_stands_after_the_last_one() -> None:
    changed = a_catalogue().with_intent("hire", ["rent a tent", "hire boots"], "nlu_orders.yml")

    assert changed.intents[-1] == "hire"
    text = changed.documents()["nlu_orders.yml"]
    assert text.index("intent: hire") < text.index("responses:")
    assert text.endswith('- text: "hello"\n')
    assert changed.problems() == ()


def test_a_new_intent_may_begin_a_file() -> None:
    changed = a_catalogue().with_intent("hire", ["rent a tent"], "nlu_new.yml")

    assert changed.examples()[-1].file == "nlu_new.yml"
    assert read_catalogue(changed.documents()).intents[-1] == "hire"


def test_an_intent_without_a_line_end_at_the_end_of_the_file_is_added_to() -> None:
    catalogue = read_catalogue({"nlu.yml": "nlu:\r\n- intent: a\r\n  examples: |\r\n    - one"})

    changed = catalogue.with_example("a", "two")

    assert changed.documents()["nlu.yml"].endswith("- one\r\n    - two\r\n")


@pytest.mark.parametrize(
    "text", ["", "  ", "two\nlines", "my [boots](product", "Where is my ORDER?"]
)
def test_an_example_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(CatalogueError):
        a_catalogue().with_example("cancel_order", text)


def test_an_unknown_intent_is_refused() -> None:
    with pytest.raises(UnknownIntentError, match="no intent 'refund'"):
        a_catalogue().with_example("refund", "money back")
    with pytest.raises(UnknownIntentError):
        a_catalogue().without_example("refund", "money back")


def test_the_only_example_cannot_be_removed() -> None:
    with pytest.raises(CatalogueError, match=r"nlu_orders\.yml:30: .* only example"):
        a_catalogue().without_example("faq/hours", "when are you open")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nlu:\n- intent: a\n  examples: |\n   - x\n  b: [\n", r"nlu\.yml:\d+: broken YAML"),
        ('version: "4.0"\nnlu: []\n', r"nlu\.yml:1: version 4\.0 is newer"),
        ('version: "new"\nnlu: []\n', r"nlu\.yml:1: version 'new' is no number"),
        ("nlu: nothing\n", r"nlu\.yml:1: 'nlu' is no list"),
        ("- nlu\n", r"nlu\.yml:1: no mapping"),
        ("nlu:\n- intent: a\n", r"nlu\.yml:2: intent 'a' has no examples"),
        ("nlu:\n- intent: a\n  examples: |\n    - \n", r"nlu\.yml:4: '-' is no example"),
        (
            "nlu:\n- intent: a\n  examples: |\n    - x\n    y\n",
            r"nlu\.yml:5: 'y' is no example; begin",
        ),
        ("nlu:\n- story: a\n", r"nlu\.yml:2: an item is none of intent"),
        ("nlu:\n- intent: a\n  examples: |\n    - [x](\n", r"nlu\.yml:4: the annotation near"),
        (
            "nlu:\n- intent: a\n  examples: |\n    - hi!\n- intent: b\n  examples: |\n    - Hi\n",
            r"nlu\.yml:7: 'Hi' stands under 'b' and under 'a' \(nlu\.yml:4\); remove one",
        ),
    ],
)
def test_a_problem_names_file_line_and_remedy(text: str, told: str) -> None:
    problems = find_problems(
        {"nlu.yml": text, "other.yml": "nlu:\n- intent: z\n  examples: |\n    - zz\n"}
    )

    assert len(problems) == 1
    assert re.match(told, problems[0])


def test_broken_yaml_is_refused_at_once() -> None:
    with pytest.raises(CatalogueError, match=r"nlu\.yml:3: broken YAML"):
        read_catalogue({"nlu.yml": "nlu:\n- intent: [\n"})


def test_the_seed_has_no_problems_and_enough_examples() -> None:
    documents = {path.name: path.read_text("utf-8") for path in sorted(SEED.glob("*.yml"))}

    catalogue = read_catalogue(documents)

    assert catalogue.problems() == ()
    assert len(catalogue.intents) >= 46
    by_intent = [one.intent for one in catalogue.examples()]
    assert min(by_intent.count(name) for name in catalogue.intents) >= 25


# One line of text without what would make it an annotation, or another example by its punctuation alone.
LINES = (
    st.text(
        st.characters(
            exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="[]\ufeff\ufffe\uffff"
        ),
        min_size=1,
        max_size=30,
    )
    .map(str.strip)
    .filter(bool)
)
NAMES = st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True)


@given(st.dictionaries(NAMES, st.lists(LINES, min_size=1, max_size=4), min_size=1, max_size=4))
def test_whatever_is_written_is_read_back(intents: dict[str, list[str]]) -> None:
    blocks = [
        f"- intent: '{name}'\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
        for name, texts in intents.items()
    ]
    document = 'version: "3.1"\nnlu:\n' + "".join(blocks)

    catalogue = read_catalogue({"nlu.yml": document})

    assert catalogue.documents() == {"nlu.yml": document}
    found = [(one.intent, one.text) for one in catalogue.examples()]
    assert found == [(name, text) for name, texts in intents.items() for text in texts]
    rows = document.split("\n")
    assert all(one.text in rows[one.line - 1] for one in catalogue.examples())


@given(LINES)
def test_adding_and_removing_an_example_leaves_no_trace(text: str) -> None:
    catalogue = a_catalogue()
    if text in {one.text for one in catalogue.examples()}:
        return

    changed = catalogue.with_example("order_status", text)

    assert text in {one.text for one in changed.examples()}
    assert changed.without_example("order_status", text).documents() == DOCUMENTS
