"""Forecasts for a data file: the panel's series through deploy.Predictor, and the rows that are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.bundle import Manifest
from deploy.errors import ConfigError, DataError
from deploy.inputs import check_horizon
from deploy.predictor import Forecast, Predictor
from forecaster.data.channels import channels_apart, refuse_unobserved
from forecaster.data.columns import ColumnChoice
from forecaster.data.csv import read_panel
from forecaster.data.levels import needs_level
from forecaster.data.panel import Panel
from forecaster.data.timestamps import write_timestamps

# A spreadsheet would run a cell that begins with one of these.
FORMULA_STARTS = ("=", "+", "-", "@")
# What was an option of fit is a property of the model in a forecast.
OPTION = re.compile(r"^--(\w+) ")
PROPERTIES = {"step": "the step", "timezone": "the time zone"}


@dataclass(frozen=True)
class ForecastOptions:
    """How to forecast."""

    horizon: int | None = None
    method: Literal["graph", "step"] = "graph"


def read_for(path: Path, manifest: Manifest, na: tuple[str, ...] = ()) -> Panel:
    """The series of a file, in the columns and on the step that the bundle was trained on."""
    columns = manifest.columns
    panel = _read(
        path,
        manifest,
        na,
        keeps_level=needs_level(manifest.normalization, manifest.lower),
        targets=columns["targets"],
        known=manifest.known,
        past=manifest.past,
        static=columns["static"],
        categories=tuple(manifest.vocabularies),
        joint=columns.get("joint", False),
    )
    # The file may have its columns in another order, and more that look like covariates.
    order = [panel.columns.known.index(name) for name in manifest.known]
    return replace(panel, known=panel.known[:, order], columns=replace(panel.columns, known=manifest.known))


def read_future(path: Path, manifest: Manifest, na: tuple[str, ...] = ()) -> Panel:
    """The known-future covariates of a file of their own: one series for each key and covariate."""
    if not manifest.known:
        raise DataError(f"{path} is not needed: this model has no known-future covariates")
    return _read(path, manifest, na, keeps_level=True, targets=manifest.known)


def _read(
    path: Path,
    manifest: Manifest,
    na: tuple[str, ...],
    *,
    keeps_level: bool,
    joint: bool = False,
    **roles: Sequence[str],
) -> Panel:
    columns = manifest.columns
    layout = columns.get("layout", "auto")
    # Where every row is a series, the target is no column of the file.
    named: dict[str, Any] = {role: tuple(names) for role, names in roles.items() if layout != "rows"}
    choice = ColumnChoice(
        time=columns["time"],
        series=tuple(columns["series"]),
        na=na,
        step=manifest.time_step,
        layout=layout,
        timezone=columns.get("timezone"),
        trained_time_format=columns.get("time_format"),
        keeps_level=keeps_level,
        is_for_model=True,
        joint=joint,
        **named,
    )
    try:
        panel = read_panel(path, choice)
    except ConfigError as error:
        found = OPTION.sub(lambda match: f"{PROPERTIES.get(match[1], 'column')} ", str(error))
        raise DataError(f"{path} is not like the data that the model was trained on: {found}") from None
    if panel.columns.timezone != choice.timezone:
        raise DataError(
            f"{path} is not like the data that the model was trained on: its UTC offset changes, and the "
            "model has no time zone; write all times with one UTC offset, or fit again with --timezone"
        )
    return panel


def forecast_panel(
    predictor: Predictor, panel: Panel, options: ForecastOptions, future: Panel | None = None
) -> Forecast:
    """Forecasts of every series in the order of the panel. future: from read_future.

    Raises DataError or InputError.
    """
    manifest = predictor.manifest
    horizon = check_horizon(manifest, options.horizon)
    spans = [slice(begin, end) for begin, end in zip(panel.offsets[:-1], panel.ends, strict=True)]
    _refuse_nonpositive(channels_apart(panel), manifest)
    refuse_unobserved(panel, manifest.context_length)
    last = panel.timestamps[panel.ends - 1]
    given: dict[str, Any] = {"last_timestamp": panel.clock.to_utc(last) if panel.clock else last}
    if manifest.known:
        given["known"] = [panel.known[span] for span in spans]
        given["future_known"] = coming_covariates(panel, horizon, future)
        _refuse_missing(panel, given["future_known"])
    if manifest.past:
        given["past"] = [panel.past[span] for span in spans]
    if manifest.vocabularies:
        given["static_cat"] = category_texts(panel)
    if manifest.static:
        given["static"] = panel.static
    histories = [panel.values[span] for span in spans]
    return _with_levels(predictor.forecast(histories, horizon, method=options.method, **given), panel.levels)


def _with_levels(forecast: Forecast, levels: NDArray[np.float64]) -> Forecast:
    """The forecast in the units of the data. levels: as Panel.levels, what was subtracted of them."""
    if not levels.any():
        return forecast
    exact = forecast.quantiles.astype(str).astype(np.float64)  # as the float32 are written, not as they are
    return replace(forecast, quantiles=exact + levels[:, None, ..., None])


def series_apart(panel: Panel, forecast: Forecast) -> tuple[Panel, Forecast]:
    """Each target as a series of its own, as they are drawn and written; nothing changes but joint ones."""
    if panel.target_size == 1:
        return panel, forecast
    quantiles = np.concatenate(np.moveaxis(forecast.quantiles, 2, 0))  # (D × batch, horizon, quantile)
    times = forecast.timestamps
    tiled = None if times is None else np.concatenate([times] * panel.target_size)
    return channels_apart(panel), replace(forecast, quantiles=quantiles, timestamps=tiled)


def _refuse_nonpositive(panel: Panel, manifest: Manifest) -> None:
    """Raises DataError for a value that a model of logarithms cannot take, by its series and time."""
    panel = channels_apart(panel)
    bad = np.flatnonzero(panel.values <= 0)
    if manifest.positive and len(bad):
        series = int(np.searchsorted(panel.offsets, bad[0], side="right")) - 1
        name = "/".join(panel.ids[series])
        when = write_timestamps(panel.timestamps[bad[:1]], panel.columns.time_format, panel.clock)[0]
        value = panel.values[bad[0]] + panel.levels[series]
        raise DataError(
            f"value {value:g}{' of series ' + name if name else ''} at {when}: expected above "
            f"0, since this model takes logarithms ({len(bad)} such values); a model that was fitted with "
            "--set normalization=last-difference takes any value"
        )


def coming_covariates(panel: Panel, horizon: int, future: Panel | None) -> NDArray[np.float32]:
    """Known covariates of the steps to forecast: (series, horizon, covariate), NaN where they are not given.

    They stand in the panel's rows after the last target value, and else in `future`.
    """
    coming = np.full((panel.series_count, horizon, panel.known.shape[1]), np.nan, dtype=np.float32)
    for row, end, stop in zip(coming, panel.ends, panel.offsets[1:], strict=True):
        given = panel.known[end : min(stop, end + horizon)]
        row[: len(given)] = given
    if future is None:
        return coming
    number = {id_: series for series, id_ in enumerate(future.ids)}
    moments = _coming_timestamps(panel, horizon)
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


def _coming_timestamps(panel: Panel, horizon: int) -> NDArray[np.int64]:
    """(series, horizon): the steps after the last observed value of each series."""
    return panel.step.shift(panel.timestamps[panel.ends - 1][:, None], np.arange(1, horizon + 1)[None])


def _values_at(panel: Panel, series: int, moments: NDArray[np.int64]) -> NDArray[np.float32]:
    """The values of one series at some timestamps, NaN where it has none. moments: (steps,) ascending."""
    rows = slice(panel.offsets[series], panel.offsets[series + 1])
    times, values = panel.timestamps[rows], panel.values[rows]
    place = np.minimum(np.searchsorted(times, moments), len(times) - 1)
    return np.where(times[place] == moments, values[place], np.float32(np.nan))


def _refuse_missing(panel: Panel, coming: NDArray[np.float32]) -> None:
    """Raises DataError that names the first step whose known covariate is missing."""
    missing = np.argwhere(np.isnan(coming))
    if not len(missing):
        return
    series, step, column = missing[0]
    horizon = coming.shape[1]
    moment = _coming_timestamps(panel, horizon)[series, step : step + 1]
    name = "/".join(panel.ids[series])
    covariate = f'known covariate "{panel.columns.known[column]}"' + (f" of series {name}" if name else "")
    when = write_timestamps(moment, panel.columns.time_format, panel.clock)[0]
    raise DataError(
        f"{covariate} is missing at {when}, step {step + 1} of {horizon}; give it in rows after the last "
        "target value or with --future FILE, or forecast a shorter --horizon"
    )


def category_texts(panel: Panel) -> list[list[str]]:
    """Static categories as texts, "" where missing: one list per series."""
    return [
        [
            vocabulary[code - 1] if code else ""
            for code, vocabulary in zip(codes, panel.vocabularies, strict=True)
        ]
        for codes in panel.categories
    ]


def forecast_table(panel: Panel, forecast: Forecast, levels: tuple[float, ...]) -> pd.DataFrame:
    """One row per series and step: series columns, time, `target` if there are several, forecast, quantiles.

    Raises ConfigError for a level that was not trained.
    """
    chosen = levels or forecast.quantile_levels
    unknown = [level for level in chosen if level not in forecast.quantile_levels]
    if unknown:
        trained = ", ".join(f"{level:g}" for level in forecast.quantile_levels)
        raise ConfigError(f"level {unknown[0]:g} was not trained; trained levels: {trained}")
    batch, horizon, _ = forecast.quantiles.shape
    columns: dict[str, Any] = {}
    names = panel.columns.series
    time, several = _time_name(panel), len(panel.columns.targets) > 1
    written = [*names, time, *["target"] * several, "forecast", *(f"q{level:g}" for level in chosen)]
    for name in (*names, time):
        if written.count(name) > 1:
            raise DataError(f'column "{name}" is called as a column of the forecast; rename it')
    for position, name in enumerate(names):
        columns[name] = np.repeat([safe_cell(id_[position]) for id_ in panel.ids], horizon)
    future = _coming_timestamps(panel, horizon)
    columns[time] = write_timestamps(future.ravel(), panel.columns.time_format, panel.clock)
    if several:
        columns["target"] = np.repeat([safe_cell(id_[-1]) for id_ in panel.ids], horizon)
    columns["forecast"] = forecast.median.ravel()
    for level in chosen:
        index = forecast.quantile_levels.index(level)
        columns[f"q{level:g}"] = forecast.quantiles[:, :, index].ravel()
    return pd.DataFrame(columns, index=pd.RangeIndex(batch * horizon)).rename(columns=safe_cell)


def _time_name(panel: Panel) -> str:
    """What the column of timestamps is called; without a time column they are counts."""
    return panel.columns.time or ("step" if panel.columns.layout == "rows" else "row")


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula; numbers stay numbers."""
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return "'" + text
    return text
