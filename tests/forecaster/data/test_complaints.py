"""Complaints: worded once, with the lines of a file or the rows of a frame, for whom they concern."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deploy import TimeStep
from deploy.columns import Columns
from deploy.errors import ConfigError, DataError
from forecaster import Forecaster
from forecaster.config import Asked
from forecaster.data import Audience, read_data, read_for_model
from forecaster.data.audience import COMMAND_LINE, PYTHON, WRITE_NUMBERS, ModelAudience, Record, word
from forecaster.data.columns import AskedByModel
from forecaster.data.complaints import BadCells, Complaint, Misfit, Option

pytestmark = pytest.mark.slow

MODEL = ModelAudience("new.csv", COMMAND_LINE)


class Lines:
    """A source of numbered lines, each of one cell."""

    name, unit = "data.csv", "line"

    def __init__(self, cells: Sequence[str] = ()) -> None:
        self._cells = cells or [f"cell {row}" for row in range(5)]

    def find(self, rows: set[int]) -> Iterator[Record]:
        return (Record(row + 2, self._cells[row], [self._cells[row]]) for row in sorted(rows))

    def where(self, place: Record) -> str:
        return f"{self.name}:{place.line}"


def test_rows_are_pointed_at_in_the_order_of_the_file() -> None:
    complaint = Complaint("is odd", np.array([4, 1]), "correct it", column="y")
    assert str(word(complaint, Lines(), COMMAND_LINE)) == (
        'column "y": is odd\n  --> data.csv:3    cell 1\n  --> data.csv:6    cell 4\n  correct it'
    )


def test_rows_that_are_counted_are_shown_by_the_first() -> None:
    complaint = Complaint("rows are odd", rows=range(5), remedy="correct them", counted="5 rows are odd")
    assert str(word(complaint, Lines(), COMMAND_LINE)) == (
        "rows are odd\n  --> data.csv:2    cell 0\n  5 rows are odd (lines 2, 3, 4, ...); correct them"
    )


@pytest.mark.parametrize(
    ("audience", "remedy"),
    [
        (COMMAND_LINE, '--na "nk" --na "?" reads them as missing'),
        (PYTHON, "na=['nk', '?'] reads them as missing"),
        (ModelAudience("the frame", PYTHON), "na=['nk', '?'] reads them as missing"),
    ],
)
def test_cells_are_read_as_missing_in_the_words_of_the_audience(audience: Audience, remedy: str) -> None:
    error = word(BadCells("is no number", [0, 1], column="y"), Lines(["nk", "?"]), audience)
    assert str(error) == (
        f'column "y": "nk" is no number\n  --> data.csv:2    nk\n  2 such cells (lines 2, 3); {remedy}'
    )


def test_cells_with_digits_are_to_be_written_as_numbers() -> None:
    error = word(BadCells("is no number", [0, 1], column="y"), Lines(["nk", "12 to 13"]), COMMAND_LINE)
    assert str(error).endswith(WRITE_NUMBERS)


@pytest.mark.parametrize(
    ("audience", "found", "kind"),
    [
        (COMMAND_LINE, "--step is 1 day", ConfigError),
        (PYTHON, "step= is 1 day", ConfigError),
        (MODEL, "new.csv is not like the data that the model was trained on: the step is 1 day", DataError),
    ],
)
def test_what_was_asked_is_an_option_a_keyword_or_a_property_of_the_model(
    audience: Audience, found: str, kind: type[Exception]
) -> None:
    error = word(Misfit((Option("step"), " is 1 day")), Lines(), audience)
    assert (type(error), str(error)) == (kind, found)


@pytest.mark.parametrize(
    ("option", "written", "in_python"),
    [
        (Option("target"), "--target", "target="),
        (Option("series", "shop id", is_quoted=True), '--series "shop id"', 'series="shop id"'),
        (Option("step", "15min"), "--step 15min", 'step="15min"'),
        (Option("timezone", "ZONE"), "--timezone ZONE", "timezone=ZONE"),
        (Option("series", "ZONE", is_quoted=True), '--series "ZONE"', 'series="ZONE"'),
        (Option("time_format", "%Y", is_quoted=True), '--time-format "%Y"', 'time_format="%Y"'),
    ],
)
def test_an_option_is_written_with_its_value(option: Option, written: str, in_python: str) -> None:
    assert (COMMAND_LINE.option(option), PYTHON.option(option)) == (written, in_python)


def shops() -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=4).strftime("%Y-%m-%d").tolist()
    return pd.DataFrame({"date": days * 2, "sales": np.arange(8.0)})


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"target": "sale"}, ConfigError, r'^target="sale": no such column; did you mean "sales"\?'),
        ({"timezone": "Berlin"}, ConfigError, r'^timezone="Berlin": no such time zone'),
        ({"known": "sales"}, DataError, r"target= names what to forecast$"),
        ({}, DataError, r'4 such pairs of rows; keep one row of each, or aggregate="mean" takes the mean'),
        ({"time_format": "Y"}, DataError, r"time_format= takes strftime's letters"),
        ({"layout": "wide", "series": "date"}, ConfigError, r'^layout="wide" has .*; leave out series=$'),
    ],
)
def test_python_is_told_of_keywords(asked: dict[str, str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as found:
        Forecaster(**asked).fit(shops())  # type: ignore[arg-type]
    assert "--" not in str(found.value).replace("-->", "")


def test_python_is_told_of_keywords_for_files_too(tmp_path: Path) -> None:
    shops().to_csv(tmp_path / "data.csv", index=False)
    with pytest.raises(ConfigError, match=r'^target="sale": no such column'):
        Forecaster(target="sale").fit(tmp_path / "data.csv")


def test_the_file_of_a_model_lacks_a_column() -> None:
    asked = AskedByModel.of(Columns("date", "%Y-%m-%d", ("visits",)), TimeStep(1, "day"))
    with pytest.raises(DataError) as error:
        read_for_model(shops(), asked)
    assert str(error.value) == (
        "the frame is not like the data that the model was trained on: "
        'column "visits": no such column; columns: date, sales'
    )


def test_only_keys_are_read_again_where_ids_are_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data.csv"
    days = [f"2024-01-{day:02}" for day in range(1, 9)]
    path.write_text("date,shop,y\n" + "".join(f"{day},00{n},{n}\n" for n in (1, 2) for day in days))
    whole = pd.read_csv
    parsed: list[object] = []

    def count(*arguments: object, **options: object) -> object:
        parsed.append(options["usecols"])
        return whole(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(pd, "read_csv", count)
    assert read_data(path, Asked(target=("y",))).ids == (("001",), ("002",))
    assert parsed == [None, None, ["shop"], ["shop"]]  # a head, which tells texts, and then all rows


def test_reading_needs_no_library_of_networks_or_of_pictures() -> None:
    program = (
        "import sys, forecaster.data;"
        "print(*{'torch', 'matplotlib', 'onnx', 'onnxruntime', 'sklearn'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_python_is_warned_of_keywords(caplog: pytest.LogCaptureFixture) -> None:
    moments = pd.date_range("2024-03-30", periods=4, tz="Europe/Berlin").map(str)
    read_data(pd.DataFrame({"t": moments, "y": range(4)}), audience=PYTHON)
    read_data(pd.DataFrame({"zeit": ["dawn", "noon", "dusk"], "y": range(3)}), audience=PYTHON)
    assert [message.rpartition(", ")[2].rpartition("(")[2] for message in caplog.messages] == [
        "timezone= names another",
        "time_format= names the form)",
    ]
