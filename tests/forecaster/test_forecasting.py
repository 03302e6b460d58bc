"""From a panel and its forecasts to the rows of a CSV."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deploy.errors import ConfigError, DataError, InputError
from deploy.predictor import Forecast
from deploy.timestep import TimeStep
from forecaster.data.columns import Columns
from forecaster.data.panel import Panel
from forecaster.forecasting import (
    ForecastOptions,
    category_texts,
    forecast_panel,
    forecast_table,
    read_for,
    safe_cell,
)

LEVELS = (0.1, 0.5, 0.9)
DAY = 86400
NO_COVARIATES: dict[str, Any] = {"known": (), "past": (), "static": (), "vocabularies": {}}
PLAIN: dict[str, Any] = {**NO_COVARIATES, "normalization": "mean-std", "lower": None}


def make_panel(
    *,
    ids: tuple[tuple[str, ...], ...] = (("b",), ("a",)),
    series: tuple[str, ...] = ("shop",),
    targets: tuple[str, ...] = ("y",),
    time: str | None = "date",
    future: tuple[float, ...] = (),
) -> Panel:
    """Series of two values each, from 1970-01-01, and a known covariate in `future` rows after them."""
    rows = 2 + len(future)
    offsets = np.arange(len(ids) + 1) * rows
    known = np.tile([1.0, 1.0, *future], len(ids)).reshape(-1, 1).astype(np.float32)
    step = TimeStep(1, "day") if time else TimeStep(1, "index")
    count = np.tile(np.arange(rows), len(ids))
    return Panel(
        values=np.tile([1.0, 2.0, *[np.nan] * len(future)], len(ids)).astype(np.float32),
        timestamps=count * DAY if time else count,
        known=known if future else known[:, :0],
        past=known[:, :0],
        static=np.zeros((len(ids), 0), dtype=np.float32),
        categories=np.zeros((len(ids), 0), dtype=np.int64),
        offsets=offsets,
        ends=offsets[:-1] + 2,
        step=step,
        columns=Columns(
            time, "%Y-%m-%d" if time else "index", targets, series, ("promo",) if future else (), (), ()
        ),
        ids=ids,
        vocabularies=(),
        levels=np.zeros(len(ids)),
    )


def make_forecast(batch: int, horizon: int = 2) -> Forecast:
    """Quantiles 0, 1, 2 ... in memory order."""
    quantiles = np.arange(batch * horizon * len(LEVELS), dtype=np.float32)
    return Forecast(quantiles.reshape(batch, horizon, len(LEVELS)), LEVELS, None)


@pytest.mark.parametrize("text", ["=1+1", "=SUM(A1)", "+cmd", "-cmd", "@cmd", "-", "=", "-1-2", "=1"])
def test_a_text_that_a_spreadsheet_would_run_is_escaped(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "shop", "a=b", "-1", "+1.5", "-1e3", "1-2", "'=1"])
def test_any_other_text_stays(text: str) -> None:
    assert safe_cell(text) == text


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
    assert str(error.value) == "level 0.95 was not trained; trained levels: 0.1, 0.5, 0.9"


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


def test_the_name_of_a_series_is_escaped_and_so_is_that_of_a_target() -> None:
    panel = make_panel(ids=(("=b", "@y"), ("=b", "z")), targets=("@y", "z"))
    table = forecast_table(panel, make_forecast(2), ())
    assert table["shop"].tolist() == ["'=b"] * 4
    assert table["target"].tolist() == ["'@y", "'@y", "z", "z"]


class Recorder:
    """Stands in for a Predictor and keeps what it is given."""

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        self.manifest = SimpleNamespace(
            known=known,
            past=(),
            static=(),
            vocabularies={},
            horizon=2,
            max_horizon=6,
            positive=False,
            context_length=4,
        )
        self.given: dict[str, Any] = {}

    def forecast(self, history: list[Any], horizon: int, **given: Any) -> Forecast:
        self.given = {"history": history, "horizon": horizon, **given}
        return make_forecast(len(history), horizon)


def ask(panel: Panel, horizon: int | None = None, future: Panel | None = None) -> dict[str, Any]:
    """What the predictor is given for a panel."""
    predictor = Recorder(panel.columns.known)
    forecast_panel(predictor, panel, ForecastOptions(horizon), future)  # type: ignore[arg-type]
    return predictor.given


def test_histories_end_with_the_last_value_and_are_dated_by_it() -> None:
    given = ask(make_panel(future=(7.0, 8.0, 9.0)))
    assert [history.tolist() for history in given["history"]] == [[1.0, 2.0], [1.0, 2.0]]
    assert given["last_timestamp"].tolist() == [DAY, DAY]


def test_the_horizon_is_the_trained_one_unless_another_is_asked_for() -> None:
    assert (ask(make_panel())["horizon"], ask(make_panel(), 5)["horizon"]) == (2, 5)


def test_a_horizon_over_the_limit_is_refused_before_the_known_future_is_looked_at() -> None:
    with pytest.raises(InputError, match="horizon must be between 1 and 6 steps, found 7"):
        ask(make_panel(future=(1.0,)), 7)


def test_the_known_future_is_what_follows_each_history() -> None:
    given = ask(make_panel(future=(7.0, 8.0, 9.0)))
    assert [known.tolist() for known in given["known"]] == [[[1.0], [1.0]]] * 2
    assert given["future_known"].tolist() == [[[7.0], [8.0]]] * 2


def test_a_future_of_its_own_is_taken_by_series_and_by_time() -> None:
    days = np.arange(1, 6) * DAY
    future = replace(
        make_panel(ids=(("a",), ("b",)), targets=("promo",)),
        values=np.array([11, 12, 13, 14, 15, 21, 22, 23, 24, 25], dtype=np.float32),
        timestamps=np.tile(days, 2),
        offsets=np.array([0, 5, 10]),
        ends=np.array([5, 10]),
    )
    given = ask(make_panel(future=(7.0,)), 3, future)
    assert given["future_known"].tolist() == [[[7.0], [23.0], [24.0]], [[7.0], [13.0], [14.0]]]


def test_a_known_future_that_ends_early_is_named_by_series_time_and_step() -> None:
    with pytest.raises(DataError) as error:
        ask(make_panel(future=(1.0, 1.0)), 4)
    assert str(error.value).startswith(
        'known covariate "promo" of series b is missing at 1970-01-05, step 3 of 4; '
    )


def test_a_gap_in_the_known_future_is_named_by_series_time_and_step() -> None:
    panel = make_panel(future=(1.0, 1.0, 1.0))
    known = panel.known.copy()
    known[panel.ends[1] + 1] = np.nan
    with pytest.raises(
        DataError, match=r'^known covariate "promo" of series a .* at 1970-01-04, step 2 of 3;'
    ):
        ask(replace(panel, known=known), 3)


def test_the_only_series_of_a_file_needs_no_name() -> None:
    with pytest.raises(DataError, match=r'^known covariate "promo" is missing at 1970-01-03, step 1 of 2;'):
        ask(make_panel(ids=((),), series=(), future=(np.nan, 1.0)))


def test_categories_go_out_as_texts_and_missing_ones_as_empty() -> None:
    panel = replace(
        make_panel(),
        categories=np.array([[2, 0], [1, 1]]),
        vocabularies=(("north", "south"), ("big",)),
    )
    assert category_texts(panel) == [["south", ""], ["north", "big"]]


@pytest.mark.parametrize(
    ("form", "step", "following"),
    [
        ("%d/%m/%Y", TimeStep(1, "month"), ["01/04/2024", "01/05/2024"]),
        ("%m/%d/%Y", TimeStep(1, "day"), ["01/04/2024", "01/05/2024"]),
    ],
)
def test_a_file_is_read_and_written_in_the_form_of_the_training_file(
    tmp_path: Path, form: str, step: TimeStep, following: list[str]
) -> None:
    path = tmp_path / "data.csv"
    path.write_text("date,y\n01/01/2024,1\n01/02/2024,2\n01/03/2024,3\n")
    columns = {"time": "date", "time_format": form, "targets": ["y"], "series": [], "known": [], "static": []}
    manifest: Any = SimpleNamespace(columns=columns, time_step=step, **PLAIN)
    panel = read_for(path, manifest)
    assert panel.columns.time_format == form
    assert forecast_table(panel, make_forecast(1), ())["date"].tolist() == following


def test_counts_stay_counts_if_the_training_file_had_counts(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("t,y\n20240130,1\n20240131,2\n")
    columns = {"time": "t", "time_format": "index", "targets": ["y"], "series": [], "known": [], "static": []}
    manifest: Any = SimpleNamespace(columns=columns, time_step=TimeStep(1, "index"), **PLAIN)
    panel = read_for(path, manifest)
    assert forecast_table(panel, make_forecast(1), ())["t"].tolist() == ["20240132", "20240133"]


def daily(time_format: str = "%Y-%m-%d") -> Any:
    """A manifest of a model of days."""
    columns = {"time": "t", "time_format": time_format, "targets": ["y"], "series": [], "known": []}
    return SimpleNamespace(columns={**columns, "static": []}, time_step=TimeStep(1, "day"), **PLAIN)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "2024-01-01 00:00,1\n2024-01-01 01:00,2\n2024-01-01 02:00,3\n",
            "timestamps are irregular: 1 hour twice\n"
            "  --> data.csv:3    2024-01-01 01:00,2\n"
            "  2 rows are off the grid of 1 day (lines 3, 4); "
            "the model was fitted on steps of 1 day: aggregate the rows to it",
        ),
        (
            "2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n",
            "timestamp 2024-01-02 appears twice\n"
            "  --> data.csv:3    2024-01-02,2\n"
            "  --> data.csv:4    2024-01-02,3\n"
            "  1 such pair of rows; keep one row of each",
        ),
        (
            "2024-01-01,1\n2024-01-02,2\n9999-01-02,3\n",
            "3 rows on a grid of 1 day leave 2912808 gaps, most of them between two rows\n"
            "  --> data.csv:3    2024-01-02,2\n"
            "  --> data.csv:4    9999-01-02,3\n"
            "  a timestamp is wrong",
        ),
        (
            "2024-01-01,1\n31.01.2024,2\nsoon,3\n",
            'column "t": two forms in one column: "2024-01-01", then "31.01.2024"\n'
            "  --> data.csv:2    2024-01-01,1\n"
            "  --> data.csv:3    31.01.2024,2\n"
            "  write all timestamps in one form",
        ),
        (
            "01/01/2024,1\n02/01/2024,2\n03/01/2024,3\n",
            'column "t": "02/01/2024" is 2024-01-02 in the form %d/%m/%Y and 2024-02-01 in the form '
            "%m/%d/%Y, and no cell tells which\n"
            "  --> data.csv:3    02/01/2024,2\n"
            "  write them in a form that leaves no doubt, such as 2024-01-31",
        ),
        (
            "2024-01-01 00:00:00.0,1\n2024-01-01 00:00:00.5,2\n",
            'column "t": the fraction of a second changes, and times are kept in whole seconds\n'
            "  --> data.csv:2    2024-01-01 00:00:00.0,1\n"
            "  --> data.csv:3    2024-01-01 00:00:00.5,2\n"
            "  aggregate the rows to a step of a second or more",
        ),
        (
            "2024-03-30 00:00+01:00,1\n2024-03-31 00:00,2\n2024-04-01 00:00+02:00,3\n",
            'column "t": some cells have a UTC offset, such as "+01:00", and others have none\n'
            "  --> data.csv:2    2024-03-30 00:00+01:00,1\n"
            "  --> data.csv:3    2024-03-31 00:00,2\n"
            "  give all of them an offset or none",
        ),
        (
            "2024-03-30 00:00+01:00,1\n2024-03-31 00:00+01:00,2\n2024-04-01 00:00+02:00,3\n",
            'column "t": the UTC offset changes, from +01:00 to +02:00, and the model has no time zone\n'
            "  --> data.csv:2    2024-03-30 00:00+01:00,1\n"
            "  --> data.csv:4    2024-04-01 00:00+02:00,3\n"
            "  write all times with one UTC offset, or fit again with --timezone",
        ),
        (
            "2024-01-01,1\n2024-01-02\n",
            "a row has 1 cell, the header has 2\n"
            "  --> data.csv:3    2024-01-02\n"
            "  1 such row (line 3); fill in the empty cells",
        ),
        (
            "2024-01-01,1\nsoon,2\n",
            'column "t": "soon" is not a timestamp\n'
            "  --> data.csv:3    soon,2\n"
            "  1 such cell (line 3); expected one form in all cells, such as 2024-01-31 or 2024-01-31 13:00",
        ),
    ],
)
def test_what_a_model_cannot_read_is_refused_without_the_options_of_fit(
    tmp_path: Path, rows: str, message: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text("t,y\n" + rows)
    with pytest.raises(DataError) as error:
        read_for(path, daily())
    assert str(error.value) == message


def test_times_that_the_zone_of_a_model_skips_are_refused_without_the_options_of_fit(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("t,y\n2024-03-31 01:00,1\n2024-03-31 02:00,2\n2024-03-31 03:00,3\n")
    manifest = daily("%Y-%m-%d %H:%M")
    manifest.columns["timezone"], manifest.time_step = "Europe/Berlin", TimeStep(1, "hour")
    with pytest.raises(DataError) as error:
        read_for(path, manifest)
    assert str(error.value) == (
        'column "t": "2024-03-31 02:00" is a time that the clocks of Europe/Berlin skip\n'
        "  --> data.csv:3    2024-03-31 02:00,2\n"
        "  1 such cell (line 3); correct it"
    )


def test_counts_are_not_like_the_times_of_a_zone(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("t,y\n1,1\n2,2\n")
    manifest = daily()
    manifest.columns["timezone"] = "Europe/Berlin"
    with pytest.raises(DataError) as error:
        read_for(path, manifest)
    assert str(error.value) == (
        f"{path} is not like the data that the model was trained on: "
        "the time zone is Europe/Berlin, but the timestamps are plain counts"
    )


def test_counts_are_not_like_the_dates_that_the_model_was_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("t,y\n1,1\n2,2\n")
    with pytest.raises(DataError) as error:
        read_for(path, daily())
    assert str(error.value) == (
        f"{path} is not like the data that the model was trained on: "
        "the step is 1 day, but the timestamps are plain counts"
    )


def test_a_level_is_added_to_its_own_series_with_all_digits() -> None:
    panel = replace(make_panel(), levels=np.array([0, 1e9]))
    plain = forecast_panel(Recorder(()), make_panel(), ForecastOptions())  # type: ignore[arg-type]
    made = forecast_panel(Recorder(()), panel, ForecastOptions())  # type: ignore[arg-type]
    np.testing.assert_array_equal(made.quantiles[0].astype(np.float32), plain.quantiles[0])
    np.testing.assert_allclose(made.quantiles[1] - 1e9, plain.quantiles[1], rtol=0, atol=1e-6)


def test_a_level_leaves_the_numbers_of_other_series_as_short_as_they_were() -> None:
    forecast = replace(make_forecast(2), quantiles=np.full((2, 2, 3), 0.1, dtype=np.float32))
    predictor: Any = Recorder(())
    predictor.forecast = lambda *_, **__: forecast
    panel = replace(make_panel(), levels=np.array([0, 1e6]))
    table = forecast_table(panel, forecast_panel(predictor, panel, ForecastOptions()), ())
    assert table.to_csv(columns=["forecast"], index=False).split() == (
        ["forecast", "0.1", "0.1", "1000000.1", "1000000.1"]
    )
