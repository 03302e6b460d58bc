"""Texts that change in time next to texts that name series; rows of one time; cells without a name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.columns import AskedByModel

GENERATOR = np.random.default_rng(0)


def read(folder: Path, frame: pd.DataFrame, **choice: object) -> Panel:
    path = folder / "data.csv"
    frame.to_csv(path, index=False)
    return read_data(path, Asked(**choice))  # type: ignore[arg-type]


def refused(folder: Path, frame: pd.DataFrame) -> str:
    with pytest.raises(DataError) as error:
        read(folder, frame)
    return str(error.value)


def hours(rows: int = 240, freq: str = "h") -> pd.DataFrame:
    values = (100 + GENERATOR.normal(0, 9, rows)).round(2)
    return pd.DataFrame({"time": pd.date_range("2020-01-01", periods=rows, freq=freq), "load": values})


def changing(*texts: str, stays: int = 1, rows: int = 240, freq: str = "h") -> pd.DataFrame:
    """A file with a text that stays the same for about so many rows."""
    starts = GENERATOR.random(rows) < 1 / stays
    drawn = GENERATOR.choice(texts, rows)
    places = np.maximum.accumulate(np.where(starts, np.arange(rows), 0))
    return hours(rows, freq).assign(text=drawn[places])


def twice(frame: pd.DataFrame, *rows: int, **cells: object) -> pd.DataFrame:
    """The file with some rows a second time, other cells in them."""
    again = frame.iloc[list(rows)].assign(**cells)
    return pd.concat([frame, again]).sort_index(kind="stable")


SOLD = [hours().sample(frac=0.6, random_state=seed).sort_index() for seed in range(4)]
STRETCH = hours().assign(text=["off"] * 100 + ["on"] * 20 + ["off"] * 120)
CHANGING: dict[str, pd.DataFrame] = {
    "the weather": twice(changing("rain", "clear", "fog"), 103, 200, text="mist"),
    "the weather that lasts": twice(changing("rain", "clear", "fog", stays=30), 50, 90, text="snow"),
    "wind": twice(changing("N", "E", "S", "W", "NE"), 3, 7, 9, text="calm"),
    "up and down": twice(changing("up", "down", rows=100, freq="D"), 44, text="same"),
    "up, then down, then up": twice(hours(240, "D").assign(text=["up", "down"] * 120), 45, text="up"),
    "a state that is rare": twice(hours().assign(text="on"), 60, 61, 62, text="off"),
    "a state of one stretch": twice(STRETCH, 100, 101, text="off"),
    "events, each once": twice(hours().assign(text=""), 10, 20, text=["fair", "match"]),
    "months": twice(changing("boom", "bust", "flat", rows=120, freq="MS"), 30, text="war"),
    "a note of many words": twice(changing(*(f"note {n}" for n in range(60))), 33, 35, text="note 70"),
}
NAMES: dict[str, pd.DataFrame] = {
    "stores": pd.concat([hours().assign(text=name) for name in "abc"]),
    "stores that sell on some days": pd.concat(
        [sold.assign(text=name) for sold, name in zip(SOLD, "abcd", strict=True)]
    ),
    "models that follow each other": pd.concat(
        [hours()[:130].assign(text="old"), hours()[120:].assign(text="new")]
    ),
    "a store that opened late": pd.concat([hours().assign(text="a"), hours()[220:].assign(text="b")]),
    "workdays": pd.concat([hours(100, "B").assign(text=name) for name in "ab"]),
}


@pytest.mark.parametrize("frame", CHANGING.values(), ids=CHANGING)
def test_a_text_that_changes_names_no_series_and_rows_alike_but_for_it_are_read_once(
    tmp_path: Path, frame: pd.DataFrame
) -> None:
    panel = read(tmp_path, frame)
    assert (panel.columns.series, panel.columns.ignored) == ((), ("text",))
    assert panel.lengths().tolist() == [frame.time.nunique()]
    assert not np.isnan(panel.values).any()
    assert 'alike in all but "text"' in " ".join(panel.notes)


@pytest.mark.parametrize("frame", CHANGING.values(), ids=CHANGING)
def test_where_numbers_differ_the_text_is_named_and_no_key(tmp_path: Path, frame: pd.DataFrame) -> None:
    message = refused(tmp_path, frame.assign(load=np.arange(len(frame)) * 1.5))
    assert 'they differ in "text", which changes in time and names no series: keep one row of each' in message
    assert "--series" not in message
    again = frame.time[frame.time.duplicated()].iloc[0]
    assert f"{again:%Y-%m-%d}" in message


@pytest.mark.parametrize("frame", NAMES.values(), ids=NAMES)
def test_a_text_whose_rows_span_the_file_names_series(tmp_path: Path, frame: pd.DataFrame) -> None:
    panel = read(tmp_path, frame)
    assert panel.columns.series == ("text",)
    assert panel.series_count == frame.text.nunique()


def test_the_weather_of_each_store_is_no_key(tmp_path: Path) -> None:
    frame = pd.concat(
        [twice(changing("rain", "clear"), 5, 9, text="fog").assign(store=name) for name in "ab"]
    )
    panel = read(tmp_path, frame)
    assert (panel.columns.series, panel.columns.ignored) == (("store",), ("text",))


def test_a_model_reads_such_rows_once_too(tmp_path: Path) -> None:
    panel = read(tmp_path, CHANGING["the weather"])
    again = read_data(tmp_path / "data.csv", AskedByModel.of(panel.columns, panel.step))
    assert again.values.tolist() == panel.values.tolist()


def shops(**names: str) -> pd.DataFrame:
    days = pd.date_range("2020-01-01", periods=50)
    tables = [
        pd.DataFrame({"store": name, "date": days, "y": GENERATOR.normal(size=50)}) for name in names.values()
    ]
    return pd.concat(tables)


@pytest.mark.parametrize("names", [("1", "2"), ("007", "8"), ("1.0", "2.0"), ("ulm", "bonn"), ("ulm", "")])
def test_rows_without_a_name_are_a_series_of_their_own_and_said(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    panel = read(tmp_path, shops(a="", b=names[0], c=names[1] or "bari"))
    assert (panel.columns.series, panel.columns.targets) == (("store",), ("y",))
    assert panel.ids == (("",), (names[0],), (names[1] or "bari",))
    assert '50 rows have an empty "store": read as one more series' in " ".join(panel.notes)


@pytest.mark.parametrize("names", [("1", "2"), ("ulm", "bonn")])
def test_rows_of_several_series_without_a_name_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    message = refused(tmp_path, shops(a="", b="", c=names[0], d=names[1]))
    assert '"store" is empty in them: write the name of its series into each row' in message


@pytest.mark.parametrize("time", [2015, "2015-06-30", "2015-06-30 12:00"])
def test_a_cross_section_is_refused_as_such(tmp_path: Path, time: object) -> None:
    names = [f"country {number}" for number in range(30)]
    message = refused(tmp_path, pd.DataFrame({"country": names, "year": time, "hdi": GENERATOR.random(30)}))
    assert message.startswith(
        f'all 30 rows have one "year", {time}, one row of each "country": a cross section; '
    )


def test_a_cross_section_of_several_years_is_refused_as_such(tmp_path: Path) -> None:
    names = [f"country {number}" for number in range(30)]
    years = GENERATOR.integers(2010, 2015, 30)
    message = refused(tmp_path, pd.DataFrame({"country": names, "year": years, "hdi": GENERATOR.random(30)}))
    assert 'each "country" has one row: a cross section, which is no series in time' in message


def test_rows_of_one_time_and_several_ids_are_refused_without_a_warning(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"Year": 2013, "Round": [1, 2, 1, 2], "Team": [*"aabb"], "weight": [180, 190, 170, 175]}
    )
    assert refused(tmp_path, frame).startswith('all 4 rows have one "Year", 2013; there is no series in time')
