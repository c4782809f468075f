"""For a public set, only encoders that never saw it are taken, and of these the ones that saw most else."""

from pathlib import Path

import pytest

from tests.training.tiny_release import TinyPlan
from training.encodings import CachedEncoder
from training.errors import DatasetError
from training.evaluation.subjects import exported_base
from training.evaluation.unseen import TaughtEncoder, Tunable, Unseen


async def test_an_encoder_that_saw_the_set_is_never_taken(tmp_path: Path, plan: TinyPlan) -> None:
    exported = (await exported_base(tmp_path, plan)).encoder

    def taught(name: str, sets: set[str], utterances: int) -> TaughtEncoder:
        cached = CachedEncoder(exported, tmp_path / f"{name}.npz")
        return TaughtEncoder(
            Tunable(exported, cached, tmp_path / name), frozenset(sets), utterances
        )

    every = taught("all", {"CLINC150", "BANKING77", "NLU++ banking"}, 300)
    no_bank = taught("no-bank", {"CLINC150"}, 100)
    no_clinc, again = (taught(name, {"BANKING77", "NLU++ banking"}, 200) for name in ("a", "b"))
    no_nlu = taught("no-nlu", {"CLINC150", "BANKING77"}, 250)
    unseen = Unseen((every, no_bank, no_clinc, again, no_nlu))

    assert unseen.without("banking77") == (no_bank.encoder,)
    assert unseen.without("clinc150") == (no_clinc.encoder, again.encoder)
    assert [one.adapter.name for one in unseen.strangers_to("clinc150")] == ["a", "b"]
    assert unseen.without("hint3-curekart") == (every.encoder,)
    assert Unseen((every,)).without("clinc150") == ()


async def test_a_folder_without_encoders_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="--leave SET"):
        await Unseen.read(tmp_path, tmp_path)
