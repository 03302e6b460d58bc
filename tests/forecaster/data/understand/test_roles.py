"""Covariates and static columns: which role a column of numbers has, and where its cells end up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.columns import AskedByModel

Read = Callable[..., Panel]

PANEL = """\
date,shop,city,area,visitors,sales
2024-01-01,b,Rome,50,7,1
2024-01-02,b,Rome,50,8,2
2024-01-04,b,Rome,50,9,3
2024-01-01,a,Oslo,62.5,4,10
2024-01-02,a,Oslo,62.5,,20
2024-01-03,a,Oslo,62.5,6,30
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a file and reads it: read(text, **choice)."""

    def write_and_read(text: str, **choice: object) -> Panel:
        path = tmp_path / "data.csv"
        path.write_text(text, encoding="utf-8")
        return read_data(path, Asked(**choice))  # type: ignore[arg-type]

    return write_and_read


def test_a_past_covariate_is_no_target_and_stands_beside_the_values_of_its_series(read: Read) -> None:
    panel = read(PANEL, past=("visitors",))
    assert (panel.columns.targets, panel.columns.past) == (("sales",), ("visitors",))
    expected = np.array([7, 8, np.nan, 9, 4, np.nan, 6], np.float32)
    np.testing.assert_array_equal(panel.past[:, 0], expected)


def test_a_number_that_is_not_named_is_a_target_and_no_past_covariate(read: Read) -> None:
    panel = read(PANEL)
    assert (panel.columns.targets, panel.columns.past) == (("visitors", "sales"), ())


def test_beside_a_named_target_the_numbers_that_could_be_past_covariates_are_told(read: Read) -> None:
    panel = read(PANEL.replace("city", "note").replace("Rome,50,8", "Oslo,50,8"), target=("sales",))
    assert panel.columns.ignored == ("note", "visitors")
    assert panel.columns.unused_numbers == ("visitors",)


def test_past_covariates_keep_the_order_in_which_they_were_named(read: Read) -> None:
    panel = read("date,a,b,y\n2024-01-01,1,10,5\n2024-01-02,2,20,6\n", past=("b", "a"))
    assert panel.past.tolist() == [[10, 1], [20, 2]]


def test_a_past_covariate_that_goes_on_after_the_target_is_not_known_ahead(read: Read) -> None:
    panel = read("date,y,k\n2024-01-01,1,1\n2024-01-02,2,2\n2024-01-03,,3\n2024-01-04,,4\n", past=("k",))
    assert (panel.columns.past, panel.columns.known) == (("k",), ())
    assert panel.offsets.tolist() == [0, 2]


def test_a_past_covariate_of_several_targets_stands_beside_each(read: Read) -> None:
    panel = read("date,a,b,k\n2024-01-01,1,3,7\n2024-01-02,2,4,8\n", past=("k",))
    assert panel.ids == (("a",), ("b",))
    assert panel.past[:, 0].tolist() == [7, 8, 7, 8]


def test_a_number_that_is_constant_within_each_series_is_static(read: Read) -> None:
    panel = read(PANEL)
    assert panel.columns.static == ("city", "area")
    assert (panel.columns.categories, panel.columns.static_numbers) == (("city",), ("area",))
    assert panel.static.tolist() == [[50], [62.5], [50], [62.5]]  # visitors of b and a, sales of b and a
    assert panel.vocabularies == (("Oslo", "Rome"),)


def test_a_static_number_is_found_beside_a_named_target(read: Read) -> None:
    assert read(PANEL, target=("sales",)).columns.static_numbers == ("area",)


def test_a_static_number_that_is_filled_in_ahead_is_not_known_ahead(read: Read) -> None:
    ahead = (
        "2024-01-05,b,Rome,50,,\n2024-01-06,b,Rome,50,,\n2024-01-04,a,Oslo,62.5,,\n2024-01-05,a,Oslo,62.5,,\n"
    )
    panel = read(PANEL + ahead)
    assert (panel.columns.known, panel.columns.static_numbers) == ((), ("area",))


@pytest.mark.parametrize(("role", "place"), [("target", "targets"), ("known", "known"), ("past", "past")])
def test_a_number_with_a_role_of_its_own_is_not_static(read: Read, role: str, place: str) -> None:
    panel = read(PANEL, **{role: ("area",)})
    assert getattr(panel.columns, place) == ("area",)
    assert panel.columns.static_numbers == ()


def test_a_number_that_is_the_same_in_all_series_is_not_static(read: Read) -> None:
    assert read(PANEL.replace("62.5", "50"), target=("sales",)).columns.static_numbers == ()


def test_a_number_that_changes_within_a_series_is_not_static(read: Read) -> None:
    changed = PANEL.replace("2024-01-04,b,Rome,50", "2024-01-04,b,Rome,51")
    assert read(changed, target=("sales",)).columns.static_numbers == ()


def test_where_every_number_is_constant_it_is_what_to_forecast(read: Read) -> None:
    panel = read("date,id,y\n2024-01-01,a,5\n2024-01-02,a,5\n2024-01-01,b,7\n2024-01-02,b,7\n")
    assert (panel.columns.targets, panel.columns.static) == (("y",), ())


def test_series_of_one_row_each_show_no_static_number(read: Read) -> None:
    panel = read(
        "date,id,x,y\n2024-01-01,a,5,1\n2024-01-02,a,5,2\n2024-01-01,b,7,3\n2024-01-01,c,8,4\n",
        series=("id",),
    )
    assert panel.columns.targets == ("x", "y")


def test_a_missing_static_number_is_unknown(read: Read) -> None:
    panel = read(PANEL.replace("62.5", ""), target=("sales",), static=("area",))
    np.testing.assert_array_equal(panel.static, np.array([[50], [np.nan]], np.float32))


def test_a_static_number_may_stand_in_some_rows_of_its_series_only(read: Read) -> None:
    panel = read(PANEL.replace("2024-01-02,a,Oslo,62.5", "2024-01-02,a,Oslo,"), target=("sales",))
    assert panel.static.tolist() == [[50], [62.5]]


def test_named_static_columns_are_numbers_or_categories_by_their_cells(read: Read) -> None:
    panel = read(PANEL, target=("sales",), static=("area", "city"))
    assert (panel.columns.categories, panel.columns.static_numbers) == (("city",), ("area",))
    assert (panel.categories.tolist(), panel.static.tolist()) == ([[2], [1]], [[50], [62.5]])


def test_static_columns_are_of_the_kind_that_was_trained(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text(PANEL.replace("Rome", "1").replace("Oslo", "2"))
    static = {"static": ("city", "area"), "static_numbers": ("area",)}
    columns = Columns("date", "%Y-%m-%d", ("sales",), ("shop",), **static)
    panel = read_data(path, AskedByModel.of(columns, TimeStep(1, "day")))
    assert panel.vocabularies == (("1", "2"),)
    assert panel.columns.static_numbers == ("area",)
