from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.article import Article
from knowledge_base.chunking import EntryKind, cut, entries_of, plain, searchable

ARTICLE = Article(
    slug="returns",
    title="Can I return it?",
    topic="returns",
    questions=("send back", "is it too late"),
    updated=date(2026, 10, 5),
    body="Yes, within **60 days**.\n\n## How\n\nThese ways:\n\n- by [post](/help/post)\n- in a store\n\n## Not taken\n\nGas.",
    path="returns.md",
)
_LINES = st.sampled_from(
    [
        "Words here.",
        "More of them:",
        "- a",
        "- b",
        "",
        "",
        "## Head",
        "| a | b |",
        "```",
        "1. one",
        "  indented",
    ]
)


def test_the_opening_and_each_section_are_passages() -> None:
    passages = cut(ARTICLE)

    assert [passage.passage_id for passage in passages] == ["returns#0", "returns#1", "returns#2"]
    assert [passage.heading for passage in passages] == ["", "How", "Not taken"]
    assert passages[1].text == "These ways:\n\n- by [post](/help/post)\n- in a store"


def test_a_long_section_is_cut_between_paragraphs() -> None:
    paragraphs = [f"Paragraph {n} " + "word " * 30 for n in range(6)]
    article = replace(ARTICLE, body="\n\n".join(p.strip() for p in paragraphs))

    passages = cut(article, max_characters=400)

    assert len(passages) > 1
    assert all(len(passage.text) <= 400 for passage in passages)


def test_a_colon_keeps_its_list() -> None:
    items = "\n".join(f"- item {n} of the list" for n in range(10))
    article = replace(
        ARTICLE, body="Filler. " * 20 + "\n\nBring these:\n\n" + items + "\n\nThe end."
    )

    passages = cut(article, max_characters=200)

    holder = next(passage for passage in passages if "Bring these:" in passage.text)
    assert "item 9" in holder.text


@given(st.lists(_LINES, max_size=25), st.integers(20, 200))
def test_every_passage_stands_in_the_article_word_for_word(lines: list[str], limit: int) -> None:
    body = "\n".join(["Opening.", *lines])

    passages = cut(replace(ARTICLE, body=body), max_characters=limit)

    at = 0
    for passage in passages:
        at = body.index(passage.text, at) + len(passage.text)
    words = [w for line in lines if not line.startswith("##") for w in line.split()]
    kept = " ".join(passage.text for passage in passages).split()
    assert all(word in kept for word in words)


def test_an_article_is_found_by_passages_title_and_questions() -> None:
    entries = entries_of(ARTICLE, cut(ARTICLE))

    kinds = [entry.kind for entry in entries]
    assert kinds == [EntryKind.PASSAGE] * 3 + [EntryKind.TITLE] + [EntryKind.QUESTION] * 2
    assert {entry.passage_id for entry in entries[3:]} == {"returns#0"}


def test_models_see_title_heading_and_text_without_marks() -> None:
    seen = searchable(cut(ARTICLE)[1])

    assert seen == "Can I return it?. How\nThese ways: by post in a store"
    assert plain("**60 days**, see [post](/help/post)") == "60 days , see post"
