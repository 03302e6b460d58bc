"""Channels: the D values that a joint series has at each step.

Each is scaled and forecast linearly by itself; for that the channels of a batch are rows, series by series:
(batch × D, ...). The LSTMs see those of a series together. A tensor of data without an axis of channels has
one channel.
"""

from torch import Tensor


def split_channels(values: Tensor, size: int) -> Tensor:
    """Give channels rows of their own: (batch, time) or (batch, time, D) -> (batch × D, time). size: D."""
    rows: Tensor = values.reshape(len(values), -1, size).transpose(1, 2).flatten(0, 1)
    return rows


def join_channels(patches: Tensor, size: int) -> Tensor:
    """Join patches: (batch × D, steps, patch) -> (batch, steps, patch × D), values of a time together."""
    joined: Tensor = patches.unflatten(0, (-1, size)).permute(0, 2, 3, 1).flatten(2)
    return joined


def join_quantiles(quantiles: Tensor, size: int) -> Tensor:
    """Join quantiles: (batch × D, time, quantile) -> (batch, time, D, quantile), without D if it is 1."""
    joined: Tensor = quantiles.unflatten(0, (-1, size)).transpose(1, 2)
    return joined.squeeze(2) if size == 1 else joined


def split_rows(rows: Tensor, size: int) -> Tensor:
    """Split rows: (batch, steps, patch × D, quantile) -> (batch × D, steps × patch, quantile)."""
    channels: Tensor = rows.unflatten(2, (-1, size)).permute(0, 3, 1, 2, 4).flatten(2, 3).flatten(0, 1)
    return channels
