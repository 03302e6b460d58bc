"""Data frames and Parquet files: read as a text file with the same cells; errors name the row."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deploy import ExtraMissingError, InputError, TimeStep
from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.times.timestamps import write_timestamps

pytestmark = pytest.mark.slow

WHY = "Parquet needs pyarrow, the extra `parquet`"
LONG = """\
date,shop,city,sales,promo
2024-01-01,b,Rome,1,0
2024-01-02,b,Rome,,1
2024-01-03,b,Rome,3.5,0
2024-01-02,a,Oslo,10,1
2024-01-03,a,Oslo,20,1
"""


def long_frame() -> pd.DataFrame:
    frame = pd.read_csv(io.StringIO(LONG))
    return frame.assign(date=pd.to_datetime(frame["date"]))


def assert_equal(found: Panel, expected: Panel) -> None:
    """All that a panel holds, bit by bit."""
    for name in ("values", "timestamps", "known", "categories", "offsets", "ends"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    for name in ("step", "columns", "ids", "vocabularies"):
        assert getattr(found, name) == getattr(expected, name)


@pytest.fixture
def expected(tmp_path: Path) -> Panel:
    path = tmp_path / "data.csv"
    path.write_text(LONG)
    return read_data(path, Asked())


def to_polars(frame: pd.DataFrame) -> Any:
    polars = pytest.importorskip("polars", reason="a second library of frames")
    return polars.DataFrame({name: frame[name].astype(object).tolist() for name in frame}, nan_to_null=True)


def to_arrow(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("pyarrow", reason=WHY).Table.from_pandas(frame, preserve_index=False)


FRAMES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "nullable types": lambda frame: frame.convert_dtypes(),
    "objects": lambda frame: frame.astype({"shop": "object", "city": "object"}),
    "categories": lambda frame: frame.astype({"shop": "category", "city": "category"}),
    "dates as objects": lambda frame: frame.assign(date=[moment.date() for moment in frame["date"]]),
    "dates as texts": lambda frame: frame.assign(date=frame["date"].dt.strftime("%Y-%m-%d")),
    "decimals": lambda frame: frame.assign(promo=[Decimal(value) for value in frame["promo"].tolist()]),
    "truth": lambda frame: frame.assign(promo=frame["promo"] == 1),
    "an index of dates": lambda frame: frame.set_index("date"),
    "an index of another order": lambda frame: frame.set_index(np.arange(5)[::-1]),
    "arrow": to_arrow,
    "polars": to_polars,
    "lazy polars": lambda frame: to_polars(frame).lazy(),
    **{
        f"datetimes in {unit}": lambda frame, unit=unit: frame.astype({"date": f"datetime64[{unit}]"})
        for unit in ("s", "ms", "us", "ns")
    },
}


@pytest.mark.parametrize("convert", FRAMES.values(), ids=FRAMES)
def test_a_frame_is_read_as_the_text_file_of_its_cells(
    convert: Callable[[pd.DataFrame], Any], expected: Panel
) -> None:
    assert_equal(read_data(convert(long_frame())), expected)


def test_datetimes_keep_their_time_of_day() -> None:
    hours = pd.date_range("2024-02-28 22:30", periods=4, freq="h")
    panel = read_data(pd.DataFrame({"y": [1, 2, 3, 4]}, index=hours))
    assert panel.step == TimeStep(1, "hour")
    assert write_timestamps(panel.timestamps, panel.columns.time_format)[-1] == "2024-02-29 01:30:00"


def test_texts_of_seconds_since_1970_are_read_in_the_form_that_was_named() -> None:
    frame = pd.DataFrame({"t": ["1700000000", "1700003600"], "y": [1.0, 2.0]})
    panel = read_data(frame, Asked(time="t", time_format="%s"))
    assert (panel.columns.time_format, panel.step) == ("%s", TimeStep(1, "hour"))


def test_numbers_are_a_key_if_they_are_named() -> None:
    frame = pd.DataFrame({"t": [1, 2, 1, 2], "shop": [7, 7, 8, 8], "y": [1.0, 2.0, 3.0, 4.0]})
    assert read_data(frame, Asked(series=("shop",))).ids == (("7",), ("8",))


def test_a_row_a_series_is_read_from_a_frame() -> None:
    panel = read_data(pd.DataFrame({"V1": ["a", "b"], "V2": [1.0, 3.0], "V3": [2.0, None]}))
    assert (panel.ids, panel.values.tolist()) == ((("a",), ("b",)), [1, 2, 3])


def test_extra_values_for_missing_are_honoured_in_numbers_and_texts() -> None:
    frame = pd.DataFrame({"a": [1.0, -999.0, 3.0], "b": ["1", "-", "3"]})
    panel = read_data(frame, Asked(na=("-999", "-")))
    np.testing.assert_array_equal(panel.values, np.array([1, np.nan, 3, 1, np.nan, 3], np.float32))


def test_the_frame_is_not_changed() -> None:
    frame = long_frame()
    read_data(frame)
    pd.testing.assert_frame_equal(frame, long_frame())


BAD: dict[str, tuple[pd.DataFrame, str]] = {
    "a word among numbers": (
        pd.DataFrame({"date": pd.date_range("2024-01-01", periods=3), "y": ["1", "2", "abc"]}),
        'column "y": "abc" is not a number\n'
        "  --> row 2    2024-01-03, abc\n"
        '  1 such cell (row 2); --na "abc" reads it as missing',
    ),
    "an infinite value": (
        pd.DataFrame({"y": [1.0, np.inf, -np.inf]}),
        'column "y": "inf" is not finite\n'
        "  --> row 1    inf\n"
        '  2 such cells (rows 1, 2); --na "inf" --na "-inf" reads them as missing',
    ),
    "a date twice": (
        pd.DataFrame({"date": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-02"]), "y": [1, 2, 3]}),
        "timestamp 2024-01-02 appears twice\n"
        "  --> row 1    2024-01-02, 2\n"
        "  --> row 2    2024-01-02, 3\n"
        "  1 such pair of rows; keep one row of each, or --aggregate mean takes the mean of each step",
    ),
    "a missing date": (
        pd.DataFrame({"date": [datetime(2024, 1, 1), None, datetime(2024, 1, 3)], "y": [1, 2, 3]}),
        'column "date": an empty cell is not a timestamp\n'
        "  --> row 1    , 2\n"
        "  1 such cell (row 1); every row needs a timestamp",
    ),
    "no rows": (pd.DataFrame({"y": []}), "the frame: no rows"),
    "no columns": (pd.DataFrame(), "the frame: no rows"),
    "one row": (
        pd.DataFrame({"date": [date(2024, 1, 1)], "y": [1.0]}),
        "a single row does not show the step\n  --> row 0    2024-01-01, 1.0\n"
        "  --step names it, such as --step 1d",
    ),
    "two columns of one name": (
        pd.DataFrame([[1, 2]], columns=["y", " y"]),
        'two columns are called "y"',
    ),
    "an index called as a column": (
        pd.DataFrame({"y": [1, 2]}, index=pd.Index([1, 2], name="y")),
        "the index is called as a column: y",
    ),
}


@pytest.mark.parametrize(("frame", "message"), BAD.values(), ids=BAD)
def test_a_bad_frame_is_refused_with_its_row(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(DataError) as error:
        read_data(frame)
    assert str(error.value) == message


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(InputError, match="expected a data frame, found list: "):
        read_data([1, 2, 3])  # type: ignore[arg-type]


def test_an_unknown_column_is_a_usage_error() -> None:
    with pytest.raises(ConfigError, match='--target "sale": no such column; did you mean "sales"'):
        read_data(long_frame(), Asked(target=("sale",)))


def test_a_column_of_lists_is_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason=WHY)
    assert read_data(pyarrow.table({"y": [1, 2], "x": [[1], [2, 3]]})).columns.targets == ("y",)
    assert caplog.messages == ['column "x" holds List(Int64); left out']


def test_many_columns_of_lists_are_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason=WHY)
    lists = {f"x{number}": [[1], [2, 3]] for number in range(5)}
    read_data(pyarrow.table({"y": [1, 2], **lists}))
    assert caplog.messages == ['columns "x0", "x1", "x2", ... (5 in all) hold List(Int64); left out']


def test_a_parquet_file_is_read_as_the_text_file_of_its_cells(tmp_path: Path, expected: Panel) -> None:
    pytest.importorskip("pyarrow", reason=WHY)
    for name, frame in {"plain": long_frame(), "indexed": long_frame().set_index("date")}.items():
        path = tmp_path / name  # what it is shows in its bytes, not in its name
        frame.to_parquet(path)
        assert_equal(read_data(path, Asked()), expected)


def test_an_error_in_a_parquet_file_names_file_and_row(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason=WHY)
    path = tmp_path / "data.parquet"
    pd.DataFrame({"y": ["1", "2", "abc"]}).to_parquet(path)
    with pytest.raises(DataError) as error:
        read_data(path, Asked())
    assert str(error.value).splitlines()[:2] == [
        'column "y": "abc" is not a number',
        "  --> data.parquet, row 2    abc",
    ]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason=WHY)
    path = tmp_path / "data.parquet"
    path.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(DataError, match=r"^data\.parquet: the Parquet file is damaged: "):
        read_data(path, Asked())


def test_without_pyarrow_the_message_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "data.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(ExtraMissingError) as error:
        read_data(path, Asked())
    assert error.value.exit_code == 2
    assert str(error.value) == (
        "data.parquet is a Parquet file, and pyarrow is not installed; "
        "install the extra: pip install 'lstm-forecaster[train,cpu,parquet]'"
    )


@pytest.mark.parametrize("freq", ["D", "M"])
def test_a_series_of_pandas_is_a_frame_of_one_column(freq: str) -> None:
    index = pd.period_range("2024-01", periods=40, freq=freq)
    series = pd.Series(np.arange(40.0), index, name="sales")
    panel = read_data(series)
    assert panel.columns.targets == ("sales",)
    np.testing.assert_array_equal(panel.values, series.to_numpy())
    assert panel.step == read_data(series.to_frame()).step


@pytest.mark.parametrize(
    ("freq", "form", "step"),
    [
        ("M", "%Y-%m", "1 month"),
        ("Q", "%YQ%q", "3 months"),
        ("W-SUN", "%Y-%m-%d", "1 week"),
        ("W-WED", "%Y-%m-%d", "1 week"),
        ("D", "%Y-%m-%d", "1 day"),
        ("15min", "%Y-%m-%d %H:%M", "15 minutes"),
    ],
)
@pytest.mark.parametrize("knows_periods", [False, True])
def test_periods_of_pandas_are_dates_in_a_frame_and_in_parquet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, freq: str, form: str, step: str, knows_periods: bool
) -> None:
    pa = pytest.importorskip("pyarrow", reason=WHY)
    path = tmp_path / "data.parquet"
    periods = pd.period_range("2010-01", periods=20, freq=freq)
    frame = pd.DataFrame({"date": periods, "y": np.arange(20.0)})
    if knows_periods:
        frame.to_parquet(path)
    else:  # as in a program that has not loaded the type of pandas, so that it stays a number
        said = {"ARROW:extension:name": "pandas.period", "ARROW:extension:metadata": f'{{"freq": "{freq}"}}'}
        schema = pa.schema([pa.field("date", pa.int64(), metadata=said), pa.field("y", pa.float64())])
        table = pa.table([periods.asi8, np.arange(20.0)], schema=schema)
        counts, read = (
            SimpleNamespace(num_rows=20),
            lambda _rows, _groups, names, **_: iter(table.select(names).to_batches()),
        )
        file = SimpleNamespace(iter_batches=read, schema_arrow=schema, metadata=counts, num_row_groups=1)
        monkeypatch.setattr("pyarrow.parquet.ParquetFile", lambda _path, **_: file)
        path.write_bytes(b"PAR1")
    for data in (frame, path):
        panel = read_data(data)
        assert (panel.columns.time, panel.columns.time_format, str(panel.step)) == ("date", form, step)
        assert panel.columns.targets == ("y",)


def test_a_series_of_pandas_without_a_name_is_called_value() -> None:
    series = pd.Series(np.arange(40.0), pd.date_range("2024-01-01", periods=40))
    assert read_data(series).columns.targets == ("value",)
