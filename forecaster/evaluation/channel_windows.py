"""Windows as arrays for metrics and baselines: every channel of a series by itself, in the data's units.

A unit is what is scored: a series, or a channel of a joint one. Units stand series by series.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.data import Panel
from forecaster.windows.windows import WindowSet

Array = NDArray[np.float64]


def unit_ids(panel: Panel) -> tuple[tuple[str, ...], ...]:
    """Return the id of each unit: that of its series, followed by the target of a joint one."""
    if panel.target_size == 1:
        return panel.ids
    return tuple((*id_, target) for id_ in panel.ids for target in panel.columns.targets)


def units_of(windows: WindowSet) -> NDArray[np.int64]:
    """Return the unit of each window and channel, in the order of the arrays below: (windows × D,)."""
    size = windows.panel.target_size
    return (windows.series[:, None] * size + np.arange(size)).ravel()


def actual_values(windows: WindowSet) -> Array:
    """Return the actual values: (windows × D, horizon), NaN = missing."""
    rows = windows.origins[:, None] + np.arange(windows.horizon)
    return _values(windows, rows)


def histories(windows: WindowSet, length: int) -> Array:
    """Return the last values before each origin: (windows × D, length).

    NaN = missing or before the series began.
    """
    rows = windows.origins[:, None] + np.arange(-length, 0)
    begins = windows.panel.offsets[:-1][windows.series]
    values = _values(windows, np.maximum(rows, begins[:, None]))
    outside = np.repeat(rows < begins[:, None], windows.panel.target_size, axis=0)
    return np.where(outside, np.nan, values)


def split_quantiles(quantiles: NDArray[np.floating]) -> Array:
    """Split forecasts by channel: (windows, horizon, [D,] quantile) -> (windows × D, horizon, quantile)."""
    wide = quantiles.astype(np.float64)
    apart = wide[:, :, None] if wide.ndim == 3 else wide
    joined: Array = apart.transpose(0, 2, 1, 3).reshape(-1, wide.shape[1], wide.shape[-1])
    return joined


def _values(windows: WindowSet, rows: NDArray[np.int64]) -> Array:
    """Pick rows of the panel by channel: (windows, time) -> (windows × D, time)."""
    panel = windows.panel
    picked = panel.values[rows].reshape(*rows.shape, -1)  # (windows, time, D)
    channels: Array = picked.transpose(0, 2, 1).reshape(-1, rows.shape[1])
    return channels
