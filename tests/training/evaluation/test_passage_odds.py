"""From scores of a search to the probability that its first passage answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.evaluation.tiny_models import WordEncoder
from training.encodings import CachedEncoder
from training.errors import DatasetError
from training.evaluation import searchers
from training.evaluation.passage_odds import Odds, fit_odds, signs_of
from training.evaluation.passage_search import HybridSearch, measure_search, tuned_search
from training.evaluation.passages import Asked, Passage, PassageSet
from training.evaluation.search_doors import compare, recipes_over, shipped_adapters
from training.evaluation.searchers import (
    Searcher,
    read_searcher,
    read_searchers,
    taught_searches,
)

_ODDS = Odds(best=1.0, lead=8.0, share=0.5, bias=-1.0)
_ALWAYS = Odds(0.0, 0.0, 0.0, 50.0)
_NEVER = Odds(0.0, 0.0, 0.0, -50.0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A search whose first passage is right about as often as it leads."""

    table: NDArray[np.float32]

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> NDArray[np.float32]:
        return self.table


def a_set() -> PassageSet:
    passages = tuple(
        Passage(str(n), f"about {thing}", f"{thing} and more of {thing}")
        for n, thing in enumerate(("parcels", "tents", "cards", "boots"))
    )
    asked = [("where are my parcels", 0), ("tents for two", 1), ("cards", 2), ("boots", 3)]
    return PassageSet(passages, tuple(Asked(text, frozenset({n})) for text, n in asked))


def passages_under(*heads: str) -> tuple[Passage, ...]:
    return tuple(Passage(str(n), head, f"text {n}") for n, head in enumerate(heads))


def a_searcher(folder: Path, sets: set[str], questions: int, seed: int = 7) -> Searcher:
    encoder = CachedEncoder(WordEncoder(), folder / f"{questions}.npz")
    return Searcher(encoder, frozenset(sets), questions, _ODDS, seed)


def test_a_clear_lead_is_more_probable_than_a_tie() -> None:
    scores = np.array([[0.9, 0.2, 0.1], [0.9, 0.9, 0.1], [0.1, 0.1, 0.1]], dtype=np.float32)

    clear, tied, faint = _ODDS.probabilities(passages_under("a", "b", "c"), scores)

    assert 1 > clear > tied > faint > 0


def test_signs_do_not_depend_on_the_order_of_passages_and_a_single_one_leads_by_nothing() -> None:
    row = np.array([[0.7, 0.1, 0.4]], dtype=np.float32)

    three, one = passages_under("a", "b", "c"), passages_under("a")
    np.testing.assert_allclose(signs_of(three, row), signs_of(three, row[:, ::-1]))
    np.testing.assert_allclose(signs_of(one, row[:, :1]), [[0.7, 0.0, 0.0]], atol=1e-6)


def test_passages_under_one_head_are_no_rivals() -> None:
    row = np.array([[0.7, 0.1, 0.7]], dtype=np.float32)

    tied, alone = (
        _ODDS.probabilities(passages_under(*heads), row)
        for heads in (("a", "b", "c"), ("a", "b", "a"))
    )

    assert alone[0] > tied[0]
    np.testing.assert_allclose(alone, _ODDS.probabilities(passages_under("a", "b"), row[:, :2]))


def test_fitted_odds_are_as_often_right_as_they_say() -> None:
    chance = np.random.default_rng(0)
    leads = chance.random(4_000)
    table = np.stack([leads, np.zeros_like(leads)], axis=1).astype(np.float32)
    right = np.where(chance.random(4_000) < 0.2 + 0.6 * leads, 0, 1)
    asked = tuple(Asked("q", frozenset({int(one)})) for one in right)
    found = PassageSet((Passage("0", "a", ""), Passage("1", "b", "")), asked)

    odds = fit_odds(Drawn(table), [found])

    sure = odds.probabilities(found.passages, table)
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        inside = (leads >= low) & (leads < high)
        assert sure[inside].mean() == pytest.approx((right[inside] == 0).mean(), abs=0.05)


def test_a_search_that_was_always_right_is_not_quite_sure() -> None:
    search = HybridSearch(WordEncoder())

    odds = fit_odds(search, [a_set()])

    found = a_set()
    scores = search.scores(found.passages, [one.text for one in found.questions])
    sure = odds.probabilities(found.passages, scores)
    assert ((sure > 0.6) & (sure < 0.99)).all()


def test_calibration_error_is_scored_where_there_are_odds() -> None:
    found = a_set()

    plain = measure_search(HybridSearch(WordEncoder()), found).scores
    surely = measure_search(tuned_search(WordEncoder(), _ALWAYS), found).scores
    never = measure_search(tuned_search(WordEncoder(), _NEVER), found).scores

    assert plain.ece is None
    assert surely.recall_at_1 == 1.0
    assert surely.ece == pytest.approx(0.0, abs=1e-6)
    assert never.ece == pytest.approx(1.0, abs=1e-6)


def test_a_public_set_is_asked_of_the_encoder_that_learned_most_of_those_that_never_saw_it(
    tmp_path: Path,
) -> None:
    every = a_searcher(tmp_path, {"FeedbackQA CDC", "FeedbackQA WHO"}, 300)
    no_who, no_cdc, nothing = (
        a_searcher(tmp_path, sets, count)
        for sets, count in (({"FeedbackQA CDC"}, 200), ({"FeedbackQA WHO"}, 100), (set(), 50))
    )

    _, search = taught_searches((every, no_who, no_cdc, nothing))

    for name, wanted in (
        ("StackFAQ", every),
        ("FeedbackQA WHO", no_who),
        ("FeedbackQA CDC", no_cdc),
    ):
        (fitted,) = search.trials(name)
        assert fitted.encoder is wanted.encoder


def test_encoders_that_learned_the_same_with_other_seeds_are_measured_as_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "8").mkdir()
    seven, eight = a_searcher(tmp_path, set(), 200), a_searcher(tmp_path / "8", set(), 200, 8)
    less = a_searcher(tmp_path, set(), 100)
    sure, unsure = replace(seven, odds=_ALWAYS), replace(eight, odds=_NEVER)

    alone = compare(recipes_over(WordEncoder(), [sure]), a_set(), "StackFAQ")["hybrid"]
    found = compare(recipes_over(WordEncoder(), [sure, unsure, less]), a_set(), "StackFAQ")
    again = compare(recipes_over(WordEncoder(), [sure, replace(unsure, seed=7)]), a_set())

    assert len(alone.trials) == 1
    assert again["hybrid"].trials == alone.trials
    assert len(found["hybrid"].trials) == 2
    assert len(found["BM25 alone"].trials) == 1
    assert alone.scores.ece == pytest.approx(0.0, abs=1e-6)
    assert found["hybrid"].scores.ece == pytest.approx(0.5, abs=1e-6)
    assert found["hybrid"].scores.recall_at_1 == alone.scores.recall_at_1


def test_a_search_that_has_seen_the_set_is_left_out(tmp_path: Path) -> None:
    recipes = recipes_over(WordEncoder(), [a_searcher(tmp_path, {"FeedbackQA CDC"}, 10)])

    public, own = compare(recipes, a_set(), "FeedbackQA CDC"), compare(recipes, a_set())

    assert list(public) == ["BM25 alone", "encodings alone", "hybrid, untuned encoder"]
    assert list(own) == [*public, "tuned encodings", "hybrid"]
    assert own["hybrid"].scores.ece is not None


def test_an_encoder_that_somebody_named_is_searched_with_alone() -> None:
    recipes = recipes_over(WordEncoder())

    assert [one.name for one in recipes] == ["BM25 alone", "encodings alone", "hybrid"]
    assert shipped_adapters("BAAI/bge-small-zh-v1.5") == ()


def test_the_search_adapter_that_ships_says_what_it_has_seen(tmp_path: Path) -> None:
    (folder,) = shipped_adapters("sentence-transformers/all-MiniLM-L6-v2 + service")

    found = read_searcher(folder, CachedEncoder(WordEncoder(), tmp_path / "a.npz"))

    assert found.sets == {"FeedbackQA CDC", "FeedbackQA WHO", "own articles"}
    assert found.questions > 2_000
    assert found.odds.lead > 0


async def test_nothing_is_exported_from_a_folder_that_is_no_search_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manifest.json").write_text('{"kind": "kefu-intents"}')
    exported: list[Path] = []
    monkeypatch.setattr(
        searchers, "exported_with", lambda _cache, folders: exported.extend(folders)
    )

    with pytest.raises(DatasetError, match=r"not that of a search adapter.*kefu train retrieval"):
        await read_searchers(tmp_path, [tmp_path])

    assert exported == []


def test_a_folder_that_is_no_search_adapter_is_refused(tmp_path: Path) -> None:
    for name, content in (("intents", '{"sets": []}'), ("search", '{"searches": [], "odds": {}}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(content)
    encoder = CachedEncoder(WordEncoder(), tmp_path / "a.npz")

    for name in ("intents", "search", "absent"):
        with pytest.raises(DatasetError, match="kefu train retrieval"):
            read_searcher(tmp_path / name, encoder)
