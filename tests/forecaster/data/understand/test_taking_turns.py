"""Series whose rows take turns in time, so that no timestamp is there twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecaster.data import read_data


def weekly(begin: str) -> list[str]:
    return [str(day) for day in np.datetime64(begin) + 7 * np.arange(20)]


def test_items_have_weeks_that_begin_on_other_days(tmp_path: Path) -> None:
    days = {"a": "2020-01-06", "b": "2020-01-02", "c": "2020-01-04"}
    rows = [f"{item},{day},1" for item, begin in days.items() for day in weekly(begin)]
    path = tmp_path / "data.csv"
    for order in (rows, sorted(rows, key=lambda row: row.split(",")[1])):
        path.write_text("\n".join(["item,date,y", *order]))
        panel = read_data(path)
        assert (str(panel.step), panel.columns.series, panel.series_count) == ("1 week", ("item",), 3)
        assert panel.lengths().tolist() == [20, 20, 20]


@pytest.mark.parametrize("by_time", [True, False])
def test_items_of_each_day_of_the_week_are_series(tmp_path: Path, by_time: bool) -> None:
    rows = [
        f"{day},{name},1"
        for name, begin in zip("abcde", range(6, 11), strict=True)
        for day in weekly(f"2020-01-{begin:02}")
    ]
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["date,shop,y", *(sorted(rows) if by_time else rows)]))
    panel = read_data(path)
    assert (str(panel.step), panel.series_count) == ("1 week", 5)
    assert panel.notes == (
        'column "shop": its texts take turns in time, and each is read as a series; --layout wide reads all '
        "rows as one",
    )


def test_a_weekday_tells_no_series_apart(tmp_path: Path) -> None:
    names = ["Mon", "Tue", "Wed", "Thu", "Fri"] * 20
    days = [str(day) for day in np.busday_offset("2020-01-06", np.arange(100))]
    path = tmp_path / "data.csv"
    rows = (f"{day},{name},1" for day, name in zip(days, names, strict=True))
    path.write_text("\n".join(["date,weekday,y", *rows]))
    panel = read_data(path)
    assert (str(panel.step), panel.series_count, panel.notes) == ("1 business-day", 1, ())
