"""Make a forecast in the shape of data with times, or targets, across the columns."""

from typing import Any

import numpy as np
import pandas as pd

from deploy.errors import ConfigError, DataError
from forecaster.data import Panel
from forecaster.forecasts.through_predictor import coming_timestamps

LEVEL = "level"


def wide_table(panel: Panel, table: pd.DataFrame, levels: tuple[float, ...]) -> pd.DataFrame:
    """Make a row per series, or period, and a column per time that comes: medians, or a block per level.

    table: as forecast_table makes it; levels: those that were asked for, which a column `level` names.
    Raises ConfigError for data without times or targets across, DataError for a column of another's name.
    """
    across = panel.spread.time if panel.spread else "target"
    if across not in table:
        raise ConfigError(
            "a wide forecast needs data with times, or several targets, across the columns; "
            "a long one has a row for each series and step"
        )
    keys = [name for name in table.columns if name != across and not _is_value(table, name)]
    texts, header = _header(panel, table[across])
    for name in keys:
        if name in header or (levels and name == LEVEL):
            raise DataError(f'column "{name}" is called as a column of the wide forecast; rename it')
    rows = (
        table.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
        if keys
        else np.zeros(len(table), int)
    )
    columns = pd.Index(header).get_indexer(pd.Index(texts))
    described = table[keys][~pd.Series(rows).duplicated().to_numpy()].reset_index(drop=True)
    blocks = []
    for level in levels or (None,):
        cells = np.full((int(rows.max()) + 1, len(header)), np.nan)
        cells[rows, columns] = table["forecast" if level is None else f"q{level:g}"]
        named = described if level is None else described.assign(**{LEVEL: level})
        blocks.append(pd.concat([named, pd.DataFrame(cells, columns=header)], axis=1))
    return pd.concat(blocks, ignore_index=True)


def _is_value(table: pd.DataFrame, name: str) -> bool:
    """Return whether a column of a long table is that of the forecast or follows it."""
    names = list(table.columns)
    return names.index(name) >= names.index("forecast")


def _header(panel: Panel, cells: "pd.Series[Any]") -> tuple[list[str], list[str]]:
    """Return the name of each row's column, (rows,), and of all columns in their order."""
    if panel.spread is None:
        return cells.tolist(), list(panel.columns.targets)
    called = dict(panel.spread.parts)
    texts = [called.get(text) or panel.spread.template.format(text) for text in cells]
    if called:
        return texts, list(dict.fromkeys([*called.values(), *texts]))
    horizon = len(texts) // panel.series_count
    order = np.argsort(coming_timestamps(panel, horizon).ravel(), kind="stable")
    return texts, list(dict.fromkeys(texts[row] for row in order))
