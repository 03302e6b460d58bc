"""watch: what the last values of many series say of a model, one step after the other.

Each is compared with a forecast made a step before, which is evidence for the alarm, and from every horizon
on with one of the whole horizon, whose coverage and loss are counted. Forecasts are the model's, unmoved.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.engine import Engine
from ..errors import InputError
from ..request.covariates import NOTHING, Covariates
from .alarm import DELTA
from .quantile_levels import Levels
from .replay import Chosen, sample
from .surprise import Surprise

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Watched:
    """The comparison of the last values of some series with their forecasts."""

    series: int
    steps: int  # that were watched
    values: int  # that forecasts of whole horizons were compared with
    interval: float  # of the outermost levels, such as 0.8
    coverage: float | None  # share of the values in it; None: no value
    pinball: float | None  # mean loss of all levels, in widths of that interval
    p_value: float  # of the alarm, for all time
    rang: int | None  # the first step, from 1, at which it rang

    @property
    def rings(self) -> bool:
        """Whether it is time to fit again."""
        return self.rang is not None


def watch(
    engine: Engine, series: list[Array], new: int, last: Any = None, given: Covariates = NOTHING
) -> Watched:
    """Watch the last `new` values of series, of those that end last.

    last: when each ends, on the model's clock, (series,); given: covariates of each, a row for each value.
    Raises InputError where a forecast cannot be made, or no series is longer than that.
    """
    manifest = engine.manifest
    levels = Levels(manifest.quantile_levels)
    if not levels.listed[0] < 0.5 < levels.listed[-1]:
        raise InputError("this model has no levels on both sides of 0.5, so it has no intervals to watch")
    at_end = range(len(series)) if last is None else np.flatnonzero(last == last.max()).tolist()
    kept = sample(manifest, [n for n in at_end if len(series[n]) > new])
    if new < 1 or not kept:
        raise InputError(f"no series has values before its last {new}; expected 1 or more to watch")
    chosen = Chosen.of(kept, series, last, given)
    surprise, sums, rang = Surprise(), np.zeros(3), None
    for step in range(new):
        is_whole = step % manifest.horizon == 0
        horizon = min(manifest.horizon, new - step) if is_whole else 1
        quantiles = chosen.forecast(engine, new - step, horizon)
        actual = np.stack([_from_end(chosen, new - step - lead) for lead in range(horizon)])
        surprise = surprise.weigh(actual[0].tolist(), quantiles[0].tolist(), levels)
        if rang is None and surprise.highest >= 1 / DELTA:
            rang = step + 1
        if is_whole:
            sums += _scores(quantiles, actual, levels.array)
    count = int(sums[0])
    interval = round(levels.listed[-1] - levels.listed[0], 9)
    coverage, pinball = (float(each) / count if count else None for each in sums[1:])
    return Watched(len(kept), new, count, interval, coverage, pinball, 1 / surprise.highest, rang)


def _from_end(chosen: Chosen, steps: int) -> Array:
    """Return the values that lie so many steps before the end, counted from 1: (series × D,)."""
    return np.array([values[len(values) - steps] for values in chosen.values]).reshape(-1)


def _scores(quantiles: Array, actual: Array, levels: Array) -> Array:
    """Return sums over values: their number, those inside, their losses in widths of the outermost levels."""
    width = quantiles[..., -1] - quantiles[..., 0]
    known = np.isfinite(actual) & (width > 0)
    found, values, width = quantiles[known], actual[known][:, None], width[known][:, None]
    inside = (values[:, 0] >= found[:, 0]) & (values[:, 0] <= found[:, -1])
    losses = (values - found) * (levels - (values < found)) / width
    return np.array([known.sum(), inside.sum(), losses.mean(axis=1).sum()])
