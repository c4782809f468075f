"""What a step of tuning for search draws and punishes, with a tiny random encoder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.tiny_bert import write_tiny_bert
from tests.training.tiny_pairs import WORDS, write_feedbackqa
from training.lora import load_base
from training.search_data import OWN, PairSet, read_pair_sets
from training.search_lessons import SearchCourse, SearchLesson
from training.search_tuning import SearchRecipe, SearchTuner, pair_loss
from training.sentiment_encoding import load_tokenizer

_RECIPE = SearchRecipe(
    seed=3,
    steps=60,
    learning_rate=5e-3,
    frozen_layers=0,
    questions=8,
    scale=20.0,
    precision="fp32",
)


def sets_of(folder: Path) -> tuple[PairSet, ...]:
    return read_pair_sets(write_feedbackqa(folder), leave=[OWN])


def a_lesson(folder: Path, pairs: PairSet) -> SearchLesson:
    base = write_tiny_bert(folder / "base", words=WORDS)
    return SearchLesson.of(pairs, load_base(base), load_tokenizer(base, 24))


def test_each_question_comes_with_a_passage_that_answers_and_one_that_does_not(
    tmp_path: Path,
) -> None:
    cdc, _ = sets_of(tmp_path)
    lesson = a_lesson(tmp_path, cdc)

    drawn = lesson.draw(5, np.random.default_rng(0))

    answers = {one.text: cdc.passages[min(one.relevant)].head for one in cdc.tuned_on}
    assert len(drawn.questions) == 5
    assert not drawn.is_right.all(axis=0).any()
    assert len({*drawn.heads}) == len(drawn.heads)
    assert 3 <= len(drawn.heads) <= 10
    assert drawn.is_right.shape == (5, len(drawn.heads))
    for question, row in zip(drawn.questions, drawn.is_right, strict=True):
        right = [head for head, is_right in zip(drawn.heads, row, strict=True) if is_right]
        assert right == [answers[question]]


def test_what_nearly_answers_is_never_what_answers(tmp_path: Path) -> None:
    cdc, _ = sets_of(tmp_path)

    lesson = a_lesson(tmp_path, cdc)

    assert lesson.hardest.shape == (len(cdc.tuned_on), 6)
    for hardest, right in zip(lesson.hardest, lesson.relevant, strict=True):
        assert not right & set(hardest.tolist())


def test_a_piece_is_the_one_nearest_to_its_question(tmp_path: Path) -> None:
    cdc, _ = sets_of(tmp_path)
    far, near = "bad awful lovely " * 40, "where is my parcel at home"
    (first, *others) = cdc.passages
    long = replace(first, body=f"{far} {near}")

    lesson = a_lesson(tmp_path, replace(cdc, passages=(long, *others)))

    assert len(lesson.pieces[0]) == 2
    assert set(lesson.nearest[:, 1:].ravel().tolist()) == {0}
    assert set(lesson.nearest[:, 0].tolist()) <= {0, 1}


def test_same_chance_draws_the_same_and_a_large_set_comes_up_more_often(tmp_path: Path) -> None:
    base = write_tiny_bert(tmp_path / "base", words=WORDS)
    course = SearchCourse.of(sets_of(tmp_path), load_base(base), load_tokenizer(base, 24))

    first, again, other = (course.draw(4, np.random.default_rng(seed)) for seed in (5, 5, 6))

    assert first.questions == again.questions
    assert first.pieces == again.pieces
    assert first.questions != other.questions
    assert course.shares.tolist() == [pytest.approx(0.4), pytest.approx(0.6)]


def test_loss_counts_all_passages_that_answer_together() -> None:
    scores = torch.tensor([[1.0, 1.0, -9.0]])

    one = pair_loss(scores, torch.tensor([[True, False, False]])).item()
    two = pair_loss(scores, torch.tensor([[True, True, False]])).item()

    assert one == pytest.approx(np.log(2), abs=1e-3)
    assert two == pytest.approx(0, abs=1e-3)


def test_tuning_brings_questions_nearer_to_what_answers_them(tmp_path: Path) -> None:
    base = write_tiny_bert(tmp_path / "base", words=WORDS)
    encoder, tokenizer = load_base(base), load_tokenizer(base, 24)
    course = SearchCourse.of(sets_of(tmp_path), encoder, tokenizer)
    tuner = SearchTuner(encoder, tokenizer, course, _RECIPE, "these")

    losses = tuner.run(tmp_path / "checkpoint.pt", lambda _done, _what: None)

    assert len(losses) == 3
    assert losses[-1] < 0.7 * losses[0]
