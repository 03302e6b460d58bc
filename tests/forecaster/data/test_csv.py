"""Reading a CSV: what is understood of it and what ends up in the panel."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deploy import TimeStep
from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.times.timestamps import write_timestamps

Read = Callable[..., Panel]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a file and reads it: read(text, **choice)."""

    def write_and_read(text: str, **choice: object) -> Panel:
        path = tmp_path / "data.csv"
        path.write_text(text, encoding="utf-8")
        return read_data(path, Asked(**choice))  # type: ignore[arg-type]

    return write_and_read


LONG = """\
date,shop,city,sales
2024-01-01,b,Rome,1
2024-01-02,b,Rome,2
2024-01-03,b,Rome,3
2024-01-02,a,Oslo,10
2024-01-03,a,Oslo,20
2024-01-01,c,Rome,5
2024-01-02,c,Rome,6
"""


def test_a_single_series_is_its_dates_and_its_numbers(read: Read) -> None:
    panel = read("date,y\n2024-01-01,1.5\n2024-01-02,2.5\n2024-01-03,-3\n")
    np.testing.assert_array_equal(panel.values, np.array([1.5, 2.5, -3], dtype=np.float32))
    assert write_timestamps(panel.timestamps, panel.columns.time_format) == [
        "2024-01-01",
        "2024-01-02",
        "2024-01-03",
    ]
    assert panel.ids == ((),)
    assert panel.step == TimeStep(1, "day")


def test_the_arrays_have_the_promised_types_and_shapes(read: Read) -> None:
    panel = read("date,y\n2024-01-01,1\n2024-01-02,2\n")
    types = [array.dtype for array in (panel.values, panel.timestamps, panel.known, panel.categories)]
    assert types == [np.float64, np.int64, np.float32, np.int64]
    assert panel.known.shape == (2, 0)
    assert panel.categories.shape == (1, 0)
    assert (panel.offsets.dtype, panel.ends.dtype) == (np.int64, np.int64)


def test_a_long_file_is_split_by_the_column_that_makes_timestamps_unique(read: Read) -> None:
    panel = read(LONG)
    assert panel.columns.series == ("shop",)
    assert panel.columns.targets == ("sales",)
    assert panel.series_count == 3


def test_series_come_in_order_of_first_appearance_with_their_own_start_and_length(read: Read) -> None:
    panel = read(LONG)
    assert panel.ids == (("b",), ("a",), ("c",))
    assert panel.lengths().tolist() == [3, 2, 2]
    assert panel.offsets.tolist() == [0, 3, 5, 7]
    assert panel.values.tolist() == [1, 2, 3, 10, 20, 5, 6]
    starts = write_timestamps(panel.timestamps[panel.offsets[:-1]], panel.columns.time_format)
    assert starts == ["2024-01-01", "2024-01-02", "2024-01-01"]


def test_a_text_that_is_constant_within_each_series_is_a_static_category(read: Read) -> None:
    panel = read(LONG)
    assert panel.columns.static == ("city",)
    assert panel.vocabularies == (("Oslo", "Rome"),)
    assert panel.categories.tolist() == [[2], [1], [2]]


def test_a_missing_category_has_code_0(read: Read) -> None:
    panel = read(LONG.replace("Oslo", ""), static=("city",))
    assert panel.vocabularies == (("Rome",),)
    assert panel.categories.tolist() == [[1], [0], [1]]


def test_a_text_that_changes_within_a_series_is_ignored(read: Read) -> None:
    panel = read(LONG.replace("2024-01-03,b,Rome", "2024-01-03,b,Oslo"))
    assert panel.columns.static == ()
    assert panel.columns.ignored == ("city",)


def test_two_columns_together_are_the_key_where_one_is_not_enough(read: Read) -> None:
    rows = [
        f"2024-01-0{day},{shop},{item},{day}\n" for shop in "ab" for item in ("x", "y", "z") for day in (1, 2)
    ]
    panel = read("date,shop,item,y\n" + "".join(rows))
    assert panel.columns.series == ("shop", "item")
    assert panel.ids == (("a", "x"), ("a", "y"), ("a", "z"), ("b", "x"), ("b", "y"), ("b", "z"))


def test_a_wide_file_is_one_series_for_each_column(read: Read) -> None:
    panel = read("date,a,b\n2024-01-01,1,\n2024-01-02,2,5\n2024-01-03,3,6\n")
    assert panel.ids == (("a",), ("b",))
    assert panel.values.tolist() == [1, 2, 3, 5, 6]
    assert panel.lengths().tolist() == [3, 2]


def test_several_targets_of_several_series_are_all_series(read: Read) -> None:
    panel = read(
        "date,shop,sales,visits\n2024-01-01,b,1,10\n2024-01-02,b,2,20\n2024-01-01,a,3,30\n2024-01-02,a,4,40\n"
    )
    assert panel.ids == (("b", "sales"), ("a", "sales"), ("b", "visits"), ("a", "visits"))
    assert panel.values.tolist() == [1, 2, 3, 4, 10, 20, 30, 40]


def test_a_gap_becomes_rows_of_missing_values_with_their_timestamps(read: Read) -> None:
    panel = read(
        "date,y,k\n2024-01-01,1,7\n2024-01-02,2,8\n2024-01-03,3,9\n2024-01-06,6,5\n2024-01-07,,4\n",
        known=("k",),
    )
    np.testing.assert_array_equal(panel.values, np.array([1, 2, 3, np.nan, np.nan, 6, np.nan], np.float32))
    np.testing.assert_array_equal(panel.known[:, 0], np.array([7, 8, 9, np.nan, np.nan, 5, 4], np.float32))
    assert write_timestamps(panel.timestamps[3:5], "%Y-%m-%d") == ["2024-01-04", "2024-01-05"]


def test_a_gap_over_month_ends_is_filled_by_the_calendar(read: Read) -> None:
    panel = read("date,y\n2023-11-30,1\n2023-12-31,2\n2024-03-31,3\n2024-04-30,4\n")
    assert panel.step == TimeStep(1, "month-end")
    assert write_timestamps(panel.timestamps[2:4], "%Y-%m-%d") == ["2024-01-31", "2024-02-29"]


def test_a_chosen_step_makes_gaps_of_the_steps_between(read: Read) -> None:
    panel = read("date,y\n2024-01-01,1\n2024-01-03,2\n", step="1d")
    np.testing.assert_array_equal(panel.values, np.array([1, np.nan, 2], np.float32))


def test_rows_before_the_first_value_are_dropped(read: Read) -> None:
    panel = read("date,y,k\n2024-01-01,,1\n2024-01-02,,2\n2024-01-03,3,3\n2024-01-04,4,4\n", known=("k",))
    assert panel.values.tolist() == [3, 4]
    assert panel.known[:, 0].tolist() == [3, 4]


def test_a_column_that_goes_on_after_the_target_is_a_known_covariate(read: Read) -> None:
    panel = read("date,y,promo\n2024-01-01,1,0\n2024-01-02,2,1\n2024-01-03,,1\n2024-01-04,,0\n")
    assert (panel.columns.targets, panel.columns.known) == (("y",), ("promo",))
    assert panel.offsets.tolist() == [0, 4]
    assert panel.ends.tolist() == [2]
    assert panel.known[:, 0].tolist() == [0, 1, 1, 0]


def test_columns_that_end_one_after_another_are_all_targets(read: Read) -> None:
    panel = read("date,a,b,c\n2024-01-01,1,1,1\n2024-01-02,2,2,2\n2024-01-03,3,3,\n2024-01-04,4,,\n")
    assert panel.columns.targets == ("a", "b", "c")


def test_beside_a_named_target_only_columns_that_go_on_are_used(read: Read) -> None:
    panel = read("date,y,z,k\n2024-01-01,1,1,1\n2024-01-02,2,2,2\n2024-01-03,,,3\n", target=("y",))
    assert panel.columns.known == ("k",)
    assert panel.columns.ignored == ("z",)


def test_rows_after_the_last_known_value_are_dropped(read: Read) -> None:
    panel = read("date,y,k\n2024-01-01,1,1\n2024-01-02,2,2\n2024-01-03,,3\n2024-01-04,,\n", known=("k",))
    assert panel.offsets.tolist() == [0, 3]


def test_true_and_false_are_1_and_0(read: Read) -> None:
    panel = read("date,y,k\n2024-01-01,1,True\n2024-01-02,2,\n2024-01-03,3,False\n", known=("k",))
    np.testing.assert_array_equal(panel.known[:, 0], np.array([1, np.nan, 0], np.float32))


def test_without_a_time_column_rows_are_numbered(read: Read) -> None:
    panel = read("y\n4\n\n6\n")
    assert panel.columns.time is None
    assert panel.step == TimeStep(1, "index")
    assert panel.timestamps.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(panel.values, np.array([4, np.nan, 6], np.float32))


def test_numbered_rows_start_at_0_in_each_named_series(read: Read) -> None:
    panel = read("id,y\na,1\nb,2\na,3\nb,4\n", series=("id",))
    assert panel.timestamps.tolist() == [0, 1, 0, 1]
    assert panel.values.tolist() == [1, 3, 2, 4]


def test_an_integer_column_with_a_name_for_time_is_a_grid_of_counts(read: Read) -> None:
    panel = read("year,y\n1990,1\n1991,2\n1993,3\n")
    assert (panel.columns.time, panel.columns.time_format) == ("year", "index")
    assert panel.timestamps.tolist() == [1990, 1991, 1992, 1993]


def test_an_integer_column_of_dates_is_time_whatever_its_name(read: Read) -> None:
    panel = read("when,y\n20240130,1\n20240131,2\n20240201,3\n")
    assert (panel.columns.time, panel.columns.time_format) == ("when", "%Y%m%d")
    assert panel.step == TimeStep(1, "day")


def test_months_as_numbers_are_time_under_a_name_for_time(read: Read) -> None:
    panel = read("month,y\n202311,1\n202312,2\n202401,3\n")
    assert (panel.columns.time, panel.step) == ("month", TimeStep(1, "month"))


def test_milliseconds_since_1970_are_time(read: Read) -> None:
    panel = read("t,y\n1700000000000,1\n1700000900000,2\n1700002700000,3\n")
    assert panel.step == TimeStep(15, "minute")
    assert write_timestamps(panel.timestamps[2:], panel.columns.time_format) == [
        "1700001800000",
        "1700002700000",
    ]


def test_numbers_stay_counts_if_the_user_says_so(read: Read) -> None:
    assert read("date,y\n20240130,1\n20240131,2\n", time_format="index").step == TimeStep(1, "index")


def test_a_named_form_makes_a_column_the_time(read: Read) -> None:
    panel = read("when,y\n31.01.24,1\n01.02.24,2\n", time_format="%d.%m.%y")
    assert (panel.columns.time, panel.step) == ("when", TimeStep(1, "day"))


def test_a_single_row_has_the_step_that_was_named(read: Read) -> None:
    panel = read("quarter,y\n2024Q1,1\n", step="3month")
    assert write_timestamps(panel.step.shift(panel.timestamps, np.array([1])), "%YQ%q") == ["2024Q2"]


def test_a_well_known_name_for_time_wins_over_an_earlier_column_of_dates(read: Read) -> None:
    panel = read("opened,date,y\n2020-01-01,2024-01-01,1\n2020-01-01,2024-01-02,2\n")
    assert panel.columns.time == "date"


def test_any_column_of_dates_is_time_where_no_name_is_known(read: Read) -> None:
    assert read("when,y\n2024-01-01,1\n2024-01-02,2\n").columns.time == "when"


def test_the_row_numbers_that_pandas_writes_are_ignored(read: Read) -> None:
    panel = read(",date,y\n0,2024-01-01,1\n1,2024-01-02,2\n")
    assert panel.columns.targets == ("y",)
    assert panel.columns.ignored == ("unnamed column 1",)


def test_extra_texts_for_missing_are_honoured(read: Read) -> None:
    panel = read("date,y\n2024-01-01,1\n2024-01-02,-\n2024-01-03,-999\n2024-01-04,3\n", na=("-", "-999"))
    np.testing.assert_array_equal(panel.values, np.array([1, np.nan, np.nan, 3], np.float32))


def test_rows_of_empty_cells_at_the_end_are_no_rows(read: Read) -> None:
    assert read("date,y\n2024-01-01,1\n2024-01-02,2\n,\n,\n").values.tolist() == [1, 2]


def test_a_byte_order_mark_is_not_part_of_the_first_name(read: Read) -> None:
    assert read("\ufeffdate,y\n2024-01-01,1\n2024-01-02,2\n").columns.time == "date"


def test_unsorted_rows_are_sorted_with_a_warning(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    panel = read("date,y\n2024-01-02,2\n2024-01-01,1\n2024-01-03,3\n")
    assert panel.values.tolist() == [1, 2, 3]
    assert caplog.messages == ["data.csv: rows are not in order of time; sorted"]
    assert caplog.records[0].levelno == logging.WARNING


def test_rows_by_time_then_series_are_in_order(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    panel = read("date,id,y\n2024-01-01,a,1\n2024-01-01,b,2\n2024-01-02,a,3\n2024-01-02,b,4\n")
    assert panel.values.tolist() == [1, 3, 2, 4]
    assert caplog.messages == []


def test_a_series_without_a_value_is_dropped_with_a_warning(
    read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    panel = read("date,id,y\n2024-01-01,a,\n2024-01-02,a,\n2024-01-01,b,3\n2024-01-02,b,4\n")
    assert panel.ids == (("b",),)
    assert panel.values.tolist() == [3, 4]
    assert caplog.messages == ["series a has no observed value; dropped"]


def test_many_series_without_a_value_are_one_warning(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    rows = [f"2024-01-0{day},{key},{3 if key == 'b' else ''}\n" for key in "abcdef" for day in (1, 2)]
    assert read("date,id,y\n" + "".join(rows)).ids == (("b",),)
    assert caplog.messages == ["series a, c, d, ... (5 in all) have no observed value; dropped"]
