"""What follows from a kept fit is what a fresh one gives, and what is kept is whole or made again."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from intents.calibration import ScoreLink
from intents.change import HeadChange, WeightChange
from intents.classifier import Detector, KernelIntentHead
from training.guard import fit_guard
from training.instant import InstantFitter
from training.kept_file import read_kept
from training.kept_fit import KeptFit, keep_fit
from training.kernel import fit_kernel
from training.lesson import Lesson, Weights

Changed = Callable[[Lesson], Lesson]

DIM = 16
ROWS = 600  # more than a block of the factor
KILLED = """
import os, signal, sys
from pathlib import Path
from training.kept_file import write_kept

def die(numbers):
    numbers[:] = 1.0
    os.kill(os.getpid(), signal.SIGKILL)

write_kept(Path(sys.argv[1]), 5000, die)
"""


def unit(rows: int, seed: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(rows, DIM))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


def a_lesson(rows: int = ROWS, *, backdrop: int = 0) -> Lesson:
    intents = ("cancel", "greet", "pay", "out_of_scope")
    names = tuple(intents[number % 4] for number in range(rows))
    return Lesson(unit(rows, 1), names, unit(backdrop, 2), 1.0, 0.1)


def with_example(lesson: Lesson, name: str, seed: int = 5) -> Lesson:
    return replace(
        lesson,
        vectors=np.concatenate([lesson.vectors[:9], unit(1, seed), lesson.vectors[9:]]),
        names=(*lesson.names[:9], name, *lesson.names[9:]),
    )


def without_examples(lesson: Lesson, *places: int) -> Lesson:
    kept = [number for number in range(len(lesson.names)) if number not in places]
    return replace(
        lesson, vectors=lesson.vectors[kept], names=tuple(lesson.names[place] for place in kept)
    )


def moved(lesson: Lesson, place: int, name: str) -> Lesson:
    return replace(lesson, names=(*lesson.names[:place], name, *lesson.names[place + 1 :]))


def doubled(lesson: Lesson) -> Lesson:
    return replace(
        lesson,
        vectors=np.concatenate([lesson.vectors[:1], lesson.vectors]),
        names=(lesson.names[0], *lesson.names),
    )


def several(lesson: Lesson) -> Lesson:
    changed = with_example(with_example(lesson, "hire"), "hire", seed=6)
    return moved(without_examples(changed, 0, 100, 300), 30, "pay")


def fresh(lesson: Lesson) -> Weights:
    columns = lesson.columns
    targets = np.eye(len(columns), dtype=np.float32)[[columns.index(name) for name in lesson.names]]
    how = {"sharpness": lesson.sharpness, "ridge": lesson.ridge}
    head = fit_kernel(lesson.vectors, targets, sharpness=lesson.sharpness, ridge=lesson.ridge)
    guard = fit_guard((lesson.vectors, targets), lesson.backdrop, **how)
    return Weights(head.weights, guard.weights)


@dataclass(frozen=True)
class Followed(Weights):
    changes: int


def applied(kept: KeptFit, change: WeightChange, lesson: Lesson) -> Followed:
    """Change the head of a kept fit as a server would."""
    nothing = (ScoreLink(1.0, 1.0, 0.0), Detector(np.zeros(9, dtype=np.float32), 0.0))
    names, rows = kept.lesson.columns[:-1], len(kept.lesson.names)
    head = KernelIntentHead(names, kept.vectors, kept.head, rows, 1.0, *nothing, kept.guard)
    changed = HeadChange(lesson.columns[:-1], len(lesson.names), *nothing, change).apply(head)
    assert np.array_equal(changed.examples[: len(lesson.names)], lesson.vectors)
    return Followed(changed.weights, changed.guard, change.count)


def weights_of(fitter: InstantFitter, lesson: Lesson) -> Followed:
    return applied(*fitter.follow(lesson), lesson)


def assert_like_fresh(weights: Weights, lesson: Lesson) -> None:
    wanted = fresh(lesson)
    assert np.allclose(weights.head, wanted.head, atol=2e-4)
    assert weights.guard.shape == wanted.guard.shape
    assert np.allclose(weights.guard, wanted.guard, atol=2e-4)


@pytest.mark.parametrize("backdrop", [0, 50])
@pytest.mark.parametrize(
    "changed",
    [
        lambda lesson: lesson,
        lambda lesson: with_example(lesson, "pay"),
        lambda lesson: with_example(lesson, "a new one"),
        lambda lesson: with_example(lesson, "out_of_scope"),
        lambda lesson: without_examples(lesson, 4),
        lambda lesson: moved(lesson, 77, "greet"),
        doubled,
        several,
    ],
)
def test_following_gives_the_weights_of_a_fresh_fit(changed: Changed, backdrop: int) -> None:
    lesson = a_lesson(backdrop=backdrop)
    fitter = InstantFitter()
    weights_of(fitter, lesson)
    after = changed(lesson)

    weights = weights_of(fitter, after)

    assert_like_fresh(weights, after)


def test_an_intent_that_is_gone_leaves_no_column() -> None:
    lesson = moved(a_lesson(), 0, "hire")
    fitter = InstantFitter()
    weights_of(fitter, lesson)

    after = without_examples(lesson, 0)

    assert weights_of(fitter, after).head.shape == (ROWS - 1, 4)
    assert_like_fresh(weights_of(fitter, after), after)


def test_nothing_adds_up_over_many_small_changes() -> None:
    lesson, fitter = a_lesson(), InstantFitter()
    weights_of(fitter, lesson)
    for seed in range(20):
        lesson = with_example(without_examples(lesson, 300 + seed), "pay", seed=50 + seed)
        weights = weights_of(fitter, lesson)

    assert weights.changes == 40
    assert_like_fresh(weights, lesson)


@pytest.mark.parametrize(
    "changed",
    [
        lambda lesson: replace(lesson, ridge=0.2),
        lambda lesson: replace(lesson, sharpness=1.5),
        lambda lesson: replace(lesson, backdrop=unit(50, 8)),
        lambda lesson: replace(lesson, backdrop=lesson.backdrop[:-1]),
        lambda lesson: replace(lesson, vectors=unit(ROWS, 9)),
        lambda lesson: without_examples(lesson, *range(100)),
    ],
)
def test_what_does_not_fit_is_fitted_anew(changed: Changed) -> None:
    lesson = a_lesson(backdrop=50)
    kept = keep_fit(lesson, None)
    fitter = InstantFitter()
    weights_of(fitter, lesson)
    after = changed(lesson)

    weights = weights_of(fitter, after)

    assert kept is not None
    assert kept.follow(after) is None
    assert weights.changes == 0
    assert_like_fresh(weights, after)


@pytest.mark.parametrize("backdrop", [0, 50])
def test_the_next_process_goes_on_from_the_file(tmp_path: Path, backdrop: int) -> None:
    file, lesson = tmp_path / "draft" / "fit.bin", a_lesson(backdrop=backdrop)
    weights_of(InstantFitter(file), lesson)
    written = file.stat().st_ino
    after = several(lesson)

    weights = weights_of(InstantFitter(file), after)

    assert file.stat().st_ino == written
    assert weights.changes == 7
    assert_like_fresh(weights, after)


@pytest.mark.parametrize("spoil", ["a bit", "the end", "everything", "the header"])
def test_a_spoilt_file_is_made_again(
    tmp_path: Path, spoil: str, caplog: pytest.LogCaptureFixture
) -> None:
    file, lesson = tmp_path / "fit.bin", a_lesson()
    weights_of(InstantFitter(file), lesson)
    content = file.read_bytes()
    bad = {
        "a bit": content[:4000] + bytes([content[4000] ^ 1]) + content[4001:],
        "the end": content[:-100],
        "everything": b"",
        "the header": content.replace(b'"sharpness": 1.0', b'"sharpness": 2.0'),
    }
    file.write_bytes(bad[spoil])

    weights = weights_of(InstantFitter(file), with_example(lesson, "pay"))

    assert "made again" in caplog.text
    assert_like_fresh(weights, with_example(lesson, "pay"))
    assert read_kept(file).header["rows"] == ROWS + 1


def test_a_process_killed_while_it_writes_leaves_the_older_file(tmp_path: Path) -> None:
    file, lesson = tmp_path / "fit.bin", a_lesson()
    weights_of(InstantFitter(file), lesson)
    before = file.read_bytes()

    ended = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", KILLED, str(file)], check=False
    )

    assert ended.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    assert file.read_bytes() == before
    assert weights_of(InstantFitter(file), lesson).changes == 0
    assert [one.name for one in tmp_path.iterdir()] == ["fit.bin"]


def test_where_nothing_can_be_written_the_fit_stays_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("no folder")
    fitter, lesson = InstantFitter(tmp_path / "taken" / "fit.bin"), a_lesson()

    weights_of(fitter, lesson)
    weights = weights_of(fitter, with_example(lesson, "pay"))

    assert "kept in memory" in caplog.text
    assert weights.changes == 1


def test_a_draft_that_has_come_far_is_fitted_anew(tmp_path: Path) -> None:
    file, lesson = tmp_path / "fit.bin", a_lesson()
    fitter = InstantFitter(file)
    weights_of(fitter, lesson)
    far = without_examples(lesson, *range(40))
    weights_of(fitter, far)
    assert fitter.is_far

    fitter.renew(lambda: True)

    assert not fitter.is_far
    assert weights_of(fitter, far).changes == 0
    assert weights_of(InstantFitter(file), far).changes == 0


def test_fitting_anew_can_be_given_up(tmp_path: Path) -> None:
    file, lesson = tmp_path / "fit.bin", a_lesson()
    fitter = InstantFitter(file)
    weights_of(fitter, lesson)
    far = without_examples(lesson, *range(40))
    weights_of(fitter, far)

    fitter.renew(lambda: False)

    assert weights_of(fitter, far).changes == 40
    assert weights_of(InstantFitter(file), lesson).changes == 0
    assert [one.name for one in tmp_path.iterdir()] == ["fit.bin"]


def test_vectors_that_are_not_finite_are_not_learnt() -> None:
    lesson = a_lesson()
    lesson.vectors[3] = np.nan

    with pytest.raises(ValueError, match="finite"):
        weights_of(InstantFitter(), lesson)
