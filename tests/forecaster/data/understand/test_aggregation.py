"""Logs of events and irregular readings: refused with how to aggregate them, one row a step once asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import Good, Understand

from deploy.columns import Columns
from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data import read_data, read_for_model
from forecaster.data.columns import AskedByModel

SALES = """\
when,item,amount,price
2024-01-01 09:15:00,tea,2,10
2024-01-01 09:15:00,cake,1,20
2024-01-01 17:40:00,tea,,30
2024-01-03 08:05:00,tea,4,40
2024-01-04 23:58:00,cake,5,50
"""
NO_ITEM = SALES.replace(",tea,", ",").replace(",cake,", ",").replace("item,", "")
READINGS = "t,level\n0,1\n3,2\n9,3\n10,5\n31,7\n"
GOOD = {
    "sums, 0 on days without a row": Good(
        NO_ITEM,
        "when %Y-%m-%d %H:%M:%S, 1 day; targets amount, price\n"
        "amount: 2024-01-01 00:00:00 3 0 4 5\n"
        "price: 2024-01-01 00:00:00 60 0 40 50",
        Asked(aggregate="sum", step="1d"),
    ),
    "sums of one column, and the mean of one known ahead": Good(
        NO_ITEM,
        "when %Y-%m-%d %H:%M:%S, 1 day; targets amount; known price\n"
        ": 2024-01-01 00:00:00 3 0 4 5 | price 20 - 40 50",
        Asked(aggregate="sum", step="1d", target=("amount",), known=("price",)),
    ),
    "means, missing on days without a row": Good(
        NO_ITEM,
        "when %Y-%m-%d %H:%M:%S, 1 day; targets amount; ignored price\n: 2024-01-01 00:00:00 1.5 - 4 5",
        Asked(aggregate="mean", step="1d", target=("amount",)),
    ),
    "the last of each": Good(
        NO_ITEM,
        "when %Y-%m-%d %H:%M:%S, 1 day; targets price; ignored amount\n: 2024-01-01 00:00:00 30 - 40 50",
        Asked(aggregate="last", step="1d", target=("price",)),
    ),
    "the least of each": Good(
        NO_ITEM,
        "when %Y-%m-%d %H:%M:%S, 1 day; targets price; ignored amount\n: 2024-01-01 00:00:00 10 - 40 50",
        Asked(aggregate="min", step="1d", target=("price",)),
    ),
    "the most of each": Good(
        NO_ITEM,
        "when %Y-%m-%d %H:%M:%S, 1 day; targets price; ignored amount\n: 2024-01-01 00:00:00 30 - 40 50",
        Asked(aggregate="max", step="1d", target=("price",)),
    ),
    "rows are counted where there are no numbers": Good(
        "when\n2024-01-01 09:15\n2024-01-01 09:20\n2024-01-03 08:05\n2024-01-04 23:00\n",
        "when %Y-%m-%d %H:%M, 1 day; targets count\n: 2024-01-01 00:00 2 0 1 1",
        Asked(aggregate="count", step="1d"),
    ),
    "series that are named are kept apart": Good(
        SALES,
        "when %Y-%m-%d %H:%M:%S, 1 day; targets amount; series item; ignored price\n"
        "tea: 2024-01-01 00:00:00 2 0 4\ncake: 2024-01-01 00:00:00 1 0 0 5",
        Asked(aggregate="sum", step="1d", series=("item",), target=("amount",)),
    ),
    "counts of steps": Good(
        READINGS,
        "t index, 10 rows; targets level\n: 0 2 5 - 7",
        Asked(aggregate="mean", step="10"),
    ),
    "two values of a day, whose step needs no name": Good(
        "date,y\n2024-01-01,1\n2024-01-02,2\n2024-01-02,4\n2024-01-03,5\n",
        "date %Y-%m-%d, 1 day; targets y\n: 2024-01-01 1 3 5",
        Asked(aggregate="mean"),
    ),
    "months": Good(
        "date,y\n2023-12-30,1\n2023-12-31,2\n2024-02-07,4\n2024-02-28,5\n",
        "date %Y-%m-%d, 1 month; targets y\n: 2023-12-01 3 0 9",
        Asked(aggregate="sum", step="1month"),
    ),
    "weeks begin on Monday": Good(
        "date,y\n2024-01-06,1\n2024-01-07,2\n2024-01-08,4\n2024-01-14,5\n",
        "date %Y-%m-%d, 1 week; targets y\n: 2024-01-01 3 9",
        Asked(aggregate="sum", step="1w"),
    ),
    "weekends belong to Friday": Good(
        "date,y\n2024-01-05,1\n2024-01-06,2\n2024-01-08,4\n2024-01-09,5\n",
        "date %Y-%m-%d, 1 business-day; targets y\n: 2024-01-05 3 4 5",
        Asked(aggregate="sum", step="1b"),
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_rows_of_a_step_become_one(understand: Understand, good: Good) -> None:
    assert understand(good.content, good.choice) == good.understood


def test_what_may_be_a_series_and_what_may_be_incomplete_is_said(understand: Understand) -> None:
    rows = [f"2024-01-{1 + hour // 24:02} {hour % 24:02}:30,{'ab'[hour % 2]},1\n" for hour in range(60)]
    said = understand("when,kind,y\n" + "".join(rows), Asked(aggregate="sum", step="1d"))
    assert said.splitlines()[1:] == [
        ": 2024-01-01 00:00 24 24 12",
        'rows that differ in "kind" are aggregated together (--series "kind" keeps them apart)',
        "the last step, of 1 day, begins at 2024-01-03 00:00 and its last row is of 2024-01-03 11:30: "
        "it may be incomplete",
    ]


def events(seed: int = 0, count: int = 200) -> pd.DataFrame:
    minutes = np.cumsum(np.random.default_rng(seed).integers(0, 300, count))
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(minutes, "min")
    return pd.DataFrame({"when": when.strftime("%Y-%m-%d %H:%M:%S"), "amount": np.arange(count) % 7})


@pytest.mark.parametrize("repeated", [True, False])
def test_a_log_of_events_is_refused_with_how_to_add_it_up(tmp_path: Path, repeated: bool) -> None:
    log = events() if repeated else events().drop_duplicates("when")
    log.to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(DataError, match="events") as error:
        read_data(tmp_path / "log.csv")
    assert "--aggregate sum --step 1d adds up the rows of each step" in str(error.value)
    assert "--series" not in str(error.value)


def test_seconds_since_1970_of_events_are_times(tmp_path: Path) -> None:
    moments = 1_700_000_000 + np.cumsum(np.random.default_rng(0).integers(1, 9000, 200))
    pd.DataFrame({"time": moments, "y": np.arange(200) % 7}).to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(DataError, match=r"events(.|\n)*--aggregate sum --step 1d"):
        read_data(tmp_path / "log.csv")
    panel = read_data(tmp_path / "log.csv", Asked(aggregate="sum", step="1d"))
    assert (panel.columns.time_format, str(panel.step)) == ("%s", "1 day")
    assert panel.values.sum() == (np.arange(200) % 7).sum()


def test_fractions_of_a_second_do_not_count_where_readings_are_aggregated(tmp_path: Path) -> None:
    seconds = np.cumsum(np.random.default_rng(0).integers(700, 1300, 600)) / 1000
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(seconds, "s")
    table = pd.DataFrame({"t": [time.isoformat(" ", "milliseconds") for time in times], "y": 1.5})
    table.to_csv(tmp_path / "log.csv", index=False)
    panel = read_data(tmp_path / "log.csv", Asked(aggregate="mean", step="1min"))
    assert (panel.columns.time_format, str(panel.step)) == ("%Y-%m-%d %H:%M:%S", "1 minute")
    assert panel.timestamps[0] == pd.Timestamp("2024-01-01").timestamp()
    assert (panel.values == 1.5).all()


def test_rows_without_numbers_can_be_counted(tmp_path: Path) -> None:
    events().assign(amount="tea").to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(DataError, match=r"; --aggregate count counts the rows of each --step$"):
        read_data(tmp_path / "log.csv")


def test_days_of_several_sales_are_events(tmp_path: Path) -> None:
    days = np.repeat(pd.date_range("2024-01-01", periods=20).strftime("%Y-%m-%d"), [1, 4, 2, 3] * 5)
    pd.DataFrame({"date": days, "y": np.arange(50)}).to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(DataError, match=r"seem to be events: (.|\n)*--aggregate sum adds up the rows"):
        read_data(tmp_path / "log.csv")
    assert read_data(tmp_path / "log.csv", Asked(aggregate="count")).values.tolist() == [1, 4, 2, 3] * 5


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked(aggregate="sum"), r"^--aggregate sum needs --step, the period that becomes one row"),
        (Asked(aggregate="sum", step="5"), r"^--aggregate sum makes a row of each step, and 5 rows is none"),
        (Asked(aggregate="count", step="1d", target=("amount",)), r"counts rows, .* leave out --target"),
    ],
)
def test_an_aggregate_that_does_not_fit_is_refused(tmp_path: Path, asked: Asked, message: str) -> None:
    events().to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(ConfigError, match=message):
        read_data(tmp_path / "log.csv", asked)


def test_an_aggregate_needs_times(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("y\n1\n2\n3\n")
    with pytest.raises(ConfigError, match=r"^--aggregate sum needs a column of times; --time names it"):
        read_data(tmp_path / "log.csv", Asked(aggregate="sum", step="1"))


@pytest.mark.parametrize("method", ["sum", "count", "mean"])
def test_a_model_reads_a_new_log_as_that_of_its_fit(tmp_path: Path, method: str) -> None:
    events().to_csv(tmp_path / "log.csv", index=False)
    fitted = read_data(tmp_path / "log.csv", Asked.model_validate({"aggregate": method, "step": "1d"}))
    columns = Columns.from_json(fitted.columns.to_json(), ())
    assert columns.aggregate == method
    events().iloc[50:].to_csv(tmp_path / "new.csv", index=False)
    panel = read_for_model(tmp_path / "new.csv", AskedByModel.of(columns, fitted.step))
    assert panel.columns.targets == fitted.columns.targets
    whole = len(panel.values) - 1  # the first day of the new log is a part of one
    np.testing.assert_array_equal(panel.values[-whole:], fitted.values[-whole:])
    np.testing.assert_array_equal(panel.timestamps[-whole:], fitted.timestamps[-whole:])
