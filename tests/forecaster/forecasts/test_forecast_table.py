"""The rows of a forecast, as they are written to a CSV."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from panels import make_forecast, make_panel

from deploy.errors import ConfigError, DataError
from forecaster.forecasts.forecast_table import forecast_table, paths_file, paths_table, to_csv


def test_the_columns_are_series_time_forecast_and_quantiles() -> None:
    table = forecast_table(make_panel(), make_forecast(2), ())
    assert list(table.columns) == ["shop", "date", "forecast", "q0.1", "q0.5", "q0.9"]


def test_several_targets_are_told_apart_by_a_column() -> None:
    panel = make_panel(ids=(("b", "y"), ("b", "z")), targets=("y", "z"))
    table = forecast_table(panel, make_forecast(2), ())
    assert list(table.columns) == ["shop", "date", "target", "forecast", "q0.1", "q0.5", "q0.9"]
    assert table["shop"].tolist() == ["b"] * 4
    assert table["target"].tolist() == ["y", "y", "z", "z"]


def test_several_series_columns_come_in_their_order() -> None:
    panel = make_panel(ids=(("b", "1"), ("a", "2")), series=("shop", "item"))
    table = forecast_table(panel, make_forecast(2), ())
    assert list(table.columns)[:3] == ["shop", "item", "date"]
    assert table["item"].tolist() == ["1", "1", "2", "2"]


def test_series_keep_the_order_of_the_panel_each_with_its_steps_in_time() -> None:
    table = forecast_table(make_panel(), make_forecast(2), ())
    assert table["shop"].tolist() == ["b", "b", "a", "a"]
    assert table["date"].tolist() == ["1970-01-03", "1970-01-04"] * 2


def test_every_number_stands_in_the_row_of_its_series_and_step() -> None:
    table = forecast_table(make_panel(), make_forecast(2), ())
    assert table[["q0.1", "q0.5", "q0.9"]].to_numpy().tolist() == [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7, 8],
        [9, 10, 11],
    ]


def test_the_forecast_is_the_median() -> None:
    table = forecast_table(make_panel(), make_forecast(2), (0.9,))
    assert table["forecast"].tolist() == [1, 4, 7, 10]


def test_levels_come_as_they_were_asked_for() -> None:
    table = forecast_table(make_panel(), make_forecast(2), (0.9, 0.1))
    assert list(table.columns)[3:] == ["q0.9", "q0.1"]


def test_a_level_that_was_not_trained_is_an_error_that_lists_those_that_were() -> None:
    with pytest.raises(ConfigError) as error:
        forecast_table(make_panel(), make_forecast(2), (0.1, 0.95))
    said = "level 0.95 was not trained; trained levels: 0.1, 0.5, 0.9 (central intervals: 80 %)"
    assert str(error.value) == said


def test_rows_without_timestamps_are_numbered_on() -> None:
    table = forecast_table(make_panel(ids=((),), series=(), time=None), make_forecast(1), ())
    assert "row" in table.columns
    assert table["row"].tolist() == ["2", "3"]


@pytest.mark.parametrize(
    ("series", "targets", "time"),
    [
        ("forecast", ("y",), "date"),
        ("q0.1", ("y",), "date"),
        ("target", ("y", "z"), "date"),
        ("shop", ("y",), "forecast"),
        ("row", ("y",), None),
    ],
)
def test_a_column_that_is_called_as_one_of_the_forecast_is_refused_not_overwritten(
    series: str, targets: tuple[str, ...], time: str | None
) -> None:
    ids = (("b", "y"), ("b", "z")) if len(targets) > 1 else (("b",), ("a",))
    panel = make_panel(ids=ids, series=(series,), targets=targets, time=time)
    clash = time if time == "forecast" else series
    with pytest.raises(DataError, match=f'"{clash}"'):
        forecast_table(panel, make_forecast(2), ())


def test_a_series_may_be_called_target_where_the_forecast_has_no_such_column() -> None:
    table = forecast_table(make_panel(series=("target",)), make_forecast(2), ())
    assert table["target"].tolist() == ["b", "b", "a", "a"]


def test_a_table_has_names_as_they_are() -> None:
    panel = make_panel(ids=(("=b", "@y"), ("=b", "z")), targets=("@y", "z"))
    table = forecast_table(panel, make_forecast(2), ())
    assert (set(table["shop"]), set(table["target"])) == ({"=b"}, {"@y", "z"})


def test_the_name_of_a_series_is_escaped_in_a_csv_and_so_are_those_of_a_target_and_of_a_column() -> None:
    panel = make_panel(ids=(("=b", "@y"), ("=b", "z")), targets=("@y", "z"), series=("=shop",))
    lines = b"".join(to_csv(panel, forecast_table(panel, make_forecast(2), (0.5,)))).decode().splitlines()
    assert [line.split(",")[:3] for line in lines] == [
        ["'=shop", "date", "target"],
        *[["'=b", f"1970-01-0{day}", "'@y"] for day in (3, 4)],
        *[["'=b", f"1970-01-0{day}", "z"] for day in (3, 4)],
    ]


def draw_paths(*shape: int) -> NDArray[np.float64]:
    """Values 0, 1, 2 ... in memory order."""
    return np.arange(np.prod(shape), dtype=np.float64).reshape(shape)


def test_paths_stand_one_after_the_other_each_with_its_steps_in_time() -> None:
    table = paths_table(make_panel(), draw_paths(2, 2, 2))
    assert table.to_numpy().tolist() == [
        ["b", "1970-01-03", 1, 0.0],
        ["b", "1970-01-04", 1, 1.0],
        ["b", "1970-01-03", 2, 2.0],
        ["b", "1970-01-04", 2, 3.0],
        ["a", "1970-01-03", 1, 4.0],
        ["a", "1970-01-04", 1, 5.0],
        ["a", "1970-01-03", 2, 6.0],
        ["a", "1970-01-04", 2, 7.0],
    ]


def test_paths_of_several_targets_are_told_apart_by_a_column() -> None:
    panel = make_panel(ids=(("b", "y"), ("b", "z")), targets=("y", "z"))
    table = paths_table(panel, draw_paths(2, 1, 1))
    assert list(table.columns) == ["shop", "date", "target", "path", "value"]
    assert table[["target", "value"]].to_numpy().tolist() == [["y", 0.0], ["z", 1.0]]


def test_paths_of_joint_targets_are_those_of_each_target() -> None:
    panel = make_panel(ids=(("b",),), targets=("y", "z"))
    values = np.stack([panel.values, panel.values], axis=1)
    columns = replace(panel.columns, joint=True)
    joint = replace(panel, values=values, columns=columns)
    table = paths_table(joint, draw_paths(1, 2, 2, 2))
    assert table[["target", "path", "value"]].to_numpy().tolist() == [
        *[["y", 1, 0.0], ["y", 1, 2.0], ["y", 2, 4.0], ["y", 2, 6.0]],
        *[["z", 1, 1.0], ["z", 1, 3.0], ["z", 2, 5.0], ["z", 2, 7.0]],
    ]


@pytest.mark.parametrize("name", ["path", "value"])
def test_a_series_that_is_called_as_a_column_of_paths_is_refused(name: str) -> None:
    with pytest.raises(DataError, match=f'column "{name}" is called as a column of the sample paths'):
        paths_table(make_panel(series=(name,)), draw_paths(2, 1, 2))


@pytest.mark.parametrize(
    ("output", "expected"), [("a/next.csv", "a/next.paths.csv"), ("next.v2", "next.v2.paths.csv")]
)
def test_paths_lie_beside_the_forecast(output: str, expected: str) -> None:
    assert paths_file(Path(output)) == Path(expected)
