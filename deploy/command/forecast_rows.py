"""A forecast as rows of texts: each series at its coming times, with the median and the quantiles."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..cells import safe_cell
from ..errors import ConfigError
from ..forecast import Forecast, legible_digits, write_times
from ..places import STANDARD, output_name, write_output
from ..shown.intervals import choose_levels


def forecast_rows(
    manifest: Manifest, series: tuple[str, ...], forecast: Forecast, levels: tuple[float, ...]
) -> Iterator[list[str]]:
    """Yield a header, then a row per series, target and step.

    series: the names, or none of a single one. levels: the quantiles to write, all if there are none. Raises
    ConfigError for a level that was not trained.
    """
    chosen = choose_levels(forecast.quantile_levels, levels)
    places = [forecast.quantile_levels.index(level) for level in (0.5, *chosen)]
    batch, horizon, size = *forecast.quantiles.shape[:2], max(1, len(manifest.channels))
    values = legible_digits(forecast.quantiles.reshape(batch, horizon, size, -1), (1, 3))[..., places]
    yield from table_rows(manifest, series, forecast, [f"q{level:g}" for level in chosen], values)


def table_rows(
    manifest: Manifest,
    series: tuple[str, ...],
    forecast: Forecast,
    columns: Sequence[str],
    values: NDArray[np.floating],
) -> Iterator[list[str]]:
    """Yield a header, then a row per series, target and step of a forecast.

    columns: names of the values after the median; values: (batch, horizon, target, column), the median first.
    """
    times = write_times(manifest, forecast)
    names = ["series"] * bool(series) + ["time"] * bool(times) + ["target"] * bool(manifest.channels)
    yield [*names, "forecast", *columns]
    for number in range(len(values)):
        for channel, target in enumerate(manifest.channels or ("",)):
            for step in range(values.shape[1]):
                cells = [safe_cell(series[number])] if series else []
                cells += [str(times[number][step])] if times else []
                cells += [safe_cell(target)] if manifest.channels else []
                yield [*cells, *(str(value) for value in values[number, step, channel])]


def write_rows(rows: Iterator[list[str]], path: Path) -> None:
    """Write a CSV file in UTF-8, in one step. Raises ConfigError."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write(path, text.getvalue().encode())


def write(path: Path = STANDARD, data: bytes = b"") -> None:
    """Write to a place that a user named; by default what waits for standard output. Raises ConfigError."""
    try:
        write_output(path, data)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"cannot write {output_name(path)}: {reason}; write elsewhere") from None
