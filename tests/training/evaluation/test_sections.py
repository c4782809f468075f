"""Every kind of report has its pictures, and says of every table where it comes from."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests.training.evaluation.test_page import texts_of
from tests.training.evaluation.tiny_models import WordEncoder, examples
from training.evaluation.cross_validation import cross_validate
from training.evaluation.page import Provenance
from training.evaluation.passage_odds import Odds
from training.evaluation.passage_search import Searched, WordSearch, measure_search, tuned_search
from training.evaluation.passages import Asked, PassageSet, passage_of
from training.evaluation.recipes import EncoderRecipe
from training.evaluation.scores import Scores, score_sentiments
from training.evaluation.search_doors import search_section
from training.evaluation.sections import findings_section, tiles_of
from training.evaluation.sentiment_section import sentiment_section
from training.sentiment_data import NEGATIVE, NEUTRAL, POSITIVE, LabelledUtterance

SOURCE = Provenance("shop.csv", "five parts", "tiny", 7, "2026-11-23", "kefu evaluate nlu")
SENTENCES = (("bad", NEGATIVE), ("so so", NEUTRAL), ("good", POSITIVE), ("great", POSITIVE))
SHARES = np.array(
    [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.1, 0.7], [0.6, 0.1, 0.3]], dtype=np.float32
)


def some_passages(count: int) -> PassageSet:
    passages = tuple(passage_of(str(n), f"about thing{n}") for n in range(count))
    asked = tuple(Asked(f"thing{n}", frozenset({(n + n % 2) % count})) for n in range(count))
    return PassageSet(passages, asked)


def told(searched: Sequence[float]) -> list[float]:
    return [round(share, 2) for share in searched]


def test_a_search_shows_what_is_found_among_the_first_and_how_sure_it_is() -> None:
    found = some_passages(4)
    searches = (WordSearch(), tuned_search(WordEncoder(), Odds(1.0, 1.0, 1.0, 0.0), "hybrid"))
    searched = {one.name: measure_search(one, found) for one in searches}

    section = search_section("Search", "tiny", found, searched, SOURCE)

    first, sure = section.figures
    assert (first.title, sure.title) == ("Found among the first", "Reliability")
    assert texts_of(first.svg)[-2:] == ["hybrid", "BM25 alone"]
    assert "kefu evaluate nlu" in first.caption
    titles = [one.text or "" for one in ET.fromstring(sure.svg).iter("title")]  # noqa: S314 - ours
    assert sum(int(title.split()[-2]) for title in titles) == 4
    assert all(title.endswith("questions") for title in titles)
    assert section.notes == (SOURCE.caption,)


def test_recall_grows_with_the_passages_looked_at() -> None:
    found = some_passages(4)

    searched = measure_search(WordSearch(), found)

    assert told(searched.recalls)[0] == searched.scores.recall_at_1 == 0.5
    assert list(searched.recalls) == sorted(searched.recalls)
    assert searched.recalls[-1] == 1.0
    assert searched.is_right.tolist() == [True, False, True, False]


def test_every_search_that_is_compared_has_a_curve_and_a_colour_of_its_own() -> None:
    one = Searched((Scores(2),), (0.5, 1.0), np.array([True, False]))
    names = ["BM25 alone", "encodings alone", "untuned", "tuned encodings", "hybrid"]

    section = search_section("S", "m", some_passages(2), dict.fromkeys(names, one), SOURCE)

    (figure,) = section.figures
    assert texts_of(figure.svg)[-5:] == names[::-1]
    assert len({part for part in figure.svg.split('"') if part.startswith("fill:var")}) == 5


def test_a_single_passage_has_no_curve() -> None:
    found = some_passages(1)

    section = search_section("S", "m", found, {"w": measure_search(WordSearch(), found)}, SOURCE)

    assert section.figures == ()


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        (SENTENCES, ["1", "0", "0", "0", "1", "0", "1", "0", "1"]),
        (SENTENCES[::2], ["1", "0", "0", "1"]),
    ],
)
def test_sentiment_shows_its_matrix_and_what_is_wrong_among_the_surest(
    rows: tuple[tuple[str, int], ...], counts: list[str]
) -> None:
    utterances = tuple(LabelledUtterance(*row) for row in rows)
    shares = SHARES if len(rows) == 4 else SHARES[::2]
    scores = score_sentiments([["negative", "neutral", "positive"][k] for _, k in rows], shares)

    section = sentiment_section(utterances, shares, scores, SOURCE)

    titles = [figure.title for figure in section.figures]
    assert titles == ["Reliability", "Risk and coverage", "Confusion matrix"]
    drawn = [one for one in texts_of(section.figures[2].svg) if one.isdigit()]
    assert drawn == [one for one in counts if one != "0"]
    assert all(figure.caption == SOURCE.caption for figure in section.figures)
    assert section.notes == (SOURCE.caption,)
    mistakes = [row for table in section.tables[1:] for row in table.rows]
    assert mistakes == ([("great", "positive", "negative", "0.60")] if len(rows) == 4 else [])


def test_what_to_look_at_says_where_it_comes_from() -> None:
    recipe = EncoderRecipe("tiny", WordEncoder())
    found = cross_validate(recipe, examples(), seed=7, report=lambda _share, _word: None)

    assert findings_section(found, [], [], SOURCE).notes == (SOURCE.caption,)


def test_strangers_are_named_only_where_some_were_measured() -> None:
    without = tiles_of(Scores(n=4, accuracy=0.75))
    strangers = tiles_of(Scores(n=4, accuracy=0.75, oos_auroc=0.9))

    assert [tile.note for tile in without[:1]] == ["answered right"]
    assert [tile.note for tile in strangers[:1]] == [
        "answered right, out of scope among the answers"
    ]
