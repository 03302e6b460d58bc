"""How a decoder is unrolled: on the truth, on its own medians, or on a mixture of both.

Every function takes a decoder and a Start and returns the hidden states (batch, steps, hidden). `truth` is
(batch, steps, patch), normalised, NaN = missing: its patch k is what step k forecasts and step k + 1 is fed.
"""

from __future__ import annotations

import torch
from torch import Tensor

from forecaster.model.decoder import Decoder, Start
from forecaster.model.folding import unroll_folded


def unroll_forced(decoder: Decoder, start: Start, truth: Tensor) -> Tensor:
    """Teacher forcing: every step is fed the true previous patch, so one fused call does it."""
    previous = torch.cat([start.previous.unsqueeze(1), truth[:, :-1]], dim=1)
    hidden, _ = decoder.lstm(decoder.inputs(previous, start.features), start.state)
    return hidden  # type: ignore[no-any-return]


def unroll_free(decoder: Decoder, start: Start) -> Tensor:
    """Free running: every step is fed its own previous median; folded where the decoder allows it."""
    if decoder.lstm.num_layers == 1:
        return unroll_folded(decoder, start)
    return unroll_steps(decoder, start)


def unroll_steps(
    decoder: Decoder, start: Start, truth: Tensor | None = None, forced: Tensor | None = None
) -> Tensor:
    """Step by step: the reference, and scheduled sampling per decoder step (Bengio et al., 2015).

    forced: bool (batch, steps), whether the patch fed to a step is the true one; the first step is always fed
    the history. Without truth every step is fed the previous median. Gradients flow through fed-back values.
    """
    previous, state = start.previous, start.state
    hiddens: list[Tensor] = []
    for k in range(start.features.shape[1]):
        if k > 0:
            previous = decoder.median(hiddens[-1], start.highway[:, k - 1])
            if truth is not None and forced is not None:
                previous = torch.where(forced[:, k : k + 1], truth[:, k - 1], previous)
        hidden, state = decoder.step(previous, start.features[:, k], state)
        hiddens.append(hidden)
    return torch.stack(hiddens, dim=1)


def unroll_sequences(decoder: Decoder, start: Start, truth: Tensor, forced: Tensor) -> Tensor:
    """Scheduled sampling per sequence: forced members and free ones, each in one fused call.

    forced: bool (batch,).
    """
    on_truth, on_itself = forced.nonzero()[:, 0], (~forced).nonzero()[:, 0]
    parts = []
    if len(on_truth):
        parts.append(unroll_forced(decoder, start.select(on_truth), truth[on_truth]))
    if len(on_itself):
        parts.append(unroll_free(decoder, start.select(on_itself)))
    order = torch.cat([on_truth, on_itself])
    return torch.cat(parts)[order.argsort()]
