"""Channels: the values that a joint series has at each step (D), each scaled and forecast linearly by itself.

What treats every channel alike has the channels of a batch as rows, series by series: (batch × D, ...). The
LSTMs see those of a series together. A tensor of data without an axis of channels has one.
"""

from __future__ import annotations

from torch import Tensor


def split_channels(values: Tensor, size: int) -> Tensor:
    """(batch, time) or (batch, time, D) -> (batch × D, time). size: D."""
    rows: Tensor = values.reshape(len(values), -1, size).transpose(1, 2).flatten(0, 1)
    return rows


def join_channels(patches: Tensor, size: int) -> Tensor:
    """(batch × D, steps, patch) -> (batch, steps, patch × D), the D values of a time together."""
    joined: Tensor = patches.unflatten(0, (-1, size)).permute(0, 2, 3, 1).flatten(2)
    return joined


def join_quantiles(quantiles: Tensor, size: int) -> Tensor:
    """(batch × D, time, quantile) -> (batch, time, quantile), or (batch, time, D, quantile) of D > 1."""
    joined: Tensor = quantiles.unflatten(0, (-1, size)).transpose(1, 2)
    return joined.squeeze(2) if size == 1 else joined


def split_rows(rows: Tensor, size: int) -> Tensor:
    """(batch, steps, patch × D, quantile) -> (batch × D, steps × patch, quantile)."""
    channels: Tensor = rows.unflatten(2, (-1, size)).permute(0, 3, 1, 2, 4).flatten(2, 3).flatten(0, 1)
    return channels
