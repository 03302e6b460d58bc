"""Random panels are written in every shape and dialect and read back equal, bit by bit."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.config import Asked
from forecaster.config.asked import STEP_UNITS
from forecaster.data import Panel, read_data
from forecaster.data.columns import AskedByModel
from forecaster.data.files.missing import USUAL
from forecaster.data.times.timestamps import write_timestamps

pytestmark = pytest.mark.slow

# `make test-long` sets it higher.
ROUND_TRIPS = int(os.environ.get("ROUND_TRIPS", "40"))

# Of each step: the first day, on which a grid of it may begin, and forms that lose nothing.
CLOCK = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%d/%m/%Y %H:%M:%S",
    "%-m/%-d/%Y %I:%M:%S %p",
    "%s",
    "%s000",
)
DAY = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%-m/%-d/%Y", "%d %b %Y", "%B %-d, %Y", "%Y%m%d", *CLOCK)
STEPS: dict[TimeStep, tuple[str, tuple[str, ...]]] = {
    TimeStep(30, "second"): ("2024-02-28", CLOCK),
    TimeStep(15, "minute"): ("2023-12-31", CLOCK),
    TimeStep(1, "hour"): ("1999-12-31", CLOCK[:-2]),
    TimeStep(1, "day"): ("2024-02-20", DAY),
    TimeStep(2, "week"): ("2020-12-28", (*DAY, "%G-W%V")),
    TimeStep(1, "business-day"): ("2024-01-31", DAY),
    TimeStep(1, "month"): ("2023-11-01", (*DAY, "%Y-%m", "%b %Y", "%Y%m")),
    TimeStep(3, "month"): ("2023-10-01", (*DAY, "%YQ%q", "%Y-Q%q")),
    TimeStep(1, "month-end"): ("2024-01-31", DAY),
    TimeStep(12, "month"): ("1995-07-01", DAY),
    TimeStep(1, "index"): ("1970-01-01", ("index",)),
    TimeStep(7, "index"): ("1970-01-01", ("index",)),
}
UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")  # with a decimal comma it may be thousands

numbers = (
    st.floats(-1e9, 1e9, width=32)
    | st.floats(width=32, allow_nan=False, allow_infinity=False)
    | st.floats(-(2**-10), 2**-10, width=32)
    | st.integers(-(10**6), 10**6).map(float)
)
cells = st.none() | numbers
odd_texts = st.sampled_from(
    ["NA", "null", "001", "1.5", "2024-01-01", "a,b", 'say "x"', "a;b|c\td", "two\nlines", "Ω é"]
)
texts = (
    odd_texts | st.text(st.characters(codec="utf-8", exclude_characters="\r\0\ufeff"), max_size=5)
).filter(lambda text: text == text.strip())


@dataclass(frozen=True)
class Series:
    """One random series: of each target the first and the last value are observed, known ones may follow."""

    name: str
    kind: str
    start: int  # steps after the first moment
    values: list[list[float | None]]  # of each target
    known: list[float | None]  # as long as the values, or longer with a number at the end


@dataclass(frozen=True)
class Random:
    """A random panel, and the form of its timestamps."""

    step: TimeStep
    form: str
    series: list[Series]

    def moments(self, series: Series) -> np.ndarray:
        first = int(np.datetime64(STEPS[self.step][0], "s").astype(np.int64))
        steps = np.arange(series.start, series.start + len(series.known))
        return self.step.shift(np.full(len(steps), first), steps)


@dataclass(frozen=True)
class Dialect:
    """How a file is written."""

    delimiter: str
    decimal: str
    encoding: str
    is_packed: bool
    quoting: int
    seed: int  # of the order of rows and columns; -1 keeps it

    def number(self, value: float | None) -> str:
        text = "" if value is None else repr(value)
        return (text + "0" if UNCLEAR.fullmatch(text) else text).replace(".", self.decimal)

    def write(self, path: Path, header: list[str], rows: list[list[str]]) -> None:
        """The file, its rows and columns in an order of their own."""
        shuffle = np.random.default_rng(abs(self.seed)).permutation if self.seed >= 0 else np.arange
        columns = shuffle(len(header))
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, quoting=self.quoting, lineterminator="\n")
        for row in [header, *(rows[place] for place in shuffle(len(rows)))]:
            writer.writerow([row[column] for column in columns])
        content = text.getvalue().encode(self.encoding)
        path.write_bytes(gzip.compress(content) if self.is_packed else content)


@st.composite
def random_series(draw: st.DrawFn, name: str, targets: int) -> Series:
    length = draw(st.integers(2, 40))
    middle = st.lists(cells, min_size=length - 2, max_size=length - 2)
    values = [[draw(numbers), *draw(middle), draw(numbers)] for _ in range(targets)]
    known = draw(st.lists(cells, min_size=length, max_size=length))
    ahead = draw(st.lists(cells, max_size=3))
    return Series(
        name,
        draw(texts.filter(lambda text: text not in USUAL)),
        draw(st.integers(0, 20)),
        values,
        [*known, *ahead, draw(numbers)] if ahead else known,
    )


@st.composite
def random_panel(draw: st.DrawFn, targets: int | None = None) -> Random:
    step = draw(st.sampled_from(list(STEPS)))
    names = draw(st.lists(texts.filter(bool), min_size=1, max_size=5, unique=True))
    count = targets or draw(st.integers(1, 3))
    return Random(
        step, draw(st.sampled_from(STEPS[step][1])), [draw(random_series(name, count)) for name in names]
    )


dialects = st.builds(
    Dialect,
    delimiter=st.sampled_from(",;\t|"),
    decimal=st.sampled_from(".,"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    is_packed=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    seed=st.integers(0, 99),
).filter(lambda dialect: dialect.delimiter != "," or dialect.decimal == ".")
checked = settings(
    deadline=None, derandomize=ROUND_TRIPS <= 40, max_examples=ROUND_TRIPS
)  # files are written


def long_rows(panel: Random, written: Any) -> tuple[list[str], list[list[Any]]]:
    """A row for each series and moment, but for those without any number. written: of a number."""
    rows = []
    for series in panel.series:
        stamps = write_timestamps(panel.moments(series), panel.form)
        for place, (stamp, known) in enumerate(zip(stamps, series.known, strict=True)):
            values = [target[place] if place < len(target) else None for target in series.values]
            if any(value is not None for value in (known, *values)):
                rows.append([stamp, series.name, series.kind, written(known), *map(written, values)])
    return ["time", "id", "kind", "k", *target_names(panel)], rows


def target_names(panel: Random) -> tuple[str, ...]:
    return tuple(f"y{number}" for number in range(len(panel.series[0].values)))


def long_choice(panel: Random) -> Asked:
    columns = Columns("time", panel.form, target_names(panel), ("id",), ("k",), ("kind",))
    return AskedByModel.of(columns, panel.step).model_copy(update={"time_format": panel.form})


def as_float32(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float32)


def assert_equal(found: Panel, panel: Random) -> None:
    """All of a panel that was written long."""
    assert found.step == panel.step
    several = len(panel.series[0].values) > 1
    expected = {
        (series.name, target) if several else (series.name,): (series, values)
        for series in panel.series
        for target, values in zip(target_names(panel), series.values, strict=True)
    }
    assert sorted(found.ids) == sorted(expected)
    for number, name in enumerate(found.ids):
        series, values = expected[name]
        begin, end, stop = found.offsets[number], found.ends[number], found.offsets[number + 1]
        (code,) = found.categories[number]
        assert ("", *found.vocabularies[0])[code] == series.kind
        np.testing.assert_array_equal(found.values[begin:end], as_float32(values))
        known = as_float32(series.known)
        last = max(len(values), 1 + int(np.flatnonzero(~np.isnan(known)).max(initial=-1)))
        np.testing.assert_array_equal(found.timestamps[begin:stop], panel.moments(series)[:last])
        np.testing.assert_array_equal(found.known[begin:stop, 0], known[:last])


@checked
@given(random_panel(), dialects)
def test_a_long_file_reads_back_equal(panel: Random, dialect: Dialect) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        dialect.write(path, *long_rows(panel, dialect.number))
        assert_equal(read_data(path, long_choice(panel)), panel)


@checked
@given(random_panel(), st.booleans())
def test_a_frame_reads_back_equal(panel: Random, is_parquet: bool) -> None:
    header, rows = long_rows(panel, lambda value: value)
    frame = pd.DataFrame(rows, columns=header).astype(dict.fromkeys(header[3:], "float64"))
    if not is_parquet:
        assert_equal(read_data(frame, long_choice(panel)), panel)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.parquet"
        frame.to_parquet(path)
        assert_equal(read_data(path, long_choice(panel)), panel)


@checked
@given(random_panel(targets=1), dialects)
def test_a_wide_file_reads_back_equal(panel: Random, dialect: Dialect) -> None:
    names = [f"n{series.name}" for series in panel.series]
    table: dict[int, dict[str, float | None]] = {}
    for name, series in zip(names, panel.series, strict=True):
        for moment, value in zip(panel.moments(series).tolist(), series.values[0], strict=False):
            table.setdefault(moment, {})[name] = value
    stamps = write_timestamps(np.array(list(table)), panel.form)
    rows = [
        [stamp, *(dialect.number(row.get(name)) for name in names)]
        for stamp, row in zip(stamps, table.values(), strict=True)
    ]
    unit = next(text for text, step in STEP_UNITS.items() if step == TimeStep(1, panel.step.unit))
    step = f"{panel.step.count}{unit}"
    choice = Asked(time="time", target=names, step=step, layout="wide", time_format=panel.form)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        dialect.write(path, ["time", *names], rows)
        found = read_data(path, choice)
    assert found.step == panel.step
    assert found.ids == (tuple((name,) for name in names) if len(names) > 1 else ((),))
    for begin, stop, series in zip(found.offsets[:-1], found.offsets[1:], panel.series, strict=True):
        values = series.values[0]
        np.testing.assert_array_equal(found.values[begin:stop], as_float32(values))
        np.testing.assert_array_equal(found.timestamps[begin:stop], panel.moments(series)[: len(values)])


@checked
@given(random_panel(targets=1), dialects)
def test_a_row_a_series_reads_back_equal(panel: Random, dialect: Dialect) -> None:
    longest = max(len(series.values[0]) for series in panel.series)
    rows = [
        [series.name, *map(dialect.number, series.values[0]), *[""] * (longest - len(series.values[0]))]
        for series in panel.series
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        straight = Dialect(**{**vars(dialect), "seed": -1})
        straight.write(path, ["id", *(f"V{number}" for number in range(longest))], rows)
        found = read_data(path, Asked(layout="rows"))
    assert found.ids == tuple((series.name,) for series in panel.series)
    assert found.step == TimeStep(1, "index")
    for begin, stop, series in zip(found.offsets[:-1], found.offsets[1:], panel.series, strict=True):
        np.testing.assert_array_equal(found.values[begin:stop], as_float32(series.values[0]))
        np.testing.assert_array_equal(found.timestamps[begin:stop], np.arange(len(series.values[0])))
