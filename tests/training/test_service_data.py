"""Reading the sets that the service encoder learns from."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.training.tiny_intent_sets import (
    write_banking,
    write_clinc,
    write_multidogo,
    write_nlu,
)
from training.errors import DatasetError
from training.service_data import SOURCES, TaughtSet, in_words, read_sets
from training.service_own import OWN, read_own


def _names(sets: tuple[TaughtSet, ...]) -> list[str]:
    return [one.name for one in sets]


def _texts(sets: tuple[TaughtSet, ...]) -> set[str]:
    return {text for one in sets for intent in one.intents for text in intent.utterances}


def _public(folder: Path, *, seed: int = 7, leave: Sequence[str] = ()) -> tuple[TaughtSet, ...]:
    return read_sets(folder, seed=seed, leave=[OWN, *leave])


def test_every_set_that_is_there_is_read(tmp_path: Path) -> None:
    for write in (write_clinc, write_banking, write_nlu, write_multidogo):
        write(tmp_path)

    sets = _public(tmp_path)

    domains = [f"MultiDoGO {domain}" for domain in ("airline", "finance", "media", "software")]
    assert _names(sets) == ["CLINC150", "BANKING77", "NLU++ banking", *domains]
    assert [(len(one.intents), one.size()) for one in sets[:3]] == [(4, 48), (3, 36), (2, 16)]


def test_only_training_parts_are_read(tmp_path: Path) -> None:
    write_clinc(tmp_path)
    write_banking(tmp_path)

    texts = _texts(_public(tmp_path))

    assert "parcel late now" in texts
    assert not [text for text in texts if text.startswith("red ") or "evening" in text]


def test_set_whose_folder_is_not_there_is_left_out(tmp_path: Path) -> None:
    write_nlu(tmp_path)

    sets = _public(tmp_path)

    assert _names(sets) == ["NLU++ banking"]


def test_set_that_is_left_out_is_never_opened(tmp_path: Path) -> None:
    write_clinc(tmp_path)
    (tmp_path / "banking77").mkdir()
    (tmp_path / "banking77" / "train.csv").write_bytes(b"\xff\xfe\xff broken")

    sets = _public(tmp_path, leave=["BANKING77"])

    assert _names(sets) == ["CLINC150"]


def test_hint3_is_not_among_the_sets_to_learn_from() -> None:
    assert not [one for one in SOURCES if "hint" in (one.name + one.needs).lower()]


def test_several_intents_at_once_count_as_one_whose_name_says_nothing(tmp_path: Path) -> None:
    write_nlu(tmp_path)

    (found,) = _public(tmp_path)

    assert [intent.name for intent in found.intents] == ["block+card", "card"]
    assert not found.has_names


def test_turns_without_one_clear_intent_are_left_out(tmp_path: Path) -> None:
    write_multidogo(tmp_path)

    airline = _public(tmp_path)[0]

    assert [(one.name, len(one.utterances)) for one in airline.intents] == [
        ("cancelorder", 8),
        ("trackorder", 8),
    ]


def test_of_large_intents_utterances_are_drawn_by_the_seed(tmp_path: Path) -> None:
    folder = tmp_path / "banking77"
    folder.mkdir()
    rows = [f"where is parcel {number},{intent}" for number in range(400) for intent in ("a", "b")]
    (folder / "train.csv").write_text("\n".join(["text,category", *rows]) + "\n", "utf-8")
    (folder / "test.csv").write_text("text,category\nfind it,a\n", "utf-8")

    first, again, other = (_public(tmp_path, seed=seed) for seed in (7, 7, 8))

    assert [len(intent.utterances) for intent in first[0].intents] == [150, 150]
    assert first == again
    assert first != other


def test_leaving_a_set_out_changes_nothing_in_the_others(tmp_path: Path) -> None:
    for write in (write_clinc, write_banking, write_nlu):
        write(tmp_path)

    every, some = _public(tmp_path), _public(tmp_path, leave=["CLINC150"])

    assert every[1:] == some


@pytest.mark.parametrize(
    ("name", "words"),
    [("card_arrival", "card arrival"), ("cardArrival", "card arrival"), ("Bye", "bye")],
)
def test_names_are_written_as_words(name: str, words: str) -> None:
    assert in_words(name) == words


def test_unknown_name_to_leave_out_is_refused(tmp_path: Path) -> None:
    write_clinc(tmp_path)

    with pytest.raises(DatasetError, match=r"no set 'CLINC'.*known are Kefu, CLINC150, BANKING77"):
        read_sets(tmp_path, seed=7, leave=["CLINC"])


def test_folder_without_any_public_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"put one of these folders there: clinc150, banking77"):
        read_sets(tmp_path, seed=7)


def test_our_own_sets_are_read_beside_the_public_ones(tmp_path: Path) -> None:
    write_clinc(tmp_path)

    *ours, public = read_sets(tmp_path, seed=7)

    assert public.name == "CLINC150"
    assert [one.name for one in ours if not one.name.startswith("Kefu ")] == []
    assert "Kefu savings bank" in _names(tuple(ours))


def test_every_business_of_ours_has_intents_with_many_ways_to_say_them() -> None:
    businesses = read_own()

    assert len(businesses) >= 30
    for business, pairs in businesses.items():
        counts = Counter(intent for _, intent in pairs)
        assert len(counts) >= 10, business
        assert min(counts.values()) >= 15, business
        texts = Counter(text.casefold() for text, _ in pairs)
        assert [text for text, count in texts.items() if count > 1] == [], business


def test_leaving_everything_out_is_refused(tmp_path: Path) -> None:
    write_clinc(tmp_path)

    with pytest.raises(DatasetError, match="leave fewer sets out"):
        read_sets(tmp_path, seed=7, leave=[source.name for source in SOURCES])


@pytest.mark.parametrize("content", ["{", '{"a": 1}', '[{"intents": ["x"]}]', '[{"text": 3}]'])
def test_fold_that_is_not_as_published_is_refused(tmp_path: Path, content: str) -> None:
    write_nlu(tmp_path)
    (tmp_path / "nlu-plus-plus-banking" / "fold1.json").write_text(content, "utf-8")

    with pytest.raises(DatasetError, match=r"fold1\.json is not as published .* copy it again"):
        _public(tmp_path)


def test_folder_without_folds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nlu-plus-plus-banking").mkdir()

    with pytest.raises(DatasetError, match=r"holds no fold\*\.json; copy the set again"):
        _public(tmp_path)


def test_turns_that_are_not_packed_are_refused(tmp_path: Path) -> None:
    write_multidogo(tmp_path)
    (tmp_path / "multidogo" / "media_train.tsv.gz").write_text("utterance\tintent\n", "utf-8")

    with pytest.raises(DatasetError, match=r"media_train\.tsv\.gz is not as published"):
        _public(tmp_path)


def test_missing_domain_is_refused(tmp_path: Path) -> None:
    write_multidogo(tmp_path)
    (tmp_path / "multidogo" / "software_train.tsv.gz").unlink()

    with pytest.raises(DatasetError, match=r"software_train\.tsv\.gz .*copy it again"):
        _public(tmp_path)


def test_set_with_a_single_intent_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "banking77"
    folder.mkdir()
    for part in ("train", "test"):
        lines = ["text,category", "find parcel,a", "where is parcel,a", "parcel lost,a"]
        (folder / f"{part}.csv").write_text("\n".join(lines) + "\n", "utf-8")

    with pytest.raises(DatasetError, match=r"has 1 intents .*or leave 'BANKING77' out"):
        _public(tmp_path)
