"""The past of many series, forecast again: what was said of values is compared with them, step by step."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..engine.deadline import Deadline
from ..engine.engine import Engine
from ..forecast import finite
from ..request.covariates import Covariates
from ..request.inputs import check_request
from .record import Record
from .said import MOST_GROUPS
from .tracker import Tracker

MOST_WAITING = 1 << 24  # quantiles of forecasts that wait for their actuals; of more series some teach

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Chosen:
    """Series that end at the same time, and what goes with them."""

    values: list[Array]
    last_timestamp: Any
    known: list[Any] | None = None
    past: list[Any] | None = None
    static_cat: Any = None
    static: Any = None

    @classmethod
    def of(cls, kept: list[int], series: list[Array], last: Any, given: Covariates) -> "Chosen":
        """Return the kept ones of some series. last: of all, on the model's clock; None: not known."""

        def some(rows: Any) -> list[Any] | None:
            return None if rows is None else [rows[n] for n in kept]

        return cls(
            [series[n] for n in kept],
            None if last is None else last[kept],
            known=some(given.known),
            past=some(given.past),
            static_cat=some(given.static_cat),
            static=some(given.static),
        )

    def forecast(self, engine: Engine, steps: int, horizon: int) -> Array:
        """Return forecasts of the values from so many steps before the end on: (step, series × D, level).

        Of a series that had no value by then all quantiles are 0, which have no width and teach nothing.
        """
        manifest = engine.manifest
        before = [values[: len(values) - steps] for values in self.values]
        there = [n for n, values in enumerate(before) if np.isfinite(values).any()]
        size, levels = max(len(manifest.channels), 1), len(manifest.quantile_levels)
        found = np.zeros((horizon, len(before), size, levels))
        if not there:
            return found.reshape(horizon, -1, levels)

        def along(rows: list[Any] | None, begin: int | None, end: int | None) -> list[Any] | None:
            return None if rows is None else [rows[n][len(rows[n]) - steps :][begin:end] for n in there]

        def ended(rows: list[Any] | None) -> list[Any] | None:
            return None if rows is None else [rows[n][: len(rows[n]) - steps] for n in there]

        last = self.last_timestamp
        if last is not None:
            last = manifest.time_step.shift(last[there], np.array(-steps))
            last = last if manifest.clock is None else manifest.clock.to_utc(last)
        static_cat, static = (
            None if rows is None else [rows[n] for n in there] for rows in (self.static_cat, self.static)
        )
        ahead = along(self.known, 0, horizon)
        given = Covariates(last, ended(self.known), ahead, static_cat, ended(self.past), static)
        request = check_request(manifest, [before[n] for n in there], horizon, given)
        quantiles = finite(engine.run(request, Deadline(None)))
        found[:, there] = np.moveaxis(quantiles, 1, 0).reshape(horizon, len(there), size, levels)
        return found.reshape(horizon, -1, levels)


def sample(manifest: Manifest, series: list[int]) -> list[int]:
    """Return as many of the series as memory may hold forecasts of, evenly."""
    forecast = manifest.horizon * len(manifest.quantile_levels) * max(len(manifest.channels), 1)
    most = max(1, MOST_WAITING // (forecast * (MOST_GROUPS + 1)))
    return series[:: max(1, -(-len(series) // most))]


def learn(
    tracker: Tracker, record: Record, engine: Engine, chosen: Chosen, count: int
) -> tuple[Tracker, Record]:
    """Return both after the last `count` values, compared with all that was said of them."""
    said: list[tuple[int, Array, float]] = []  # origin, counted from the first new value; quantiles; spread
    shortest = min(len(values) for values in chosen.values)
    first = max(1 - tracker.steps, count - shortest + 1)
    for step in range(first, count):
        if (step - first) % tracker.each == 0:
            horizon = min(tracker.steps, count - step)
            said.append((step, chosen.forecast(engine, count - step, horizon), tracker.spread))
        said = [each for each in said if step - each[0] < len(each[1])]
        if step < 0 or not said:
            continue
        actual = np.array([values[len(values) - count + step] for values in chosen.values]).reshape(-1)
        leads = np.array([step - origin + 1 for origin, _, _ in said])
        quantiles = np.array([found[step - origin] for origin, found, _ in said])
        spreads = np.array([spread for _, _, spread in said])
        record = record.after(tracker, leads, quantiles, actual)
        tracker = tracker.learn(leads, quantiles, actual, spreads)
    return tracker, record
