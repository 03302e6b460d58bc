"""The answer to POST /forecast: quantiles and paths as about/openapi.json describes them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bundle.bundle import Manifest
from ...forecast import Forecast, legible_digits, write_times
from ..answers import in_parts
from ..fields import Json
from .body import AskedForecast

Array = NDArray[np.floating]


def write_forecast(manifest: Manifest, asked: AskedForecast, forecast: Forecast, paths: Array | None) -> Any:
    """Return a list as `dump` takes it, one object a series.

    A column is a list over the horizon, of a joint model an object of lists.

    paths: (batch, paths, horizon), of a joint model (batch, paths, horizon, D).
    """
    by_level = np.moveaxis(
        legible_digits(forecast.quantiles, (1, -1)), -1, 1
    )  # (batch, quantile, horizon[, D])
    columns = _time_last(manifest, by_level)
    drawn = None if paths is None else _time_last(manifest, legible_digits(paths, (1, 2)))
    times = write_times(manifest, forecast)
    places = {f"{level:g}": manifest.quantile_levels.index(level) for level in asked.levels}
    answers = []
    for number, name in enumerate(asked.ids):
        answer: Json = {} if name is None else {"id": name}
        if times:
            answer["timestamps"] = times[number]
        answer["median"] = _column(manifest, columns[number, manifest.median_index])
        answer["quantiles"] = {
            level: _column(manifest, columns[number, place]) for level, place in places.items()
        }
        if drawn is not None:
            paths_of = [_column(manifest, path) for path in drawn[number]]
            answer["paths"] = in_parts(paths_of, drawn[number, 0].size)
        answers.append(answer)
    return in_parts(answers, columns[0].size)


def _time_last(manifest: Manifest, values: Array) -> Array:
    """Return whole columns in a row, as orjson takes them: (..., horizon), or (..., D, horizon)."""
    return np.ascontiguousarray(np.moveaxis(values, -1, -2) if manifest.channels else values)


def _column(manifest: Manifest, values: Array) -> Any:
    """Return one column, (horizon,); of a joint model (D, horizon) by target."""
    return dict(zip(manifest.channels, values, strict=True)) if manifest.channels else values
