"""Masking: inputs that a service may lack, hidden at random, so that the network learns to do without."""

from dataclasses import replace

import torch
from torch import Tensor

from deploy.time.timestep import MISSING_TIME
from forecaster.windows.window import Window

SHORT_HISTORY_SHARE = 0.1
UNKNOWN_TIME_SHARE = 0.1
UNKNOWN_CATEGORY_SHARE = 0.05
UNKNOWN_NUMBER_SHARE = 0.05  # of static numbers, and of past covariates all along a history
CUT_HORIZON_SHARE = 0.1


def shorten(batch: int, context_length: int, generator: torch.Generator) -> Tensor:
    """Draw the longest history that each window of a batch may keep: int64 (batch,)."""
    short = torch.randint(1, context_length + 1, (batch,), generator=generator, device=generator.device)
    chosen = _uniform((batch,), generator) < SHORT_HISTORY_SHARE
    return torch.where(chosen, short, context_length)


def hide(window: Window, future: Tensor, generator: torch.Generator) -> tuple[Window, Tensor]:
    """Hide times, static and past covariates of some windows, and end some futures early.

    future: (batch, horizon) or, joint, (batch, horizon, D); values behind its end count in no loss.
    """
    batch = len(window.lengths)

    def chosen(share: float) -> Tensor:
        return (_uniform((batch,), generator) < share).unsqueeze(1)

    if window.timestamps is not None and window.future_timestamps is not None:
        lost = chosen(UNKNOWN_TIME_SHARE)
        window = replace(
            window,
            timestamps=torch.where(lost, MISSING_TIME, window.timestamps),
            future_timestamps=torch.where(lost, MISSING_TIME, window.future_timestamps),
        )
    if window.static_cat is not None:
        lost = _uniform(window.static_cat.shape, generator) < UNKNOWN_CATEGORY_SHARE
        window = replace(window, static_cat=torch.where(lost, 0, window.static_cat))
    if window.static is not None:
        lost = _uniform(window.static.shape, generator) < UNKNOWN_NUMBER_SHARE
        window = replace(window, static=torch.where(lost, torch.nan, window.static))
    if window.past is not None:
        lost = _uniform((batch, 1, window.past.shape[2]), generator) < UNKNOWN_NUMBER_SHARE
        window = replace(window, past=torch.where(lost, torch.nan, window.past))
    if window.future_known is not None:
        last = torch.randint(1, window.horizon + 1, (batch, 1), generator=generator, device=generator.device)
        behind = (torch.arange(window.horizon, device=generator.device) >= last) & chosen(CUT_HORIZON_SHARE)
        known = torch.where(behind.unsqueeze(2), torch.nan, window.future_known)
        gone = behind.view(*behind.shape, *[1] * (future.ndim - 2))
        window, future = replace(window, future_known=known), torch.where(gone, torch.nan, future)
    return window, future


def _uniform(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Draw from [0, 1), on the device of the generator."""
    return torch.rand(shape, generator=generator, device=generator.device)
