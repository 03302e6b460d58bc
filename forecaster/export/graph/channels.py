"""Channels in a graph, as in model/channels.py: rows of their own, or together for the LSTMs.

Series of one channel take no step of this: their graphs are the plainer for it.
"""

from forecaster.config import ModelConfig
from forecaster.export.nodes.value import Value


def channel_axis(config: ModelConfig) -> list[int]:
    """Return the axis of channels in the shape of a tensor of data: none where there is one."""
    return [config.target_size] if config.target_size > 1 else []


def split_channels(values: Value) -> Value:
    """Give channels rows of their own: (batch, time, D) -> (batch × D, time). The time is fixed."""
    return values.permute(0, 2, 1).flatten(2)


def join_channels(values: Value, steps: int, patch: int, size: int) -> Value:
    """Join patches: (batch × D, steps × patch) -> (batch, steps, patch × D), values of a time together."""
    if size == 1:
        return values.reshape(0, steps, patch)
    return values.reshape(-1, size, steps * patch).permute(0, 2, 1).reshape(0, steps, patch * size)


def join_times(values: Value, time: int, size: int) -> Value:
    """Join times: (batch × D, time) -> (batch, time × D), values of a time together."""
    if size == 1:
        return values
    return values.reshape(-1, size, time).permute(0, 2, 1).reshape(0, time * size)


def repeat_channels(values: Value, size: int, *width: int) -> Value:
    """Repeat the row of a series for each of its channels: (batch, *width) -> (batch × D, *width)."""
    if size == 1:
        return values
    return values.unsqueeze(1).expand([1, size, *[1] * len(width)]).reshape(-1, *width)
