"""Patches of the context, anchored at its end; what lies outside of a series never reaches the network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Alignment:
    """Where the values of each context patch stand in a left-aligned history.

    Patches are left-aligned too, so that a packed LSTM can stop after the last one: only the first may be
    partly outside, and the rest after `steps` patches is padding.
    """

    index: Tensor  # int64 (batch, encoder steps × patch), clipped to the history
    inside: Tensor  # bool, the same shape: within the history and within the context
    steps: Tensor  # int64 (batch,), patches that hold anything


def align(lengths: Tensor, time: int, context_length: int, patch_length: int) -> Alignment:
    """lengths: int64 (batch,), at least 1; time: width of the history."""
    used = lengths.clamp(max=context_length)
    steps = (used + patch_length - 1) // patch_length
    width = -(-context_length // patch_length) * patch_length
    start = lengths - steps * patch_length
    index = start.unsqueeze(1) + torch.arange(width, device=lengths.device)
    inside = (index >= (lengths - used).unsqueeze(1)) & (index < lengths.unsqueeze(1))
    return Alignment(index.clamp(0, time - 1), inside, steps)


def end_anchored(values: Tensor, steps: Tensor, context_length: int, patch_length: int) -> Tensor:
    """The context with its last value in the last column, 0 before the series began.

    values: (batch, encoder steps × patch) left-aligned patches; steps: (batch,). Returns (batch, context).
    """
    position = torch.arange(context_length, device=values.device) - context_length
    index = (steps * patch_length).unsqueeze(1) + position
    return torch.where(index >= 0, values.gather(1, index.clamp(min=0)), 0.0)


def last_patch(values: Tensor, steps: Tensor, patch_length: int) -> Tensor:
    """The patch at the end of the history. values: (batch, time). Returns (batch, patch)."""
    index = ((steps - 1) * patch_length).unsqueeze(1) + torch.arange(patch_length, device=values.device)
    return values.gather(1, index)


def to_patches(values: Tensor, patch_length: int) -> Tensor:
    """(batch, time, ...) cut into (batch, steps, patch, ...); a tail that is too short is filled with NaN."""
    missing = -values.shape[1] % patch_length
    if missing:
        filler = values.new_full((values.shape[0], missing, *values.shape[2:]), torch.nan)
        values = torch.cat([values, filler], dim=1)
    return values.reshape(len(values), -1, patch_length, *values.shape[2:])
