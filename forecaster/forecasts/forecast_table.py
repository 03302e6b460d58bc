"""Make the rows of a forecast: each series at its own next times, in the form of the file."""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy import Forecast
from deploy.cells import safe_cell
from deploy.errors import DataError
from deploy.shown.intervals import choose_levels
from forecaster.data import Panel
from forecaster.data.panel.targets_apart import channels_apart
from forecaster.data.table import Texts
from forecaster.data.times.parts import write_parts
from forecaster.data.times.timestamps import write_timestamps
from forecaster.forecasts.through_predictor import coming_timestamps

LONG = 10_000  # rows from which on it pays to import polars
WRITTEN_ROWS = 1 << 17  # at once
PLAIN = 1e-4, 1e16  # sizes that are written without an exponent
UNQUOTED = re.compile(r'[^",\r\n\ud800-\udfff]+')


def series_apart(panel: Panel, forecast: Forecast) -> tuple[Panel, Forecast]:
    """Return each target as a series of its own, as drawn and written; only joint ones change."""
    if panel.target_size == 1:
        return panel, forecast
    times = forecast.timestamps
    tiled = None if times is None else np.concatenate([times] * panel.target_size)
    quantiles = _channels_first(forecast.quantiles, 2)  # (D × batch, horizon, quantile)
    return channels_apart(panel), replace(forecast, quantiles=quantiles, timestamps=tiled)


def _channels_first(values: NDArray[Any], axis: int) -> NDArray[Any]:
    """Remove the axis of channels: the series of the first channel, then those of the next."""
    return np.concatenate(np.moveaxis(values, axis, 0))


def forecast_table(panel: Panel, forecast: Forecast, levels: tuple[float, ...]) -> pd.DataFrame:
    """Make a row per series and step: series columns, time, `target` of several, forecast, quantiles.

    Columns of texts are categories. Raises ConfigError for a level that was not trained.
    """
    chosen = choose_levels(forecast.quantile_levels, levels)
    refuse_clashes(panel, "forecast", ("forecast", *(f"q{level:g}" for level in chosen)))
    columns = key_columns(panel, forecast.quantiles.shape[1])
    for name, level in (("forecast", 0.5), *((f"q{level:g}", level) for level in chosen)):
        columns[name] = forecast.quantiles[:, :, forecast.quantile_levels.index(level)].ravel()
    return pd.DataFrame(columns, copy=False)


def as_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its categories as texts, as users are given it."""
    return table.astype(dict.fromkeys(table.select_dtypes("category"), "str"))


def paths_table(panel: Panel, paths: NDArray[Any]) -> pd.DataFrame:
    """Make a row per series, path and step: as forecast_table, then the path's number, from 1, and the value.

    paths: (series, paths, horizon), joint with D. Raises DataError for a column that is called so.
    """
    if panel.target_size > 1:
        panel, paths = channels_apart(panel), _channels_first(paths, 3)
    batch, count, horizon = paths.shape
    refuse_clashes(panel, "sample paths", ("path", "value"))
    columns = key_columns(panel, horizon, count)
    columns["path"] = np.tile(np.repeat(np.arange(1, count + 1), horizon), batch)
    columns["value"] = paths.ravel()
    return pd.DataFrame(columns, copy=False)


def paths_file(output: Path) -> Path:
    """Return the place of sample paths, next to a forecast: NAME.csv -> NAME.paths.csv."""
    return output.with_name(f"{output.name.removesuffix('.csv')}.paths.csv")


def to_csv(panel: Panel, table: pd.DataFrame) -> Iterator[bytes]:
    """Yield a table of these series as a CSV, so many rows at a time that they take little memory.

    Texts that a spreadsheet would run as formulas are escaped.
    """
    texts = {*panel.columns.series, *time_columns_of(panel), *_target_column(panel)}
    safe = {name: _made_safe(Texts.of(table[name])) for name in table if name in texts}
    for begin in range(0, max(len(table), 1), WRITTEN_ROWS):
        rows = slice(begin, begin + WRITTEN_ROWS)
        cells = {name: column[rows] for name, column in safe.items()}
        yield write_csv(table[rows].assign(**cells).rename(columns=safe_cell), has_header=not begin)


def _made_safe(column: Texts) -> pd.Categorical:
    return _coded(column.codes, [safe_cell(text) for text in column.values.tolist()])


def _coded(codes: NDArray[np.integer[Any]], texts: list[str]) -> pd.Categorical:
    """Return codes into texts, which may come twice, as a column."""
    numbers, distinct = pd.factorize(pd.Index(texts, dtype="str"))
    if len(distinct) < len(texts):
        codes = numbers[codes]
    return pd.Categorical.from_codes(codes, categories=distinct, validate=False)


def write_csv(table: pd.DataFrame, *, has_header: bool = True) -> bytes:
    """Return a table as pandas writes it; a long one by polars, where that writes the same bytes."""
    if len(table) >= LONG and _is_written_alike(table):
        with suppress(ModuleNotFoundError):
            import polars

            columns = {name: table[name] for name in table.columns}
            values = {
                name: column.to_numpy() if column.dtype.kind in "if" else _as_polars(column)
                for name, column in columns.items()
            }
            written = io.BytesIO()
            polars.DataFrame(values, nan_to_null=True).write_csv(written, include_header=has_header)
            return written.getvalue()
    return table.to_csv(index=False, header=has_header).encode()


def _as_polars(column: "pd.Series[Any]") -> Any:
    """Return a column of texts as one of polars; codes are looked up there."""
    import polars

    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.tolist()
    codes, used = pd.factorize(column.cat.codes)
    return polars.Series(column.cat.categories[used].tolist()).gather(codes)


def _is_written_alike(table: pd.DataFrame) -> bool:
    """Return whether no cell is one that needs quotes, or that pandas writes with an exponent."""
    names = list(table.columns)
    if len(set(names)) < len(names) or not all(map(UNQUOTED.fullmatch, names)):
        return False
    for name in names:
        column = table[name]
        if column.dtype.kind == "f":
            values = column.to_numpy()
            if np.fmin.reduce(values) >= PLAIN[0] and np.fmax.reduce(values) < PLAIN[1]:
                continue  # as nearly all are, which takes no array of sizes
            size = np.abs(values)
            if not (np.isnan(size) | (size == 0) | ((size >= PLAIN[0]) & (size < PLAIN[1]))).all():
                return False
        elif column.dtype.kind != "i":
            cells = column.unique().tolist()
            if not all(isinstance(cell, str) and UNQUOTED.fullmatch(cell) for cell in cells):
                return False
    return True


def key_columns(panel: Panel, horizon: int, paths: int = 1) -> dict[str, Any]:
    """Make the columns that tell rows apart, for each series `paths` times its next steps."""
    rows = paths * horizon
    series = np.repeat(np.arange(panel.series_count), rows)
    columns: dict[str, Any] = {
        name: _coded(series, [id_[position] for id_ in panel.ids])
        for position, name in enumerate(panel.columns.series)
    }
    codes, moments = pd.factorize(coming_timestamps(panel, horizon).ravel())
    steps = np.repeat(codes.reshape(-1, 1, horizon), paths, axis=1).ravel()
    for name, written in write_times_of(panel, moments).items():
        columns[name] = _coded(steps, written)
    for name in _target_column(panel):
        columns[name] = _coded(series, [id_[-1] for id_ in panel.ids])
    return columns


def refuse_clashes(panel: Panel, kind: str, numbers: tuple[str, ...]) -> None:
    """Raise DataError for a column of the data that is called as one that is to be written."""
    names = (*panel.columns.series, *time_columns_of(panel))
    written = [*names, *_target_column(panel), *numbers]
    for name in names:
        if written.count(name) > 1:
            raise DataError(f'column "{name}" is called as a column of the {kind}; rename it')


def _target_column(panel: Panel) -> tuple[str, ...]:
    """Return the column that tells several targets apart, or none."""
    return ("target",) if len(panel.columns.targets) > 1 else ()


def time_columns_of(panel: Panel) -> tuple[str, ...]:
    """Return the names of the columns of times; without one they are counts."""
    columns = panel.columns
    return tuple(dict(columns.time_parts)) or (
        columns.time or ("step" if columns.layout == "rows" else "row"),
    )


def write_times_of(panel: Panel, times: NDArray[np.int64]) -> dict[str, list[str]]:
    """Return the texts of times in the columns that the data have for them. times: (times,)."""
    columns = panel.columns
    if columns.time_parts:
        return write_parts(times, columns.time_parts, panel.clock)
    (name,) = time_columns_of(panel)
    return {name: write_timestamps(times, columns.time_format, panel.clock)}
