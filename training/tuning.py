"""What every tuner of an encoder shares: batches, the course of the rates, running averages and checkpoints."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


def batches_alike(lengths: Sequence[int], size: int, bucket_batches: int) -> list[list[int]]:
    """Shuffle places, but keep texts of like length together: less padding to compute; drawn by torch's seed.

    Args:
        lengths: Of the texts.
        size: Of a batch.
        bucket_batches: How many batches are drawn at random before they are sorted by length.
    """
    order = torch.randperm(len(lengths)).tolist()
    batches: list[list[int]] = []
    for start in range(0, len(order), size * bucket_batches):
        bucket = order[start : start + size * bucket_batches]
        bucket.sort(key=lambda place: lengths[place])
        batches.extend(bucket[at : at + size] for at in range(0, len(bucket), size))
    return [batches[place] for place in torch.randperm(len(batches)).tolist()]


def set_rates(optimizer: Optimizer, step: int, total: int, warm_up: float) -> None:
    """Set each group's rate: a share of its ``peak`` that rises over the first ``warm_up`` of all steps, then falls to 0."""
    falling = (total - step) / ((1 - warm_up) * total)
    share = min(1.0, (step + 1) / (warm_up * total), falling)
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * share


@torch.no_grad()
def update_averages(
    averages: Sequence[Tensor], weights: Sequence[Tensor], step: int, most: float
) -> None:
    """Move running averages towards the weights; a young average forgets its random start quickly.

    Args:
        averages: Changed in place.
        weights: As they are after the step.
        step: Counted from 0.
        most: The decay of an average that is no longer young.
    """
    decay = min(most, (1 + step) / (10 + step))
    for weight, average in zip(weights, averages, strict=True):
        average.lerp_(weight, 1 - decay)


@torch.no_grad()
def put(values: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
    """Put values into weights."""
    for weight, value in zip(weights, values, strict=True):
        weight.copy_(value)


def write_checkpoint(
    file: Path,
    key: str,
    weights: Sequence[Tensor],
    optimizer: Optimizer,
    more: Mapping[str, object],
) -> None:
    """Write what a killed run goes on from; a kill while writing leaves the older one whole."""
    state = {
        "key": key,
        "weights": [weight.detach() for weight in weights],
        "optimizer": optimizer.state_dict(),
        **more,
    }
    fresh = file.with_suffix(".part")
    torch.save(state, fresh)
    fresh.replace(file)


def read_checkpoint(
    file: Path, key: str, weights: Sequence[Tensor], optimizer: Optimizer
) -> Mapping[str, Any] | None:  # what torch.save kept: each tuner knows its own
    """Put a checkpoint's state into weights and optimiser; returns the rest of it, None where it is of other work."""
    if not file.is_file():
        return None
    state: dict[str, Any] = torch.load(file, weights_only=True)
    if state["key"] != key:
        return None
    put(state["weights"], weights)
    optimizer.load_state_dict(state["optimizer"])
    return state
