"""Weights before pretraining: of torch's own start, and linear maps that make sense for any series."""

from itertools import product

import numpy as np
import torch
from torch import Tensor, nn

from forecaster.config.shape import DEFAULT_LEVELS
from forecaster.pretrained.kinds import DECODER_STEPS, HIDDEN, MAPS, Family
from forecaster.pretrained.transplant import FULL_LAGS, TRAITS
from forecaster.pretraining.prior.draws import Array

STEP_WIDTH = 8
DAMPED, LINE = 0.5, 2  # share of a slope that lasts; patches that it is taken from
FADING = 0.6
COPIES = slice(1, 8, 2)  # the maps that repeat a patch of 1, 2, 3 or 7 before


def first_weights(family: Family) -> dict[str, Tensor]:
    """Return the weights by name, drawn from torch's generator: what transplant.py takes."""
    phases = family.phases
    levels, gates, bound = len(DEFAULT_LEVELS), 4 * HIDDEN, HIDDEN**-0.5

    def uniform(*shape: int) -> Tensor:
        return torch.empty(*shape).uniform_(-bound, bound)

    weights: dict[str, Tensor] = {}
    for side in ("encoder", "decoder"):
        weights |= {
            f"{side}.patch": uniform(gates, 2, phases) / 2,
            f"{side}.bias": uniform(gates),
            f"{side}.traits": torch.zeros(gates, TRAITS),
            f"{side}.lstm.weight_hh_l0": uniform(gates, HIDDEN),
            f"{side}.lstm.bias_hh_l0": uniform(gates),
        }
    weights |= {
        "decoder.step": uniform(gates, STEP_WIDTH),
        "step_vectors.weight": nn.init.normal_(torch.empty(DECODER_STEPS, STEP_WIDTH)),
        "decoder.next_rows.weight": uniform(phases, levels, HIDDEN),
        "decoder.next_rows.bias": uniform(phases, levels),
        "decoder.delta_rows.weight": torch.zeros(phases, levels, HIDDEN),
        "decoder.delta_rows.bias": torch.zeros(phases, levels),
        "highway.weight": torch.from_numpy(first_maps(phases, family.lookback)).float(),
        "highway.bias": torch.zeros(MAPS, phases),
        "gate.weight": torch.zeros(MAPS, HIDDEN + (2 + family.cycle_changes) * FULL_LAGS),
        "gate.bias": torch.zeros(MAPS),
        "gate.traits": torch.zeros(MAPS, TRAITS),
    }
    return weights


def first_maps(phases: int, lookback: int) -> Array:
    """Return linear forecasts of a patch by the patches before it: (MAPS, phases, lookback, phases)."""
    maps = np.zeros((MAPS, phases, lookback, phases))
    same = np.eye(phases)
    for number, (lag, lasting) in enumerate(product((1, 2, 3, 7), (True, False))):
        back = np.arange(lag, lookback + 1, lag) if lasting else np.array([lag])
        share = FADING ** np.arange(len(back))
        for place, weight in zip(lookback - back, share / share.sum(), strict=True):
            maps[number, :, place] += weight * same
    maps[8, :, -1] = 1 / phases  # the level of the last patch
    maps[9, :, -1, -1] = 1  # the last value
    recent = FADING ** np.arange(lookback)[::-1]
    maps[10] = (recent / recent.sum())[:, None] / phases
    maps[11] = _damped_line(phases, lookback)
    return maps


def _damped_line(phases: int, lookback: int) -> Array:
    """Return the line through the last patches, with half of its slope: (phases, lookback, phases)."""
    time = np.arange(-LINE * phases, 0) + 0.5
    coming = np.arange(phases) + 0.5
    centred = time - time.mean()
    slope = centred / (centred @ centred)
    line = 1 / len(time) + np.outer(-time.mean() + DAMPED * coming, slope)
    whole = np.zeros((phases, lookback * phases))
    whole[:, -len(time) :] = line
    return whole.reshape(phases, lookback, phases)
