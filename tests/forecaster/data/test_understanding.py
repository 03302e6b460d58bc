"""What was understood of a file: every field of the value, and the block that people read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deploy import TimeStep
from forecaster.config import Asked
from forecaster.data import Understood, read_data
from forecaster.workflows.recipes.recipe import default_season


def understand(path: Path, **choice: object) -> Understood:
    panel = read_data(path, Asked(**choice))  # type: ignore[arg-type]
    return Understood.of(path, panel, default_season(panel))


def days(length: int, form: str = "%Y-%m-%d") -> list[str]:
    return pd.date_range("2024-01-01", periods=length).strftime(form).tolist()


def write(path: Path, **columns: object) -> Path:
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


@pytest.fixture
def single(tmp_path: Path) -> Path:
    values = [np.nan if row == 7 else row % 7 + row / 50 for row in range(60)]
    return write(tmp_path / "single.csv", date=days(60), sales=values)


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    """Two shops of 40 and 30 days; a promotion goes on for 5 more, visitors stop with the sales."""
    parts = []
    for number, (shop, length) in enumerate([("a", 40), ("b", 30)]):
        row = np.arange(length + 5)
        table = pd.DataFrame({"date": days(length + 5), "shop": shop, "region": ["north", "south"][number]})
        table = table.assign(
            area=100.5 + number, promo=(row % 3 == 0).astype(int), note=[f"n{n}" for n in row]
        )
        parts.append(table.assign(visitors=row % 5 + row / 10, sales=row % 7 + row / 50))
        parts[-1].loc[row >= length, ["visitors", "sales"]] = np.nan
    path = tmp_path / "shops.csv"
    pd.concat(parts).to_csv(path, index=False)
    return path


def test_a_single_series_is_counted_with_those_values_that_are_missing(single: Path) -> None:
    found = understand(single)
    assert (found.file, found.series, found.values, found.missing) == ("single.csv", 1, 60, 1)
    assert (found.shortest, found.longest) == (60, 60)


def test_its_time_is_told_by_column_form_step_season_and_ends(single: Path) -> None:
    found = understand(single)
    assert (found.columns.time, found.columns.time_format, found.columns.timezone) == (
        "date",
        "%Y-%m-%d",
        None,
    )
    assert (found.time_step, found.season) == (TimeStep(1, "day"), 7)
    assert (found.first, found.last) == ("2024-01-01", "2024-02-29")


def test_every_column_of_a_panel_has_its_role(shops: Path) -> None:
    found = understand(shops, target=("sales",))
    columns = found.columns
    assert (columns.targets, columns.series, columns.known) == (("sales",), ("shop",), ("promo",))
    assert (columns.past, columns.static, columns.static_numbers) == ((), ("region", "area"), ("area",))
    assert found.vocabularies == {"region": ["north", "south"]}
    assert (columns.ignored, columns.unused_numbers) == (("note", "visitors"), ("visitors",))


def test_known_covariates_tell_how_far_they_go_ahead(shops: Path, single: Path) -> None:
    assert understand(shops, target=("sales",)).known_ahead == 5
    assert understand(shops, target=("sales",), past=("promo",)).known_ahead == 0
    assert understand(single).known_ahead == 0


def test_the_ends_are_those_of_the_values_not_of_the_covariates(shops: Path) -> None:
    found = understand(shops, target=("sales",))
    assert (found.first, found.last) == (days(40)[0], days(40)[-1])
    assert (found.shortest, found.longest, found.values) == (30, 40, 70)


def test_a_zone_is_told(single: Path) -> None:
    assert understand(single, timezone="Europe/Berlin").columns.timezone == "Europe/Berlin"


def test_the_block_is_a_headline_and_a_line_a_role(shops: Path) -> None:
    assert understand(shops, target=("sales",)).lines() == [
        "shops.csv: 2 series of 30 to 40 values, 2024-01-01 to 2024-02-09",
        "  time    date (1 day; season 7)",
        "  target  sales",
        "  series  shop",
        "  known   promo (5 steps ahead)",
        "  static  region (2 values), area (number)",
        "  ignored note; visitors (numbers: --past uses them)",
    ]


def test_missing_values_stand_in_the_headline(single: Path) -> None:
    assert understand(single).lines()[0] == (
        "single.csv: 1 series of 60 values (1 missing), 2024-01-01 to 2024-02-29"
    )


def test_past_covariates_have_a_line_of_their_own(shops: Path) -> None:
    assert "  past    visitors" in understand(shops, target=("sales",), past=("visitors",)).lines()


def test_what_is_nothing_to_forecast_is_ignored_with_its_reason(shops: Path) -> None:
    table = pd.read_csv(shops)
    path = write(shops, id=range(1, len(table) + 1), **table, month=pd.to_datetime(table.date).dt.month)
    found = understand(path)
    ignored, note = found.lines()[-2:]
    assert ignored == "  ignored id (row numbers), note, month (month of the time)"
    assert note.startswith('  WARNING "visitors", "sales" end 5 rows before "promo"')
    assert found.model_dump(mode="json")["reasons"] == {"id": "row numbers", "month": "month of the time"}
    assert found.columns.unused_numbers == ()


def test_a_zone_and_a_form_that_leaves_doubt_stand_with_the_time(tmp_path: Path) -> None:
    path = write(tmp_path / "data.csv", when=days(40, "%d/%m/%Y"), y=np.arange(40))
    assert understand(path, timezone="Europe/Berlin").lines()[1] == (
        "  time    when (1 day; season 7; %d/%m/%Y; Europe/Berlin)"
    )


def test_rows_without_a_time_are_counted(tmp_path: Path) -> None:
    rows = np.arange(60)
    path = write(tmp_path / "data.csv", y=rows + np.random.default_rng(0).normal(size=60))
    assert understand(path).lines() == [
        "data.csv: 1 series of 60 values, 0 to 59",
        "  time    none, values are counted (1 row; no season)",
        "  target  y",
    ]


def test_a_row_a_series_is_told_as_the_layout(tmp_path: Path) -> None:
    values = {f"V{n}": [n % 5, n % 3 + 1.0] for n in range(2, 40)}
    assert (
        "  layout  a row a series" in understand(write(tmp_path / "m.csv", id=["a", "b"], **values)).lines()
    )


def test_many_targets_are_cut_in_the_block_and_whole_in_json(tmp_path: Path) -> None:
    names = [f"department {n}" for n in range(40)]
    path = write(tmp_path / "wide.csv", date=days(30), **{name: np.arange(30) for name in names})
    found = understand(path)
    assert found.lines()[2] == (
        "  targets department 0, department 1, department 2, department 3, … (40 in all)"
    )
    assert found.model_dump(mode="json")["targets"] == names


def test_json_has_the_columns_in_a_row_with_the_facts_and_comes_back(shops: Path) -> None:
    found = understand(shops)
    text = json.dumps(found.model_dump(mode="json"), allow_nan=False)
    assert list(json.loads(text)) == [
        *("file", "series", "values", "missing", "shortest", "longest", "first", "last", "step", "season"),
        *("time", "time_format", "timezone", "targets", "joint", "series_columns", "known", "known_ahead"),
        *("past", "static", "vocabularies", "ignored", "unused_numbers", "layout", "reasons", "notes"),
        "inferences",
    ]
    assert Understood.model_validate_json(text) == found
