"""Channels in a graph, as in model/channels.py: rows of their own, or beside each other for the LSTMs.

Series of one channel take no step of this: their graphs are the plainer for it.
"""

from __future__ import annotations

from forecaster.config import ModelConfig
from forecaster.export.graph.emitter import Emitter


def channel_axis(config: ModelConfig) -> list[int]:
    """The axis of channels in the shape of a tensor of data: none where there is one."""
    return [config.target_size] if config.target_size > 1 else []


def split_channels(g: Emitter, values: str) -> str:
    """(batch, time, D) -> (batch × D, time). The time is fixed."""
    turned = g.op("Transpose", values, perm=[0, 2, 1])
    return g.op("Flatten", turned, axis=2)


def repeat_channels(g: Emitter, values: str, size: int) -> str:
    """What is known of each series, for each of its channels: (batch,) -> (batch × D,)."""
    if size == 1:
        return values
    return g.op("Reshape", g.op("Expand", g.op("Unsqueeze", values, [1]), [1, size]), [-1])


def repeat_rows(g: Emitter, values: str, width: int, size: int) -> str:
    """What is known of each series, for each of its channels: (batch, width) -> (batch × D, width)."""
    if size == 1:
        return values
    return g.op("Reshape", g.op("Expand", g.op("Unsqueeze", values, [1]), [1, size, 1]), [-1, width])


def join_channels(g: Emitter, values: str, shape: tuple[int, int, int]) -> str:
    """(batch × D, steps × patch) -> (batch, steps, patch × D). shape: steps, patch, D."""
    steps, patch, size = shape
    if size == 1:
        return g.op("Reshape", values, [0, steps, patch])
    apart = g.op("Reshape", values, [-1, size, steps * patch])
    return g.op("Reshape", g.op("Transpose", apart, perm=[0, 2, 1]), [0, steps, patch * size])


def join_steps(g: Emitter, values: str, width: int, size: int) -> str:
    """(batch × D, width) -> (batch, width × D), the D values of a time together."""
    if size == 1:
        return values
    apart = g.op("Reshape", values, [-1, size, width])
    return g.op("Reshape", g.op("Transpose", apart, perm=[0, 2, 1]), [0, width * size])
