"""The last values of the series of a block, judged by what was forecast of them from before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..adaptive.quantile_levels import Levels
from ..adaptive.surprise import p_values
from .choosing import Predictors
from .reading import BatchReader, Block
from .windows import Windows, cut_windows, judged_steps

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """The last steps of each series of a block, the oldest first."""

    values: Numbers  # (series, steps[, D]), NaN = missing
    anomalies: Numbers  # (series, steps[, D]) p-values; NaN where there is none
    quantiles: NDArray[np.float32]  # (series, steps[, D], quantile) forecast of them; NaN where they were not
    errors: dict[int, str]  # why nothing was forecast of them


def judge(
    predictors: Predictors, reader: BatchReader, block: Block, targets: tuple[str, ...], steps: int
) -> Judged:
    """Judge the last `steps` of each series, of a short one its second half, by one forecast from before.

    targets: as of Predictors.answer. Each value is judged by itself, whatever the values between are.
    """
    manifest = reader.roles.manifest
    found = predictors.answer(reader, block, targets, steps, of_last=True)
    windows = cut_windows(reader, block, targets, 2 * steps, steps)
    values, first = _last(windows, steps), steps - judged_steps(windows.lengths, steps)
    step = np.arange(steps) - first[:, None]  # of the forecast that each value is of; below 0 before it
    series = np.arange(len(block))[:, None]
    quantiles = found.quantiles[series, np.maximum(step, 0)]
    quantiles[step < 0] = np.nan
    anomalies = p_values(quantiles, values, Levels(manifest.quantile_levels))
    return Judged(values, anomalies, quantiles.astype(np.float32), found.errors)


def _last(windows: Windows, steps: int) -> Numbers:
    """Return the last steps of each series, right-aligned: (series, steps[, D])."""
    place = windows.lengths[:, None] + np.arange(-steps, 0)
    values: Numbers = windows.history[np.arange(len(place))[:, None], np.maximum(place, 0)]
    values[place < 0] = np.nan
    return values
