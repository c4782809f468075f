"""A draft's documents are checked as a whole; what did not change is not read again, and still told."""

import pytest

from bot.checking import Checker, check_documents
from bot.seed import seed_documents

ROUTES = "catalogue/routes.yml"
NLU = "catalogue/nlu_orders.yml"
ARTICLE = "articles/orders/cancel-order.md"


def test_the_seed_holds() -> None:
    assert check_documents(seed_documents()) == ()


@pytest.mark.parametrize(
    ("path", "before", "after", "problem"),
    [
        (ROUTES, "{search: delivery, title: what delivery costs}", "{search: x, title: y}", "'x'"),
        (ROUTES, "  greet: {say", "  greeet: {say", "'greeet' has a route but no examples"),
        (NLU, 'version: "3.1"', 'version: "9.0"', f"{NLU}:1"),
        (ARTICLE, "title: How do I cancel my order?", "titel: x", f"{ARTICLE}:"),
    ],
)
def test_a_problem_is_told_and_told_again(path: str, before: str, after: str, problem: str) -> None:
    documents = seed_documents()
    assert before in documents[path]
    broken = {**documents, path: documents[path].replace(before, after, 1)}
    checker = Checker()
    assert checker.check(documents) == ()

    first, second = checker.check(broken), checker.check(broken)

    assert any(problem in line for line in first)
    assert first == second
    assert checker.check(documents) == ()


@pytest.mark.parametrize("path", ["notes.txt", "catalogue/colours.yml", "article/a.md"])
def test_a_file_that_nothing_reads_is_told(path: str) -> None:
    (problem,) = check_documents({**seed_documents(), path: "colours: [red]\n"})

    assert problem.startswith(f"{path}:1: ")


def test_a_missing_file_is_told() -> None:
    documents = {path: text for path, text in seed_documents().items() if path != ROUTES}

    assert any(line.startswith(ROUTES) for line in check_documents(documents))
