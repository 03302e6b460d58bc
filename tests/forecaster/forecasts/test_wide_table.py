"""A forecast in the shape of data with times across the columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from panels import make_forecast, make_panel

from deploy.errors import ConfigError, DataError
from forecaster.data import Panel
from forecaster.data.table import Spread
from forecaster.forecasts.forecast_table import forecast_table
from forecaster.forecasts.wide_table import wide_table


def spread(template: str = "{0}", **choice: object) -> Panel:
    return replace(make_panel(**choice), spread=Spread("date", template))  # type: ignore[arg-type]


def test_medians_stand_under_the_times_that_come() -> None:
    table = wide_table(spread(), forecast_table(spread(), make_forecast(2), ()), ())
    assert list(table.columns) == ["shop", "1970-01-03", "1970-01-04"]
    assert table.to_numpy().tolist() == [["b", 1, 4], ["a", 7, 10]]


def test_a_block_for_each_level_that_was_asked_for() -> None:
    table = wide_table(spread(), forecast_table(spread(), make_forecast(2), (0.1, 0.9)), (0.1, 0.9))
    assert table.to_numpy().tolist() == [
        ["b", 0.1, 0, 3],
        ["a", 0.1, 6, 9],
        ["b", 0.9, 2, 5],
        ["a", 0.9, 8, 11],
    ]


def test_the_columns_are_called_as_those_of_the_data() -> None:
    panel = spread("sales {0}")
    table = wide_table(panel, forecast_table(panel, make_forecast(2), ()), ())
    assert list(table.columns) == ["shop", "sales 1970-01-03", "sales 1970-01-04"]


def test_series_that_end_at_different_times_have_empty_cells() -> None:
    panel = spread()
    panel = replace(panel, starts=panel.starts - [0, 86400])
    table = wide_table(panel, forecast_table(panel, make_forecast(2), ()), ())
    assert list(table.columns) == ["shop", "1970-01-02", "1970-01-03", "1970-01-04"]
    cells = table.iloc[:, 1:].to_numpy(dtype=float)
    np.testing.assert_array_equal(cells, [[np.nan, 1, 4], [7, 10, np.nan]])


def test_several_targets_stand_side_by_side() -> None:
    panel = make_panel(ids=(("b", "y"), ("b", "z")), targets=("y", "z"))
    table = wide_table(panel, forecast_table(panel, make_forecast(2), ()), ())
    assert list(table.columns) == ["shop", "date", "y", "z"]
    assert table.to_numpy().tolist() == [["b", "1970-01-03", 1, 7], ["b", "1970-01-04", 4, 10]]


def test_a_single_series_needs_no_key() -> None:
    panel = spread(ids=((),), series=())
    table = wide_table(panel, forecast_table(panel, make_forecast(1), ()), ())
    assert (list(table.columns), table.to_numpy().tolist()) == (["1970-01-03", "1970-01-04"], [[1, 4]])


def test_data_without_times_across_have_no_wide_shape() -> None:
    with pytest.raises(ConfigError, match="a wide forecast needs data with times, or several targets"):
        wide_table(make_panel(), forecast_table(make_panel(), make_forecast(2), ()), ())


def test_a_series_column_called_level_is_refused_where_levels_are_written() -> None:
    panel = spread(series=("level",))
    table = forecast_table(panel, make_forecast(2), (0.1,))
    assert list(wide_table(panel, table, ())) == ["level", "1970-01-03", "1970-01-04"]
    with pytest.raises(DataError, match='column "level" is called as a column of the wide forecast'):
        wide_table(panel, table, (0.1,))
