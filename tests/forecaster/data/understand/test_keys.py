"""Series told apart by whole numbers: found where it is clear, asked for where it is not."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data import Panel, read_data


def read(folder: Path, text: str, **choice: object) -> Panel:
    path = folder / "data.csv"
    path.write_text(text)
    return read_data(path, Asked(**choice))  # type: ignore[arg-type]


def rows(header: str, *keys: str, days: int = 28) -> str:
    """A file with small random counts in its last column, `days` rows for each key."""
    generator = np.random.default_rng(0)
    lines = [
        f"2024-01-{day:02},{key},{generator.integers(0, 4)}\n"
        for key, day in product(keys, range(1, days + 1))
    ]
    return header + "\n" + "".join(lines)


@pytest.mark.parametrize("name", ["store_id", "anything"])
def test_whole_numbers_that_make_timestamps_unique_tell_series_apart(tmp_path: Path, name: str) -> None:
    panel = read(tmp_path, rows(f"date,{name},sales", "1", "2", "15"))
    assert (panel.columns.series, panel.columns.targets) == ((name,), ("sales",))
    assert panel.ids == (("1",), ("2",), ("15",))


def test_ids_stay_as_they_were_written(tmp_path: Path) -> None:
    assert read(tmp_path, rows("date,shop,y", "007", "8")).ids == (("007",), ("8",))


def test_a_data_frame_has_ids_of_whole_numbers_too() -> None:
    days = pd.date_range("2024-01-01", periods=4)
    frame = pd.DataFrame({"ds": [*days, *days], "id": [1] * 4 + [2] * 4, "y": np.arange(8.0)})
    assert read_data(frame).ids == (("1",), ("2",))


def test_the_id_wins_over_a_number_that_goes_with_it(tmp_path: Path) -> None:
    panel = read(tmp_path, rows("date,area,store_id,sales", "50,1", "60,2", "70,3"))
    assert (panel.columns.series, panel.columns.static_numbers) == (("store_id",), ("area",))


def test_two_ids_tell_series_apart_together(tmp_path: Path) -> None:
    panel = read(tmp_path, rows("date,store,item,sales", "1,1", "1,2", "2,1", "2,2"))
    assert panel.columns.series == ("store", "item")
    assert panel.ids == (("1", "1"), ("1", "2"), ("2", "1"), ("2", "2"))


def test_stores_and_their_departments_are_ids(tmp_path: Path) -> None:
    panel = read(tmp_path, rows("date,Store,Dept,sales", "1,1", "1,2", "2,1", "2,2"))
    assert panel.columns.series == ("Store", "Dept")


def test_an_id_beside_a_text_that_is_not_enough(tmp_path: Path) -> None:
    panel = read(tmp_path, rows("date,region,store,sales", "north,1", "north,2", "south,1", "south,2"))
    assert panel.columns.series == ("region", "store")


def test_a_text_beside_an_id_that_is_enough_is_a_category(tmp_path: Path) -> None:
    panel = read(tmp_path, rows("date,region,store,sales", "north,1", "north,2", "south,3"))
    assert (panel.columns.series, panel.columns.static) == (("store",), ("region",))


def test_months_are_steps_of_their_own_lengths(tmp_path: Path) -> None:
    lines = [f"2024-{month:02}-01,{store},{month}\n" for store in (1, 2) for month in range(1, 13)]
    assert read(tmp_path, "date,store,y\n" + "".join(lines)).columns.series == ("store",)


def refused(folder: Path, text: str, **choice: object) -> bool:
    with pytest.raises(DataError, match="appears twice"):
        read(folder, text, **choice)
    return True


def test_a_row_that_stands_twice_makes_no_series_of_counts(tmp_path: Path) -> None:
    visitors = np.random.default_rng(0).integers(0, 3, 28)
    lines = [f"2024-01-{day:02},{count},7\n" for day, count in enumerate(visitors, start=1)]
    twice = f"2024-01-05,{visitors[4] + 1},8\n"
    assert refused(tmp_path, "date,visitors,sales\n" + "".join([*lines, twice]))


def test_counts_that_happen_to_differ_between_series_are_no_key(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    lines = []
    for day in range(1, 29):
        first, second = generator.permutation(8)[:2]
        lines += [f"2024-01-{day:02},{first},1.5\n", f"2024-01-{day:02},{second},2.5\n"]
    assert refused(tmp_path, "date,visitors,sales\n" + "".join(lines))


def test_a_number_that_has_a_role_is_no_key(tmp_path: Path) -> None:
    assert refused(tmp_path, rows("date,store,y", "1", "2"), target=("store",))
    assert refused(tmp_path, rows("date,store,y", "1", "2"), past=("store",))


def test_what_is_left_to_forecast_is_no_key(tmp_path: Path) -> None:
    assert refused(tmp_path, "date,y\n" + "".join(f"2024-01-0{d},{k}\n" for k in (1, 2) for d in range(1, 7)))


@pytest.mark.parametrize(
    "names", ["filiale,artikel", "magasin,produit", "tienda,almacén", "negozio,prodotto", "Kunde,Produkt"]
)
def test_ids_of_other_languages_tell_series_apart_together(tmp_path: Path, names: str) -> None:
    panel = read(tmp_path, rows(f"date,{names},y", "1,1", "1,2", "2,1", "2,2"))
    assert panel.columns.series == tuple(names.split(","))
