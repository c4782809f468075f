from datetime import date

import pytest

from knowledge_base.article import read_article, read_articles
from knowledge_base.errors import ArticleError

GOOD = """---
title: How do I pay?
topic: payments
questions:
  - which cards do you take
  - "can I use PayPal: yes or no"
updated: 2026-10-05
---

By card. See [returns](/help/returns).

## Later

Pay in 3.
"""
OTHER = """---
title: Can I return it?
topic: returns
updated: 2026-10-05
---
Yes.
"""


def test_an_article_is_read_with_all_it_says() -> None:
    article = read_article("payments/how-to-pay.md", GOOD)

    assert article.slug == "how-to-pay"
    assert article.title == "How do I pay?"
    assert article.questions == ("which cards do you take", "can I use PayPal: yes or no")
    assert article.updated == date(2026, 10, 5)
    assert article.body.startswith("By card.")
    assert article.body.endswith("Pay in 3.")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (GOOD.replace("title: How do I pay?\n", ""), 1, "no title"),
        (GOOD.replace("topic: payments", "topic:"), 3, "no topic"),
        (GOOD.replace("2026-10-05", "soon"), 7, "no date"),
        (GOOD.replace("title:", "title: a: b"), 2, "not YAML"),
        ("By card.", 1, "no front matter"),
        ("---\ntitle: a\n", 1, "does not end"),
        ("---\n- a\n---\nText.", 1, "not a list of"),
        (GOOD.split("\nBy card", maxsplit=1)[0], 9, "is empty"),
        (
            GOOD.replace("By card. See [returns](/help/returns).\n\n", ""),
            9,
            "begins with a heading",
        ),
        (
            GOOD.replace("questions:\n  - which", "questions: which\nx:\n  - which"),
            4,
            "not a list of texts",
        ),
    ],
)
def test_a_broken_article_is_refused_with_file_line_and_remedy(
    text: str, line: int, what: str
) -> None:
    with pytest.raises(ArticleError) as refused:
        read_article("payments/how-to-pay.md", text)

    assert str(refused.value).startswith(f"payments/how-to-pay.md:{line}: ")
    assert what in str(refused.value)


def test_a_file_name_that_is_no_address_is_refused() -> None:
    with pytest.raises(ArticleError, match="no address"):
        read_article("payments/How To Pay.md", GOOD)


def test_articles_that_fit_together_are_read_in_order() -> None:
    articles = read_articles({"z/returns.md": OTHER, "payments/how-to-pay.md": GOOD})

    assert [article.slug for article in articles] == ["how-to-pay", "returns"]


def test_all_problems_are_told_at_once() -> None:
    documents = {
        "a/how-to-pay.md": GOOD,
        "b/how-to-pay.md": GOOD.replace("How do I pay?", "Paying").replace(
            "which cards", "what cards"
        ),
        "c/broken.md": "no front matter",
    }

    with pytest.raises(ArticleError) as refused:
        read_articles(documents)

    told = str(refused.value).splitlines()
    assert any("b/how-to-pay.md:1: a/how-to-pay.md has the same name" in one for one in told)
    assert any("same question 'can I use PayPal: yes or no'" in one for one in told)
    assert any(one.startswith("c/broken.md:1:") for one in told)


def test_a_link_to_a_missing_article_is_refused_with_its_line() -> None:
    with pytest.raises(
        ArticleError, match=r"how-to-pay.md:10: the link /help/returns leads nowhere"
    ):
        read_articles({"how-to-pay.md": GOOD})
