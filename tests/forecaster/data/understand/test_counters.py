"""Panels whose time is a whole number, or that have none: the ids and the time that are found in them."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.columns import AskedByModel

GENERATOR = np.random.default_rng(0)


def panel(folder: Path, frame: pd.DataFrame, **choice: object) -> Panel:
    path = folder / "data.csv"
    frame.to_csv(path, index=False)
    return read_data(path, Asked(**choice))  # type: ignore[arg-type]


def counted(key: str, ids: object, count: str, numbers: object) -> pd.DataFrame:
    """A file of ids one after another, each with the same numbers."""
    frame = pd.DataFrame(product(ids, numbers), columns=[key, count])  # type: ignore[call-overload]
    return frame.assign(sales=GENERATOR.integers(5, 30, len(frame)))


WEEKS = range(1, 41)
STORES = ("s1", "s2", "s3")
TURBINES = counted("unit", (1, 2, 3, 4), "cycle", range(1, 31)).assign(heat=GENERATOR.normal(size=120))
GAPS = counted("store", STORES, "week", WEEKS)
PAIRS = pd.DataFrame(product(("a", "b"), ("x", "y"), WEEKS), columns=["store", "item", "week"])

TIMES: dict[str, tuple[pd.DataFrame, str, tuple[str, ...], int]] = {
    "weeks of texts": (counted("store", STORES, "week", WEEKS), "week", ("store",), 3),
    "weeks of numbers": (counted("store", (1, 2, 3), "week", WEEKS), "week", ("store",), 3),
    "weeks from 0": (counted("store", STORES, "Week", range(40)), "Week", ("store",), 3),
    "week numbers": (counted("shop_id", (7, 8), "week_no", WEEKS), "week_no", ("shop_id",), 2),
    "days": (counted("sensor", ("a", "b"), "day", range(1, 15)), "day", ("sensor",), 2),
    "months": (counted("region", ("north", "south"), "month", range(1, 25)), "month", ("region",), 2),
    "hours": (counted("plant", ("a", "b"), "hour", range(100)), "hour", ("plant",), 2),
    "rounds": (counted("team", ("a", "b", "c", "d"), "round", range(1, 31)), "round", ("team",), 4),
    "periods": (counted("id", (3, 4), "period", range(1, 31)), "period", ("id",), 2),
    "t": (counted("id", ("a", "b"), "t", range(30)), "t", ("id",), 2),
    "weeks in German": (counted("Filiale", ("Ulm", "Bonn"), "Woche", WEEKS), "Woche", ("Filiale",), 2),
    "cycles of a unit": (TURBINES, "cycle", ("unit",), 4),
    "of no known name": (TURBINES.rename(columns={"cycle": "lap"}), "lap", ("unit",), 4),
    "of rows in order of time": (GAPS.sort_values(["week", "store"]), "week", ("store",), 3),
    "of rows in no order": (GAPS.sample(frac=1, random_state=0), "week", ("store",), 3),
    "of rows of which some are left out": (GAPS.drop(index=[5, 17, 60, 61]), "week", ("store",), 3),
    "of two ids": (PAIRS.assign(sales=GENERATOR.normal(size=160)), "week", ("store", "item"), 4),
    "of one series": (pd.DataFrame({"day": range(1, 61), "v": GENERATOR.normal(size=60)}), "day", (), 1),
    "of one series, the last first": (
        pd.DataFrame({"week": range(60, 0, -1), "v": GENERATOR.normal(size=60)}), "week", (), 1,
    ),
    "of rounds in one year": (
        counted("team", ("a", "b"), "round", range(1, 9)).assign(year=2013), "round", ("team",), 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("frame", "time", "series", "count"), TIMES.values(), ids=TIMES)
def test_a_number_that_counts_the_rows_of_each_id_is_the_time(
    tmp_path: Path, frame: pd.DataFrame, time: str, series: tuple[str, ...], count: int
) -> None:
    read = panel(tmp_path, frame)
    assert (read.columns.time, read.columns.time_format, read.columns.series) == (time, "index", series)
    assert read.series_count == count * len(read.columns.targets)
    assert {*read.columns.targets} <= {"sales", "heat", "v"}


def test_a_count_of_no_known_name_is_said(tmp_path: Path) -> None:
    (note,) = panel(tmp_path, TURBINES.rename(columns={"cycle": "lap"})).notes
    assert note == '"lap" counts the rows of each "unit": read as time (--time names another)'


NO_TIMES: dict[str, pd.DataFrame] = {
    "an hour of the day": pd.DataFrame({"hour": [*range(24)] * 5, "y": GENERATOR.normal(size=120)}),
    "weeks of which one is missing": pd.DataFrame({"week": [*range(40), 50], "y": GENERATOR.normal(size=41)}),
    "row numbers": pd.DataFrame({"No": range(60), "y": GENERATOR.normal(size=60)}),
    "ranks": counted("list", ("a", "b", "c"), "rank", range(1, 11)),
    "counts": pd.DataFrame({"day": GENERATOR.integers(0, 9, 60), "y": GENERATOR.normal(size=60)}),
}


@pytest.mark.parametrize("frame", NO_TIMES.values(), ids=NO_TIMES)
def test_other_whole_numbers_are_no_time(tmp_path: Path, frame: pd.DataFrame) -> None:
    assert panel(tmp_path, frame).columns.time is None


def in_turn(rounds: int, **columns: object) -> pd.DataFrame:
    frame = pd.concat([pd.DataFrame(columns)] * rounds, ignore_index=True)
    return frame.assign(sales=GENERATOR.normal(size=len(frame)).round(3))


def together(rows: int, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    frame = frame.loc[np.repeat(frame.index, rows)].reset_index(drop=True)
    return frame.assign(sales=GENERATOR.normal(size=len(frame)).round(3))


ORDERED: dict[str, tuple[pd.DataFrame, tuple[str, ...], int]] = {
    "texts in turn": (in_turn(20, store=["s0", "s1", "s2", "s3"]), ("store",), 4),
    "texts side by side": (together(20, store=["s0", "s1", "s2", "s3"]), ("store",), 4),
    "two texts side by side": (together(20, machine=["left", "right"]), ("machine",), 2),
    "numbers in turn": (in_turn(20, shop=[3, 1, 2]), ("shop",), 3),
    "numbers side by side": (together(20, store_id=[30, 10, 20]), ("store_id",), 3),
    "numbers beside a text of each": (in_turn(9, city=["Rome", "Bari"], id=[1, 2]), ("city",), 2),
    "lengths of their own": (together(20, key=["a", "b", "c"]).drop(index=range(3, 12)), ("key",), 3),
    "pairs side by side": (together(9, shop=["a", "a", "b", "b"], item=["x", "y"] * 2), ("shop", "item"), 4),
    "pairs in turn": (in_turn(9, shop=["a", "a", "b", "b"], item=["x", "y"] * 2), ("shop", "item"), 4),
    "a text that changes next to an id": (
        together(20, name=["a", "b", "c"]).assign(wind=GENERATOR.choice(["n", "e", "s"], 60)), ("name",), 3,
    ),
}  # fmt: skip
UNORDERED: dict[str, pd.DataFrame] = {
    "the weather": in_turn(60, a=[0]).assign(weather=GENERATOR.choice(["rain", "clear", "fog"], 60)),
    "weekdays": in_turn(9, weekday=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]),
    "months by another name": in_turn(9, when=["Jan", "Feb", "Mar", "Apr", "May", "Jun"]),
    "a short and a long half": together(5, period=["a"] + ["b"] * 9),
    "numbers that are no id": in_turn(20, degrees=[3, 1, 2]),
    "one id": together(20, store=["a"]),
    "a text of its own in each row": together(1, city=[f"city {number}" for number in range(20)]),
}


@pytest.mark.parametrize(("frame", "series", "count"), ORDERED.values(), ids=ORDERED)
def test_ids_that_recur_tell_series_apart_without_a_time(
    tmp_path: Path, frame: pd.DataFrame, series: tuple[str, ...], count: int
) -> None:
    read = panel(tmp_path, frame)
    assert (read.columns.time, read.columns.series, read.series_count) == (None, series, count)
    assert read.columns.targets == ("sales",)
    assert "--layout wide reads all rows as one series" in " ".join(read.notes)


@pytest.mark.parametrize("frame", UNORDERED.values(), ids=UNORDERED)
def test_other_texts_tell_no_series_apart_without_a_time(tmp_path: Path, frame: pd.DataFrame) -> None:
    assert panel(tmp_path, frame).columns.series == ()


def test_rows_of_which_each_has_a_name_are_said_to_be_numbered(tmp_path: Path) -> None:
    assert panel(tmp_path, UNORDERED["a text of its own in each row"]).notes == (
        'no column is the time: the rows are numbered, though each has its own "city" (--time names it)',
    )


def test_a_wide_layout_keeps_all_rows_in_one_series(tmp_path: Path) -> None:
    assert panel(tmp_path, ORDERED["texts in turn"][0], layout="wide").lengths().tolist() == [80]


def test_ids_without_a_time_are_as_written_and_read_so_for_a_model(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("shop,sales\n" + "".join(f"007,{row}\n08,{row % 3}\n" for row in range(9)))
    read = read_data(path)
    assert read.ids == (("007",), ("08",))
    again = read_data(path, AskedByModel.of(read.columns, read.step))
    assert (again.ids, again.values.tolist()) == (read.ids, read.values.tolist())
