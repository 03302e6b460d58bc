"""The linear baseline: one linear map from a context to a horizon (Zeng et al., 2023)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.data import Panel
from forecaster.evaluation.channel_windows import actual_values, histories
from forecaster.windows.runs import Runs
from forecaster.windows.windows import WindowSet, observed_windows

Array = NDArray[np.float64]
# Windows that it learns from, evenly spread, and values in all their contexts: a fifth of a second, 64 MB.
MOST_WINDOWS, MOST_VALUES = 1 << 14, 1 << 23
# Ridge penalty as a share of the windows; contexts have a variance of 1.
PENALTY = 0.1


@dataclass(frozen=True)
class LinearMap:
    """A linear map of contexts less their mean, over their standard deviation."""

    weights: Array  # (context, horizon)
    intercept: Array  # (horizon,)

    def forecast(self, history: Array) -> Array:
        """Forecast (windows, horizon). history: (windows, time), the latest last, NaN = missing."""
        context, location, scale = _normalize(history[:, -len(self.weights) :])
        forecast: Array = (context @ self.weights + self.intercept) * scale + location
        return forecast


def fit_linear(panel: Panel, ends: NDArray[np.int64], lengths: tuple[int, int]) -> LinearMap | None:
    """Fit a ridge regression to the rows that trained; None where they hold no window.

    ends: (series,) the panel's row after the last training value; lengths: context and horizon, in steps.
    """
    from sklearn.linear_model import Ridge

    windows = _training_windows(panel, ends, lengths)
    if not len(windows):
        return None
    context, location, scale = _normalize(histories(windows, lengths[0]))
    target = (actual_values(windows) - location) / np.where(scale > 0, scale, 1.0)
    usable = (scale[:, 0] > 0) & ~np.isnan(target).any(axis=1)
    if not usable.any():
        return None
    ridge = Ridge(alpha=PENALTY * float(usable.sum())).fit(context[usable], target[usable])
    weights = np.asarray(ridge.coef_, dtype=np.float64).reshape(lengths[1], lengths[0]).T
    return LinearMap(weights, np.broadcast_to(np.asarray(ridge.intercept_, dtype=np.float64), lengths[1:]))


def _training_windows(panel: Panel, ends: NDArray[np.int64], lengths: tuple[int, int]) -> WindowSet:
    """Return windows that end in the training rows, after a context or as much as a short series has."""
    context_length, horizon = lengths
    last = ends - horizon
    first = np.minimum(panel.offsets[:-1] + context_length, last)
    counts = np.where(first > panel.offsets[:-1], last - first + 1, 0)
    total = int(counts.sum())
    most = min(total, MOST_WINDOWS, max(1, MOST_VALUES // context_length))
    places = np.linspace(0, max(0, total - 1), most).astype(np.int64)
    before = np.cumsum(counts) - counts
    series = np.searchsorted(np.cumsum(counts), places, side="right")
    origins = first[series] + places - before[series]
    return observed_windows(WindowSet(panel, context_length, horizon, Runs(series, origins)))


def _normalize(history: Array) -> tuple[Array, Array, Array]:
    """Return contexts of mean 0 and deviation 1, missing values 0; location and scale (windows, 1)."""
    observed = ~np.isnan(history)
    count = np.maximum(observed.sum(axis=1, keepdims=True), 1)
    location = np.where(observed, history, 0.0).sum(axis=1, keepdims=True) / count
    centred = np.where(observed, history - location, 0.0)
    scale: Array = np.sqrt(np.square(centred).sum(axis=1, keepdims=True) / count)
    return centred / np.where(scale > 0, scale, 1.0), location, scale
