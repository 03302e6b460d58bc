"""A panel survives being written as a long CSV and read back."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.timestep import TimeStep
from forecaster.data.columns import ColumnChoice
from forecaster.data.csv import read_panel
from forecaster.data.timestamps import write_timestamps

FORMAT = "%Y-%m-%d %H:%M:%S"
STEPS = (
    TimeStep(30, "second"),
    TimeStep(15, "minute"),
    TimeStep(1, "hour"),
    TimeStep(1, "day"),
    TimeStep(2, "week"),
    TimeStep(1, "business-day"),
    TimeStep(3, "month"),
    TimeStep(1, "month-end"),
)
FIRST = int(np.datetime64("2024-01-31T00:00:00", "s").astype(np.int64))  # a Wednesday and the end of a month

cells = st.none() | st.floats(width=32, allow_nan=False, allow_infinity=False)
numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)


@dataclass(frozen=True)
class Series:
    """One random series: the first and the last value are observed, known values may follow."""

    start: int  # steps after FIRST
    values: list[float | None]
    known: list[float | None]  # as long as values, or longer with a number at the end
    kind: str


@st.composite
def random_series(draw: st.DrawFn) -> Series:
    middle = draw(st.lists(cells, max_size=6))
    values = [draw(numbers), *middle, draw(numbers)]
    future = draw(st.lists(cells, max_size=3))
    known = draw(st.lists(cells, min_size=len(values), max_size=len(values)))
    return Series(
        start=draw(st.integers(0, 20)),
        values=values,
        known=known + ([*future, draw(numbers)] if future else []),
        kind=draw(st.sampled_from(["p", "q", ""])),
    )


def write_long(path: Path, panel: list[Series], step: TimeStep) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "id", "kind", "y", "k"])
        for number, series in enumerate(panel):
            steps = np.arange(series.start, series.start + len(series.known))
            texts = write_timestamps(step.shift(np.full(len(steps), FIRST), steps), FORMAT)
            values = series.values + [None] * (len(series.known) - len(series.values))
            for text, value, known in zip(texts, values, series.known, strict=True):
                written = ["" if cell is None else repr(cell) for cell in (value, known)]
                writer.writerow([text, f"s{number}", series.kind, *written])


def as_float32(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float32)


@settings(deadline=None)  # files are written
@given(st.lists(random_series(), min_size=1, max_size=5), st.sampled_from(STEPS))
def test_a_random_panel_reads_back_equal(series: list[Series], step: TimeStep) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.csv"
        write_long(path, series, step)
        choice = ColumnChoice("time", ("y",), ("id",), ("k",), ("kind",), step=step)
        panel = read_panel(path, choice)
    assert panel.ids == tuple((f"s{number}",) for number in range(len(series)))
    vocabulary = sorted({one.kind for one in series} - {""})
    assert panel.vocabularies == (tuple(vocabulary),)
    for number, one in enumerate(series):
        rows = slice(panel.offsets[number], panel.offsets[number + 1])
        observed = slice(panel.offsets[number], panel.ends[number])
        steps = np.arange(one.start, one.start + len(one.known))
        np.testing.assert_array_equal(panel.timestamps[rows], step.shift(np.full(len(steps), FIRST), steps))
        np.testing.assert_array_equal(panel.values[observed], as_float32(one.values))
        np.testing.assert_array_equal(panel.known[rows, 0], as_float32(one.known))
        assert panel.categories[number, 0] == (vocabulary.index(one.kind) + 1 if one.kind else 0)
