"""What the reader understands of a file, as a text that a test can compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import Understand

from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.times.timestamps import write_timestamps


@pytest.fixture
def understand(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Understand:
    """Reads a file of this content, or a frame: understand(content, choice)."""

    def read(content: Any, choice: Asked) -> str:
        if isinstance(content, str | bytes):
            path = tmp_path / "data.csv"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            panel = read_data(path, choice)
        else:
            panel = read_data(content, choice)
        return "\n".join([describe_columns(panel), *describe_series(panel), *caplog.messages])

    return read


def describe_columns(panel: Panel) -> str:
    """ "date %Y-%m-%d, 1 day; target y; series shop": all that was understood of the columns."""
    columns = panel.columns
    roles = [
        f"{role} {', '.join(names)}"
        for role in ("targets", "series", "known", "past", "static", "ignored")
        if (names := getattr(columns, role))
    ]
    layout = [columns.layout] if columns.layout != "auto" else []
    zone = [columns.timezone] if columns.timezone else []
    return "; ".join([f"{columns.time} {columns.time_format}, {panel.step}", *roles, *layout, *zone])


def describe_series(panel: Panel) -> list[str]:
    """ "a, Rome: 2024-01-01 1 - 3 | promo 0 1": the first time and all values, "-" where missing.

    A bar also stands before the steps after the last value, where only covariates are known.
    """
    lines = []
    for series, end in enumerate(panel.ends.tolist()):
        begin, stop = panel.offsets[series : series + 2].tolist()
        vocabularies = zip(panel.categories[series].tolist(), panel.vocabularies, strict=True)
        kinds = [words[code - 1] if code else "-" for code, words in vocabularies]
        kinds += [describe_numbers(panel.static[series, [column]]) for column in range(panel.static.shape[1])]
        (first,) = write_timestamps(
            panel.timestamps[begin : begin + 1], panel.columns.time_format, panel.clock
        )
        known = [
            f" | {name} {describe_numbers(panel.known[begin:end, column])}"
            + (f" > {describe_numbers(panel.known[end:stop, column])}" if stop > end else "")
            for column, name in enumerate(panel.columns.known)
        ]
        past = [
            f" | {name} {describe_numbers(panel.past[begin:end, column])}"
            for column, name in enumerate(panel.columns.past)
        ]
        name = ", ".join([*panel.ids[series], *kinds])
        lines.append(
            f"{name}: {first} {describe_numbers(panel.values[begin:end])}" + "".join([*known, *past])
        )
    return lines


def describe_numbers(numbers: np.ndarray) -> str:
    """The shortest texts that are read as these float32, "-" where missing."""
    return " ".join("-" if np.isnan(number) else str(number).removesuffix(".0") for number in numbers)
