"""Unrolling of a decoder: on the truth, on its own medians, or on a mixture of both.

Every function takes a decoder and a Start and returns the hidden states (batch, steps, hidden). `truth` is
(batch, steps, patch), normalised, NaN = missing: its patch k is what step k forecasts and step k + 1 is fed.
`unroll_steps` is the reference that all others equal, but for the approximation of `unroll_parallel`.
"""

from dataclasses import replace

import torch
from torch import Tensor

from forecaster.model.decoder import Decoder, Start, State, with_mask
from forecaster.model.folding import unroll_folded
from forecaster.model.recurrence import run_lstm


def unroll_forced(decoder: Decoder, start: Start, truth: Tensor) -> Tensor:
    """Feed every step the true previous patch (teacher forcing), in one fused call."""
    hidden, _ = _unroll_on(decoder, start, truth[:, :-1])
    return hidden


def unroll_free(decoder: Decoder, start: Start) -> Tensor:
    """Feed every step its own previous median (free running); folded where the decoder allows it."""
    if decoder.lstm.num_layers == 1:
        return unroll_folded(decoder, start)
    return unroll_steps(decoder, start)


def unroll_mixture(decoder: Decoder, start: Start, truth: Tensor, share: float) -> Tensor:
    """Feed every step a share of the true previous patch and the rest of its own previous median.

    Generalised teacher forcing (Hess et al., 2023), in one fused call: what scheduled sampling per step feeds
    on average, without the noise of its coins, at the price of teacher forcing. Where the truth is missing,
    the own part alone is fed, with a mask of its share.
    """
    if decoder.lstm.num_layers == 1:
        return unroll_folded(decoder, start, truth, share)
    return unroll_steps(decoder, start, truth, truth.new_full(truth.shape[:2], share))


def unroll_steps(
    decoder: Decoder,
    start: Start,
    truth: Tensor | None = None,
    forced: Tensor | None = None,
    *,
    stop_gradients: bool = False,
) -> Tensor:
    """Unroll step by step: the reference, and scheduled sampling per decoder step (Bengio et al., 2015).

    forced: (batch, steps), bool, whether the patch fed to a step is the true one, or its share in a mixture
    with the median; the first step is always fed the history. Without truth every step is fed the previous
    median. Gradients flow through fed-back values unless they are stopped.
    """
    fed, state = with_mask(start.previous), start.state
    hiddens: list[Tensor] = []
    for k in range(start.features.shape[1]):
        if k > 0:
            own = decoder.median(hiddens[-1], start.highway[:, k - 1])
            fed = with_mask(own.detach() if stop_gradients else own)
            if truth is not None and forced is not None:
                fed = _mixed(forced[:, k : k + 1], with_mask(truth[:, k - 1]), fed)
        hidden, state = decoder.step(fed, start.features[:, k], state)
        hiddens.append(hidden)
    return torch.stack(hiddens, dim=1)


def _mixed(share: Tensor, true: Tensor, own: Tensor) -> Tensor:
    """Return the true values in a share of 0 to 1, or where it says so, and the own ones in the rest."""
    return torch.where(share, true, own) if share.dtype == torch.bool else torch.lerp(own, true, share)


def unroll_sequences(decoder: Decoder, start: Start, truth: Tensor, forced: int) -> Tensor:
    """Sample per sequence: the first `forced` of the batch run on the truth, the others free.

    Each part is one fused call.
    """
    parts = []
    if forced > 0:
        parts.append(unroll_forced(decoder, start.select(slice(forced)), truth[:forced]))
    if forced < len(truth):
        parts.append(unroll_free(decoder, start.select(slice(forced, None))))
    return torch.cat(parts)


def unroll_forced_then_free(decoder: Decoder, start: Start, truth: Tensor, forced: int) -> Tensor:
    """Unroll the first `forced` steps on the truth, the others free: two fused calls."""
    if forced <= 1:  # the first step is fed the history either way
        return unroll_free(decoder, start)
    head = replace(start, features=start.features[:, :forced], highway=start.highway[:, :forced])
    hidden, state = _unroll_on(decoder, head, truth[:, : forced - 1])
    if forced == truth.shape[1]:
        return hidden
    rest = Start(
        state=state,
        previous=decoder.median(hidden[:, -1], start.highway[:, forced - 1]),
        features=start.features[:, forced:],
        highway=start.highway[:, forced:],
    )
    return torch.cat([hidden, unroll_free(decoder, rest)], dim=1)


def unroll_parallel(decoder: Decoder, start: Start, truth: Tensor, forced: Tensor, passes: int) -> Tensor:
    """Sample per decoder step in a few fused passes, each fed the medians of the one before.

    An approximation (Mihaylova and Martins, 2019; Duckworth et al., 2019): the first pass is fed the truth,
    and gradients flow through the last pass alone. forced: bool (batch, steps).
    """
    fed = truth[:, :-1]
    with torch.no_grad():
        for _ in range(passes - 1):
            hidden, _ = _unroll_on(decoder, start, fed)
            medians = decoder.median(hidden[:, :-1], start.highway[:, :-1])
            fed = torch.where(forced[:, 1:, None], truth[:, :-1], medians)
    hidden, _ = _unroll_on(decoder, start, fed)
    return hidden


def _unroll_on(decoder: Decoder, start: Start, fed: Tensor) -> tuple[Tensor, State]:
    """Unroll all steps in one fused call on given patches (batch, steps - 1, patch), from the second step on.

    Returns the hidden states and the last state.
    """
    previous = torch.cat([start.previous.unsqueeze(1), fed], dim=1)
    return run_lstm(decoder.lstm, decoder.inputs(previous, start.features), start.state)
