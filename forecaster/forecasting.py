"""Forecasts for a data file: the panel's series through deploy.Predictor, and the rows that are written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from deploy.bundle import Manifest
from deploy.errors import ConfigError, DataError
from deploy.predictor import Forecast, Predictor
from forecaster.data.columns import ColumnChoice
from forecaster.data.csv import read_panel
from forecaster.data.panel import Panel
from forecaster.data.timestamps import write_timestamps

# A spreadsheet would run a cell that begins with one of these.
FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class ForecastOptions:
    """How to forecast."""

    horizon: int | None = None
    method: Literal["graph", "step"] = "graph"
    levels: tuple[float, ...] = ()  # to write; empty = all


def read_for(path: Path, manifest: Manifest, na: tuple[str, ...] = ()) -> Panel:
    """The series of a file, in the columns and on the step that the bundle was trained on."""
    columns = manifest.columns
    choice = ColumnChoice(
        time=columns["time"],
        targets=tuple(columns["targets"]),
        series=tuple(columns["series"]),
        known=tuple(columns["known"]),
        static=tuple(columns["static"]),
        na=na,
        step=manifest.time_step,
    )
    try:
        return read_panel(path, choice)
    except ConfigError as error:
        raise DataError(f"{path} lacks a column that the model was trained on: {error}") from None


def forecast_panel(predictor: Predictor, panel: Panel, options: ForecastOptions) -> Forecast:
    """Forecasts of every series in the order of the panel. Raises DataError or InputError."""
    manifest = predictor.manifest
    horizon = options.horizon or manifest.horizon
    spans = [slice(begin, end) for begin, end in zip(panel.offsets[:-1], panel.ends, strict=True)]
    given: dict[str, Any] = {"last_timestamp": panel.timestamps[panel.ends - 1]}
    if manifest.known:
        check_future(panel, horizon)
        given["known"] = [panel.known[span] for span in spans]
        given["future_known"] = np.stack([panel.known[end : end + horizon] for end in panel.ends])
    if manifest.vocabularies:
        given["static_cat"] = category_texts(panel)
    histories = [panel.values[span] for span in spans]
    return predictor.forecast(histories, horizon, method=options.method, **given)


def check_future(panel: Panel, horizon: int) -> None:
    """Raises DataError that names the first step whose known covariates are missing."""
    for series, (end, stop) in enumerate(zip(panel.ends, panel.offsets[1:], strict=True)):
        future = panel.known[end : min(stop, end + horizon)]
        missing = np.argwhere(~np.isfinite(future))
        if not len(missing) and len(future) == horizon:
            continue
        step, column = missing[0] if len(missing) else (len(future), 0)
        moment = panel.step.shift(panel.timestamps[end - 1 : end], np.array([step + 1]))
        name = "/".join(panel.ids[series])
        raise DataError(
            f'known covariate "{panel.columns.known[column]}" of series {name or "1"} is missing at '
            f"{write_timestamps(moment, panel.columns.time_format)[0]}, step {step + 1} of {horizon}; "
            "give it in rows after the last target value, or a shorter --horizon"
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
    for position, name in enumerate(names):
        columns[name] = np.repeat([safe_cell(id_[position]) for id_ in panel.ids], horizon)
    future = panel.step.shift(panel.timestamps[panel.ends - 1][:, None], np.arange(1, horizon + 1)[None])
    columns[panel.columns.time or "row"] = write_timestamps(future.ravel(), panel.columns.time_format)
    if len(panel.columns.targets) > 1:
        columns["target"] = np.repeat([safe_cell(id_[-1]) for id_ in panel.ids], horizon)
    columns["forecast"] = forecast.median.ravel()
    for level in chosen:
        index = forecast.quantile_levels.index(level)
        columns[f"q{level:g}"] = forecast.quantiles[:, :, index].ravel()
    return pd.DataFrame(columns, index=pd.RangeIndex(batch * horizon))


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula; numbers stay numbers."""
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return "'" + text
    return text
