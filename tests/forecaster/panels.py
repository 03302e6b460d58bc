"""Panels and forecasts that are made up in tests."""

from __future__ import annotations

import numpy as np

from deploy import Forecast, TimeStep
from deploy.columns import Columns
from forecaster.data import Panel

LEVELS = (0.1, 0.5, 0.9)
DAY = 86400


def make_panel(
    *,
    ids: tuple[tuple[str, ...], ...] = (("b",), ("a",)),
    series: tuple[str, ...] = ("shop",),
    targets: tuple[str, ...] = ("y",),
    time: str | None = "date",
    future: tuple[float, ...] = (),
    level: float = 0.0,
) -> Panel:
    """Series of two values each, 1 and 2 above the level, from 1970-01-01.

    A known covariate continues in `future` rows after them.
    """
    rows = 2 + len(future)
    offsets = np.arange(len(ids) + 1) * rows
    known = np.tile([1.0, 1.0, *future], len(ids)).reshape(-1, 1).astype(np.float32)
    step = TimeStep(1, "day") if time else TimeStep(1, "index")
    return Panel(
        values=level + np.tile([1.0, 2.0, *[np.nan] * len(future)], len(ids)),
        known=known if future else known[:, :0],
        past=known[:, :0],
        static=np.zeros((len(ids), 0), dtype=np.float32),
        categories=np.zeros((len(ids), 0), dtype=np.int64),
        offsets=offsets,
        ends=offsets[:-1] + 2,
        starts=np.zeros(len(ids), dtype=np.int64),
        leads=np.zeros(len(ids), dtype=np.int64),
        step=step,
        columns=Columns(
            time, "%Y-%m-%d" if time else "index", targets, series, ("promo",) if future else (), (), ()
        ),
        ids=ids,
        vocabularies=(),
    )


def make_forecast(batch: int, horizon: int = 2) -> Forecast:
    """Quantiles 0, 1, 2 ... in memory order."""
    quantiles = np.arange(batch * horizon * len(LEVELS), dtype=np.float64)
    return Forecast(quantiles.reshape(batch, horizon, len(LEVELS)), LEVELS, None)
