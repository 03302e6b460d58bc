"""Patches of the context, anchored at its end; what lies outside of a series never reaches the network."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Alignment:
    """Places of the values of each context patch in a left-aligned history.

    The last value of every history is the last of the last patch. Only the first patch of a history may be
    partly outside; before it comes padding.
    """

    index: Tensor  # int64 (batch, encoder steps × patch), clipped to the history
    inside: Tensor  # bool, the same shape: within the history and within the context

    def padding(self, patch_length: int) -> Tensor:
        """Return which patches hold nothing: bool (batch, encoder steps)."""
        holds_any: Tensor = self.inside.unflatten(1, (-1, patch_length)).any(2)
        return ~holds_any


def align(lengths: Tensor, time: int, context_length: int, patch_length: int) -> Alignment:
    """Place the patches. lengths: int64 (batch,), at least 1; time: width of the history."""
    width = -(-context_length // patch_length) * patch_length
    before = torch.arange(width, device=lengths.device) - width  # -1 is the last value
    index = lengths.unsqueeze(1) + before
    inside = (index >= 0) & (before >= -context_length)
    return Alignment(index.clamp(0, time - 1), inside)


def aligned_rows(values: Tensor, where: Alignment) -> Tensor:
    """Return values at the places of the context's patches: (batch, time, C) -> (batch, steps × patch, C)."""
    index = where.index.unsqueeze(2).expand(-1, -1, values.shape[2])
    return torch.where(where.inside.unsqueeze(2), values.gather(1, index), torch.nan)


def to_patches(values: Tensor, patch_length: int) -> Tensor:
    """Cut (batch, time, ...) into (batch, steps, patch, ...); a tail that is too short is filled with NaN."""
    missing = -values.shape[1] % patch_length
    if missing:
        filler = values.new_full((values.shape[0], missing, *values.shape[2:]), torch.nan)
        values = torch.cat([values, filler], dim=1)
    return values.reshape(len(values), -1, patch_length, *values.shape[2:])
