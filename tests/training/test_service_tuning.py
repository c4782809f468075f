"""Episodes, typos and losses of the service encoder's tuning, with a tiny random encoder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.tiny_bert import write_tiny_bert
from tests.training.tiny_intent_sets import WORDS, write_banking, write_clinc, write_nlu
from training.lora import load_base
from training.sentiment_encoding import load_tokenizer
from training.service_data import read_sets
from training.service_episodes import Course, as_hasty, mistyped
from training.service_own import OWN
from training.service_tuning import ServiceRecipe, ServiceTuner, prototype_loss, proxy_loss


def _chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def a_course(folder: Path) -> Course:
    for write in (write_clinc, write_banking, write_nlu):
        write(folder)
    base = write_tiny_bert(folder / "base", words=WORDS)
    return Course(read_sets(folder, seed=7, leave=[OWN]), load_base(base), load_tokenizer(base, 16))


_RECIPE = ServiceRecipe(
    seed=3,
    steps=300,
    learning_rate=3e-3,
    frozen_layers=0,
    intents=4,
    utterances=4,
    scale=20.0,
    fidelity=0.0,
    typo_share=0.0,
    precision="fp32",
)


def test_typo_changes_a_letter_or_two_and_keeps_the_first() -> None:
    chance = _chance()

    typed = [mistyped("where is my parcel", chance) for _ in range(50)]

    assert {len(text) for text in typed} == {17, 18, 19}
    assert all(text[0] == "w" for text in typed)


def test_haste_leaves_most_texts_alone_and_none_blank() -> None:
    chance = _chance()

    texts = [as_hasty("Where is it, please?", 0.12, chance) for _ in range(1000)]
    dots = [as_hasty("?!", 0.5, chance) for _ in range(50)]

    untouched = texts.count("Where is it, please?")
    assert 700 <= untouched <= 800
    assert 90 <= texts.count("Where is it please") <= 170
    assert set(dots) == {"?!"}


def test_episode_tells_intents_of_one_set_apart(tmp_path: Path) -> None:
    course = a_course(tmp_path)

    episode = course.draw(3, 4, _chance())

    lesson = course.lessons[episode.number]
    for place, intent in zip(episode.places, episode.intents, strict=True):
        names = lesson.names[intent : intent + 1]
        assert place in (*lesson.utterances[intent], *names)
    assert sorted(set(episode.groups)) == list(range(len(set(episode.intents))))
    assert len(set(zip(episode.groups, episode.intents, strict=True))) == len(set(episode.groups))


def test_set_with_few_intents_gives_more_utterances_of_each(tmp_path: Path) -> None:
    course = a_course(tmp_path)

    counts = {
        len(course.lessons[one.number].utterances): one.groups.count(0)
        for one in (course.draw(8, 2, _chance(seed)) for seed in range(40))
    }

    assert counts == {4: 4, 3: 5, 2: 8}


def test_names_serve_as_examples_only_where_they_say_something(tmp_path: Path) -> None:
    course = a_course(tmp_path)

    drawn = [course.draw(4, 4, _chance(seed)) for seed in range(40)]

    named = {one.number for one in drawn if {*one.places} & {*course.lessons[one.number].names}}
    assert named == {0, 1}
    assert course.lessons[2].names == ()
    names = [course.texts[place] for place in course.lessons[1].names]
    assert names == ["card code", "card stolen", "card price"]


def test_same_chance_draws_the_same(tmp_path: Path) -> None:
    course = a_course(tmp_path)

    assert course.draw(3, 4, _chance(5)) == course.draw(3, 4, _chance(5))
    assert course.draw(3, 4, _chance(5)) != course.draw(3, 4, _chance(6))


def test_proxy_loss_is_lower_at_the_own_proxy() -> None:
    proxies = torch.eye(3)
    near, far = torch.tensor([[1.0, 0, 0]]), torch.tensor([[0, 1.0, 0]])

    losses = [proxy_loss(one, proxies, torch.tensor([0]), 20.0).item() for one in (near, far)]

    assert losses[0] < 1 < losses[1]


def test_prototype_loss_leaves_the_utterance_itself_out_of_its_mean() -> None:
    together = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]])
    # Each lies at a right angle to its partner: with itself in the mean it would be near to that.
    apart = torch.tensor([[1.0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]])
    groups = torch.tensor([0, 0, 1, 1])

    near, far = (prototype_loss(one, groups, 20.0).item() for one in (together, apart))

    assert near < 1
    assert far > 5


def test_only_matrices_of_the_upper_layers_change(tmp_path: Path) -> None:
    write_clinc(tmp_path)
    base = write_tiny_bert(tmp_path / "base", words=WORDS)
    before, tuned = dict(load_base(base).named_parameters()), load_base(base, dropout=0.1)
    sets = read_sets(tmp_path, seed=7, leave=[OWN])

    recipe = replace(_RECIPE, steps=5, frozen_layers=1)
    tuner = ServiceTuner(tuned, load_tokenizer(base, 16), sets, recipe, "test")
    tuner.run(tmp_path / "checkpoint.pt", lambda _done, _what: None)

    changed = {name for name, one in tuned.named_parameters() if not one.equal(before[name])}
    attention = [f"attention.self.{kind}" for kind in ("query", "key", "value")]
    others = ["attention.output.dense", "intermediate.dense", "output.dense"]
    assert changed == {f"encoder.layer.1.{kind}.weight" for kind in (*attention, *others)}


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_loss_falls(tmp_path: Path, precision: str) -> None:
    write_clinc(tmp_path)
    base = write_tiny_bert(tmp_path / "base", words=WORDS)
    sets, tokenizer = read_sets(tmp_path, seed=7, leave=[OWN]), load_tokenizer(base, 16)

    recipe = replace(_RECIPE, precision=precision)
    tuner = ServiceTuner(load_base(base), tokenizer, sets, recipe, "test")
    losses = tuner.run(tmp_path / "checkpoint.pt", lambda _done, _what: None)

    assert len(losses) == 3
    assert losses[-1] < 0.8 * losses[0]
