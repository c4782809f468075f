import pytest

from knowledge_base.errors import ArticleError
from knowledge_base.store import ArticleStore, fingerprint, seed_articles
from tests.knowledge_base.small_base import documents


def test_articles_are_found_by_slug_and_topic() -> None:
    store = ArticleStore(documents())

    found = store.find("gift-card")

    assert found is not None
    assert found.title == "How do I use a gift card?"
    assert store.find("nowhere") is None
    assert store.topics() == ("care", "gift-cards", "returns", "stores")
    assert [article.slug for article in store.of_topic("returns")] == ["refund"]


def test_the_fingerprint_changes_with_every_letter_and_name() -> None:
    files = documents()
    changed = {**files, "refund.md": files["refund.md"] + " "}
    renamed = {("money.md" if path == "refund.md" else path): text for path, text in files.items()}

    prints = {fingerprint(each) for each in (files, changed, renamed)}

    assert len(prints) == 3
    assert fingerprint(dict(reversed(files.items()))) == fingerprint(files)


def test_a_broken_article_is_refused() -> None:
    with pytest.raises(ArticleError, match=r"refund\.md:1"):
        ArticleStore({**documents(), "refund.md": "no front matter"})


def test_the_seed_is_in_order() -> None:
    store = ArticleStore(seed_articles())

    assert len(store.articles) >= 70
    assert store.find("refund-time") is not None
