"""The answer to POST /forecast: quantiles and paths as about/openapi.json describes them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bundle.bundle import Manifest
from ...engine.explain.explanation import input_names
from ...engine.explain.resting import parts_sentence, sentence_of
from ...forecast import Forecast, legible_digits, write_times
from ..answers import in_parts
from ..fields import Json
from ..models.joining import PARTS
from .anomalies import Judged
from .body import AskedForecast

Array = NDArray[np.floating]


def write_forecast(
    manifest: Manifest,
    asked: AskedForecast,
    forecast: Forecast,
    others: Sequence[Array],
    judged: Sequence[Judged] = (),
) -> Any:
    """Return a list as `dump` takes it, one object a series.

    A column is a list over the horizon, of a joint model an object of lists.

    others: what else was asked for: paths (batch, paths, horizon[, D]); parts of the medians
    (PARTS, batch, horizon[, D]) and shares of inputs (batch, D, input). judged: the last values of each
    series, if asked for.
    """
    left = list(others)
    paths = left.pop(0) if asked.paths else None
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
        if asked.explains:
            answer["explanation"] = _explanation(manifest, left[0][:, number], left[1][number])
        if judged:
            answer["anomalies"] = _anomalies(manifest, places, judged[number])
        answers.append(answer)
    return in_parts(answers, columns[0].size)


def _time_last(manifest: Manifest, values: Array) -> Array:
    """Return whole columns in a row, as orjson takes them: (..., horizon), or (..., D, horizon)."""
    return np.ascontiguousarray(np.moveaxis(values, -1, -2) if manifest.channels else values)


def _column(manifest: Manifest, values: Array) -> Any:
    """Return one column, (horizon,); of a joint model (D, horizon) by target."""
    return dict(zip(manifest.channels, values, strict=True)) if manifest.channels else values


def _anomalies(manifest: Manifest, places: dict[str, int], judged: Judged) -> Json:
    """Return the last values of one series, judged. places: of the levels that are given."""
    said = judged.quantiles  # (steps[, D], quantile), perhaps of no step
    legible = legible_digits(said[None], (1, -1))[0] if said.size else said
    columns = _time_last(manifest, np.moveaxis(legible, -1, 0))
    found: Json = {
        "p_values": _column(manifest, _time_last(manifest, judged.p_values)),
        "quantiles": {level: _column(manifest, columns[place]) for level, place in places.items()},
    }
    return found if judged.error is None else {**found, "error": judged.error}


def _explanation(manifest: Manifest, parts: Array, shares: Array) -> Json:
    """Return what one forecast is made of, and rests on.

    parts: (PARTS, horizon[, D]); shares: (D, input).
    """
    names, targets = input_names(manifest), manifest.channels or ("",)
    columns = _time_last(manifest, legible_digits(parts, (1,)))
    said: list[Json] = []
    for target, row in enumerate(shares):
        of_target = parts[..., target] if manifest.channels else parts
        level, *others = of_target
        rests_on = {name: share for name, share in zip(names, row.tolist(), strict=True) if share > 0}
        ordered = dict(sorted(rests_on.items(), key=lambda item: -item[1]))
        made_of = parts_sentence(level, dict(zip(PARTS[1:], others, strict=True)))
        said.append({"rests_on": ordered, "sentence": sentence_of(ordered), "made_of": made_of})
    found: Json = {name: _column(manifest, column) for name, column in zip(PARTS, columns, strict=True)}
    for key in ("rests_on", "sentence", "made_of"):
        found[key] = (
            {target: one[key] for target, one in zip(targets, said, strict=True)}
            if manifest.channels
            else said[0][key]
        )
    return found
