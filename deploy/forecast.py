"""Forecast: the quantiles of the coming values, checked, and what a table of them needs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bundle.bundle import Manifest
from .errors import ConfigError, InputError
from .time.timestep import SECONDS

Quantiles = NDArray[np.float64]
DIGITS = 7  # of float32
MOST_PLACES = 300  # behind the point
EXACT = 2.0**53  # above it float64 has no fractions


@dataclass(frozen=True)
class Forecast:
    """Quantiles of the coming values of each series."""

    # (batch, horizon, quantile), of a joint model (batch, horizon, D, quantile); in the data's units
    quantiles: Quantiles
    quantile_levels: tuple[float, ...]  # ascending, 0.5 among them
    # (batch, horizon) datetime64[s], of UTC if the model has a time zone, or counts; None: not known
    timestamps: NDArray[Any] | None

    @property
    def median(self) -> Quantiles:
        """Return the quantile 0.5: (batch, horizon), of a joint model (batch, horizon, D)."""
        return self.quantiles[..., self.quantile_levels.index(0.5)]


def finite(quantiles: Quantiles, first: int = 0) -> Quantiles:
    """Return the quantiles as they are. Raises InputError with the first series that has an infinite one.

    first: number of the first of these series in the call.
    """
    if not np.isfinite(quantiles).all():
        series = first + int(np.argwhere(~np.isfinite(quantiles))[0][0])
        raise InputError(
            f"series {series}: its forecast is not finite; its values exceed what the model can do"
        )
    return quantiles


def write_times(manifest: Manifest, forecast: Forecast) -> list[list[Any]]:
    """Return the times of a forecast: (batch, horizon), or nothing where it does not know them.

    ISO 8601, dates alone where all are at midnight, of UTC where there is a time zone; counts as numbers.
    """
    if forecast.timestamps is None:
        return []
    if not manifest.time_step.has_calendar:
        counts: list[list[Any]] = forecast.timestamps.tolist()
        return counts
    zoned = manifest.columns.timezone is not None
    dates = not zoned and not (forecast.timestamps.astype(np.int64) % SECONDS["day"]).any()
    texts = np.datetime_as_string(forecast.timestamps, unit="D" if dates else "s")
    return [[text + "Z" * zoned for text in row] for row in texts.tolist()]


def choose_levels(trained: tuple[float, ...], levels: tuple[float, ...]) -> tuple[float, ...]:
    """Return the levels to write, all where none are named. Raises ConfigError for one not trained."""
    unknown = [level for level in levels if level not in trained]
    if unknown:
        known = ", ".join(f"{level:g}" for level in trained)
        raise ConfigError(f"level {unknown[0]:g} was not trained; trained levels: {known}")
    return levels or trained


def legible_digits(values: NDArray[np.floating], alike: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the values to the digits that a model has: the 7 of float32, of each and of what they span.

    alike: the axes of the values of one series, which span it. The order of the values stays.
    """
    wide = values.astype(np.float64)
    size, span = np.abs(wide), np.ptp(wide, alike, keepdims=True)
    known = np.minimum(size, np.where(span > 0, span, np.inf))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        unit = 10.0 ** (DIGITS - 1 - np.floor(np.log10(known))).clip(0, MOST_PLACES)
        rounded: NDArray[np.float64] = np.where(size * unit < EXACT, np.rint(wide * unit) / unit, wide)
    return rounded
