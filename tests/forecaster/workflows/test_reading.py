"""A file to forecast, read as the model was trained: the same columns, step and form of time, or an error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from panels import make_forecast

from deploy import TimeStep
from deploy.columns import Columns
from deploy.errors import DataError
from forecaster.data import Panel
from forecaster.forecasts.forecast_table import forecast_table
from forecaster.workflows.forecast import read_for, read_future

NO_COVARIATES: dict[str, Any] = {"known": (), "past": (), "static": (), "vocabularies": {}}
PLAIN: dict[str, Any] = {**NO_COVARIATES, "normalization": "mean-std", "lower": None}


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
    manifest: Any = SimpleNamespace(columns=Columns.from_json(columns, ()), time_step=step, **PLAIN)
    panel = read_for(path, manifest)
    assert panel.columns.time_format == form
    assert forecast_table(panel, make_forecast(1), ())["date"].tolist() == following


def test_counts_stay_counts_if_the_training_file_had_counts(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("t,y\n20240130,1\n20240131,2\n")
    columns = {"time": "t", "time_format": "index", "targets": ["y"], "series": [], "known": [], "static": []}
    manifest: Any = SimpleNamespace(
        columns=Columns.from_json(columns, ()), time_step=TimeStep(1, "index"), **PLAIN
    )
    panel = read_for(path, manifest)
    assert forecast_table(panel, make_forecast(1), ())["t"].tolist() == ["20240132", "20240133"]


def daily(time_format: str = "%Y-%m-%d") -> Any:
    """A manifest of a model of days."""
    columns = {"time": "t", "time_format": time_format, "targets": ["y"], "series": [], "known": []}
    return SimpleNamespace(
        columns=Columns.from_json({**columns, "static": []}, ()), time_step=TimeStep(1, "day"), **PLAIN
    )


def numbered() -> Any:
    """A manifest of a model whose file had no time column and no series column."""
    columns = {"time": None, "time_format": "index", "targets": ["y"], "series": [], "known": []}
    return SimpleNamespace(
        columns=Columns.from_json({**columns, "static": []}, ()), time_step=TimeStep(1, "index"), **PLAIN
    )


def read(folder: Path, content: str, manifest: Any) -> Panel:
    """The panel of a file to forecast."""
    path = folder / "data.csv"
    path.write_text(content)
    return read_for(path, manifest)


@pytest.mark.parametrize("date", ["date", "t", "id"])
def test_a_model_of_numbered_rows_looks_for_no_times(tmp_path: Path, date: str) -> None:
    days = ("2024-03-01", "2024-01-01", "2024-01-01")
    rows = [f"{day},{number}\n" for number, day in enumerate(days)]
    panel = read(tmp_path, f"{date},y\n" + "".join(rows), numbered())
    assert (panel.columns.time, panel.values.tolist()) == (None, [0, 1, 2])


def test_a_model_without_series_looks_for_no_keys(tmp_path: Path) -> None:
    rows = "2024-01-01,a,1\n2024-01-02,a,2\n2024-01-01,b,3\n2024-01-02,b,4\n"
    with pytest.raises(DataError, match="timestamp 2024-01-01 appears twice"):
        read(tmp_path, "t,shop,y\n" + rows, daily())


def test_a_column_that_the_model_does_not_know_may_hold_anything(tmp_path: Path) -> None:
    rows = "2024-01-01,1,1,ok\n2024-01-02,2,1e400,\n2024-01-03,3,soon,\n2024-01-04,4,2,ok\n"
    panel = read(tmp_path, "t,y,sent,note\n" + rows, daily())
    assert panel.values.tolist() == [1, 2, 3, 4]
    assert panel.columns.ignored == ("sent", "note")


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
            "  1 such pair of rows; keep one row of each: "
            "the model was fitted without a column that tells series apart",
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
    manifest.columns = replace(manifest.columns, timezone="Europe/Berlin")
    manifest.time_step = TimeStep(1, "hour")
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
    manifest.columns = replace(manifest.columns, timezone="Europe/Berlin")
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


def by_shop(**statics: Any) -> Any:
    """A manifest of a model of days of many shops, each big or small."""
    columns = Columns("t", "%Y-%m-%d", ("y",), ("shop",), static=("size",) if statics else ())
    return SimpleNamespace(
        columns=columns, time_step=TimeStep(1, "day"), **{**PLAIN, "vocabularies": statics}
    )


def test_one_series_needs_no_column_that_tells_series_apart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    panel = read(tmp_path, "t,y\n2024-01-01,1\n2024-01-02,2\n", by_shop())
    assert (panel.ids, panel.columns.series) == (((),), ())
    assert list(forecast_table(panel, make_forecast(1), ()).columns[:2]) == ["t", "forecast"]
    assert caplog.messages == ['no column "shop": all rows are read as one series']


def test_one_series_keeps_its_static_values(tmp_path: Path) -> None:
    panel = read(tmp_path, "t,size,y\n2024-01-01,big,1\n2024-01-02,big,2\n", by_shop(size=["big", "small"]))
    assert (panel.categories.tolist(), panel.vocabularies) == ([[1]], (("big",),))


@pytest.mark.parametrize("columns", ["t,size,y", "t,y"])
def test_several_series_need_it(tmp_path: Path, columns: str) -> None:
    row = ",".join({"t": "2024-01-01", "size": "big", "y": "1"}[name] for name in columns.split(","))
    with pytest.raises(
        DataError, match='column "shop": no such column; columns: ' + columns.replace(",", ", ")
    ):
        read(tmp_path, f"{columns}\n{row}\n{row}\n", by_shop())


def test_one_of_two_columns_that_tell_series_apart_is_not_enough(tmp_path: Path) -> None:
    manifest = by_shop()
    manifest.columns = replace(manifest.columns, series=("shop", "item"))
    with pytest.raises(DataError, match='column "item": no such column'):
        read(tmp_path, "t,shop,y\n2024-01-01,a,1\n2024-01-02,a,2\n", manifest)


def test_categories_that_the_model_has_not_seen_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [f"2024-01-0{day},{shop},{size},1\n" for shop, size in enumerate("vwxyz") for day in (1, 2)]
    read(tmp_path, "t,shop,size,y\n" + "".join(rows), by_shop(size=["x", "big"]))
    assert caplog.messages == [
        "v, w, y, ... (4 in all) are new in column size and count as unknown; the model knows x, big"
    ]


@pytest.mark.parametrize(
    ("cells", "lower", "said"),
    [
        (
            ["1", "-2", "3"],
            0.0,
            "series of the file: values go down to -2, and the model forecasts nothing below 0",
        ),
        (["1", "2", "3"], 0.0, None),
        (["1", "-2", "3"], None, None),
        (["1", "0.1", "3"], 0.1, None),  # the bound of a graph is of 32 bits
    ],
)
def test_values_below_the_bound_of_the_model_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, cells: list[str], lower: float | None, said: str | None
) -> None:
    path = tmp_path / "data.csv"
    path.write_text("t,y\n" + "".join(f"{number},{cell}\n" for number, cell in enumerate(cells)))
    columns = {"time": "t", "time_format": "index", "targets": ["y"], "series": [], "known": [], "static": []}
    manifest: Any = SimpleNamespace(
        columns=Columns.from_json(columns, ()), time_step=TimeStep(1, "index"), **{**PLAIN, "lower": lower}
    )
    read_for(path, manifest)
    assert [message for message in caplog.messages if "below" in message] == (
        [f"{said}, its bound; a fit with lower=none has no bound"] if said else []
    )


def test_covariates_of_the_coming_steps_are_aggregated_by_their_mean(tmp_path: Path) -> None:
    path = tmp_path / "future.csv"
    path.write_text("date,price\n2024-01-01 08:00,1\n2024-01-01 20:00,3\n2024-01-02 09:00,5\n")
    columns = Columns("date", "%Y-%m-%d %H:%M", ("sold",), known=("price",), aggregate="sum")
    manifest: Any = SimpleNamespace(columns=columns, known=("price",), time_step=TimeStep(1, "day"))
    assert read_future(path, manifest).values.tolist() == [2, 5]
