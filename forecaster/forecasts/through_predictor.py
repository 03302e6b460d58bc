"""Forecast the series of a panel through deploy.Predictor, with the covariates that it needs."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy import Forecast, Manifest, Predictor
from deploy.engine.engine import Method
from deploy.errors import DataError
from deploy.request.inputs import check_horizon
from deploy.request.stacked import Stacked
from forecaster.data import Panel
from forecaster.data.complaints import Option, with_options
from forecaster.data.times.timestamps import write_timestamps
from forecaster.forecasts.panel_misfits import refuse_misfits


def forecast_panel(
    predictor: Predictor,
    panel: Panel,
    horizon: int | None = None,
    future: Panel | None = None,
    method: Method = "graph",
) -> Forecast:
    """Forecast every series, in the order of the panel.

    horizon: steps, None = as trained; future: from read_future. Raises DataError or InputError.
    """
    given = arguments_for(predictor.manifest, panel, horizon, future)
    return predictor.forecast(**given, method=method)


def sample_panel(
    predictor: Predictor,
    panel: Panel,
    paths: int,
    seed: int,
    horizon: int | None = None,
    future: Panel | None = None,
) -> NDArray[np.float64]:
    """Draw sample paths of every series: (series, paths, horizon), joint (series, paths, horizon, D).

    Otherwise as forecast_panel.
    """
    given = arguments_for(predictor.manifest, panel, horizon, future)
    return predictor.sample_paths(**given, paths=paths, seed=seed)


def arguments_for(
    manifest: Manifest, panel: Panel, horizon: int | None, future: Panel | None
) -> dict[str, Any]:
    """Return the predictor's arguments for every series."""
    horizon = check_horizon(manifest, horizon)
    panel = replace(panel, known=panel.known[:, : len(manifest.known)])  # holidays are found by the predictor
    refuse_misfits(panel, manifest)
    spans = panel.offsets[:-1], panel.ends
    last = panel.last_times()
    given: dict[str, Any] = {"history": Stacked(panel.values, *spans), "horizon": horizon}
    given["last_timestamp"] = panel.clock.to_utc(last) if panel.clock else last
    if manifest.known:
        given["known"] = Stacked(panel.known, *spans)
        given["future_known"] = coming_covariates(panel, horizon, future)
        _refuse_missing(panel, given["future_known"])
    if manifest.past:
        given["past"] = Stacked(panel.past, *spans)
    if manifest.vocabularies:
        given["static_cat"] = category_texts(panel)
    if manifest.static:
        given["static"] = panel.static
    return given


def coming_covariates(panel: Panel, horizon: int, future: Panel | None) -> NDArray[np.float32]:
    """Return known covariates of the coming steps: (series, horizon, covariate), NaN where not given.

    They stand in the panel's rows after the last target value, and else in `future`.
    """
    coming = np.full((panel.series_count, horizon, panel.known.shape[1]), np.nan, dtype=np.float32)
    for row, end, stop in zip(coming, panel.ends, panel.offsets[1:], strict=True):
        given = panel.known[end : min(stop, end + horizon)]
        row[: len(given)] = given
    if future is None:
        return coming
    number = {id_: series for series, id_ in enumerate(future.ids)}
    moments = coming_timestamps(panel, horizon)
    several, key_length = len(panel.columns.known) > 1, len(panel.columns.series)
    for series, id_ in enumerate(panel.ids):
        for column, name in enumerate(panel.columns.known):
            key = id_[:key_length]
            found = number.get((*key, name) if several else key)
            if found is not None:
                values = _values_at(future, found, moments[series])
                empty = np.isnan(coming[series, :, column])
                coming[series, empty, column] = values[empty]
    return coming


def coming_timestamps(panel: Panel, horizon: int) -> NDArray[np.int64]:
    """Return the steps after the last observed value of each series: (series, horizon)."""
    return panel.step.shift(panel.last_times()[:, None], np.arange(1, horizon + 1)[None])


def _values_at(panel: Panel, series: int, moments: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return values of one series at some timestamps, NaN where it has none. moments: (steps,) ascending."""
    rows = np.arange(panel.offsets[series], panel.offsets[series + 1])
    times, values = panel.times(np.array(series), rows), panel.values[rows]
    place = np.minimum(np.searchsorted(times, moments), len(times) - 1)
    return np.where(times[place] == moments, values[place].astype(np.float32), np.float32(np.nan))


def _refuse_missing(panel: Panel, coming: NDArray[np.float32]) -> None:
    """Raise DataError that names the first step whose known covariate is missing."""
    missing = np.argwhere(np.isnan(coming))
    if not len(missing):
        return
    series, step, column = missing[0]
    horizon = coming.shape[1]
    moment = coming_timestamps(panel, horizon)[series, step : step + 1]
    name = "/".join(panel.ids[series])
    covariate = f'known covariate "{panel.columns.known[column]}"' + (f" of series {name}" if name else "")
    when = write_timestamps(moment, panel.columns.time_format, panel.clock)[0]
    raise with_options(
        DataError,
        f"{covariate} is missing at {when}, step {step + 1} of {horizon}; give it in rows after the last "
        "target value or with ",
        *(Option("future", "FILE"), ", or forecast a shorter ", Option("horizon")),
    )


def category_texts(panel: Panel) -> list[list[str]]:
    """Return static categories as texts, "" where missing: one list per series."""
    return [
        [
            vocabulary[code - 1] if code else ""
            for code, vocabulary in zip(codes, panel.vocabularies, strict=True)
        ]
        for codes in panel.categories
    ]
