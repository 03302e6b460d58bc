"""Columns that end at different times: known ahead, published late, or of a sensor that died."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.config import Asked
from forecaster.data import Panel, read_data


def panel(folder: Path, frame: pd.DataFrame, **choice: object) -> Panel:
    path = folder / "data.csv"
    frame.to_csv(path, index=False)
    return read_data(path, Asked(**choice))  # type: ignore[arg-type]


def table(rows: int, freq: str, **levels: float) -> pd.DataFrame:
    """A file with a season and noise at a level of each column."""
    generator = np.random.default_rng(0)
    season = np.sin(np.arange(rows) / 4)
    columns = {
        name: (level * (1 + season / 8 + generator.normal(0, 0.05, rows))).round(3)
        for name, level in levels.items()
    }
    return pd.DataFrame({"time": pd.date_range("2020-01-01", periods=rows, freq=freq), **columns})


def ending(frame: pd.DataFrame, **rows: int) -> pd.DataFrame:
    """The file with some columns empty in their last rows."""
    cut = frame.copy()
    for name, count in rows.items():
        cut[name] = cut[name].where(np.arange(len(cut)) < len(cut) - count)
    return cut


def flags(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The file with some columns of 0 and 1."""
    generator = np.random.default_rng(1)
    return frame.assign(**{name: generator.integers(0, 2, len(frame)) for name in names})


def countries(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    return pd.concat([frame.assign(country=name) for name in names])


MACRO = table(200, "MS", unemployment=5, prices=250, output=19000)
SENSORS = table(500, "h", north=100, south=101, east=99)
SHOP = flags(table(400, "D", sales=50), "promo")
LATE = countries(table(40, "YS", people=100, share=110), "a", "b", "c")

TARGETS: dict[str, pd.DataFrame] = {
    "published a month late": ending(MACRO, output=1),
    "published two months late": ending(MACRO, output=2),
    "published three months late": ending(MACRO, output=3, prices=3),
    "published late, each by its own delay": ending(MACRO, output=5, prices=2),
    "a flag that is published late": ending(flags(MACRO, "recession"), recession=2),
    "a flag that is published a year late": ending(flags(MACRO, "recession"), recession=12),
    "a sensor that died halfway": ending(SENSORS, south=250),
    "a sensor that died early": ending(SENSORS, north=450),
    "a sensor that died lately": ending(SENSORS, east=30),
    "two sensors that died at one time": ending(SENSORS, east=40, north=40),
    "two sensors that died one after another": ending(SENSORS, east=140, north=90),
    "a gauge that died among others": ending(table(300, "D", level=3, flow=70, rain=0.5), flow=150),
    "a gauge that died among others and a flag": ending(
        flags(table(300, "D", level=3, flow=70, rain=0.5), "frost"), flow=150
    ),
    "flags, one of which ended halfway": ending(
        flags(table(300, "D", flow=70), "frost", "flood"), frost=120, flow=120
    ),
    "published late next to a flag": ending(flags(table(200, "MS", a=100, b=100), "war"), a=6),
    "late in some countries": pd.concat([ending(LATE[:80], people=3), LATE[80:]]),
    "late in every country": pd.concat([ending(LATE[:40], people=3), ending(LATE[40:80], people=3)]),
    "flags that end in one of three countries": pd.concat(
        [flags(LATE[:80], "war"), ending(flags(LATE[80:], "war"), people=8, share=8)]
    ),
}
KNOWN: dict[str, tuple[pd.DataFrame, set[str]]] = {
    "promotions": (ending(SHOP, sales=14), {"promo"}),
    "promotions in a short file": (ending(SHOP[:60], sales=14), {"promo"}),
    "promotions of half the past": (ending(SHOP[:60], sales=20), {"promo"}),
    "promotions of 90 days": (ending(SHOP, sales=90), {"promo"}),
    "the weather among promotions, for a third of the file": (
        ending(flags(table(150, "D", sales=50, degrees=12), "promo"), sales=50),
        {"promo", "degrees"},
    ),
    "promotions of two days": (ending(SHOP, sales=2), {"promo"}),
    "the weather of two days": (ending(table(1000, "h", load=4000, degrees=12), load=48), {"degrees"}),
    "the weather beside promotions": (
        ending(flags(table(300, "D", sales=50, degrees=12), "promo"), sales=7),
        {"promo", "degrees"},
    ),
    "two targets, one with an empty last cell": (
        ending(flags(table(300, "D", sales=20, visits=90), "promo"), sales=30, visits=31),
        {"promo"},
    ),
    "39 weeks of three years": (ending(SHOP[:182], sales=39), {"promo"}),
    "a week of hours": (ending(flags(table(4000, "h", load=4000), "holiday"), load=168), {"holiday"}),
    "shops, one of which closed": (
        pd.concat(
            [
                ending(SHOP, sales=20).assign(shop="a"),
                ending(SHOP, sales=20).assign(shop="b"),
                SHOP[:200].assign(shop="c"),
            ]
        ),
        {"promo"},
    ),
}


@pytest.mark.parametrize("frame", TARGETS.values(), ids=TARGETS)
def test_a_column_that_ends_early_is_a_target_as_the_others_are(tmp_path: Path, frame: pd.DataFrame) -> None:
    read = panel(tmp_path, frame)
    assert {*read.columns.targets} == {*frame.columns} - {"time", "country"}
    assert read.columns.known == ()


@pytest.mark.parametrize(("frame", "known"), KNOWN.values(), ids=KNOWN)
def test_plans_that_reach_further_than_all_else_are_known_ahead(
    tmp_path: Path, frame: pd.DataFrame, known: set[str]
) -> None:
    read = panel(tmp_path, frame)
    assert {*read.columns.known} == known
    (note,) = read.notes
    assert "known ahead" in note
    assert "--target" in note


def test_a_note_says_which_column_ended_and_what_would_make_the_others_known(tmp_path: Path) -> None:
    assert panel(tmp_path, ending(SENSORS, south=250)).notes == (
        '"south" ends 250 rows before "north", "east": all are forecast (--known names what is known ahead)',
    )


def test_a_note_counts_the_series_where_a_column_ends(tmp_path: Path) -> None:
    (note,) = panel(tmp_path, TARGETS["late in some countries"]).notes
    assert note.startswith('"people" ends 3 rows before "share" in 1 of 3 series: all are forecast')


def test_what_continues_after_a_named_target_is_known_without_a_note(tmp_path: Path) -> None:
    read = panel(tmp_path, ending(SENSORS, south=20), target=("south",))
    assert (read.columns.known, read.notes) == (("north", "east"), ())


def test_columns_that_end_one_after_the_other_are_said_to_end_early() -> None:
    days = [str(day.date()) for day in pd.date_range("2024-01-01", periods=60)]
    a, b, c = np.random.default_rng(0).normal(size=(3, 60))
    b[57:], c[50:] = np.nan, np.nan
    panel = read_data(pd.DataFrame({"date": days, "a": a, "b": b, "c": c}))
    assert panel.columns.targets == ("a", "b", "c")
    assert panel.notes == (
        '"b", "c" end before others: all are forecast (--known names what is known ahead)',
    )
