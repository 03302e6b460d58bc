"""Data of other places than a file: folders of Parquet, URLs, queries; read alike by every command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deploy.errors import DataError
from deploy.sources.named import Remote
from forecaster import Forecaster, Query
from forecaster.__main__ import resuming_command
from forecaster.config import Asked
from forecaster.data import Panel, read_data

duckdb = pytest.importorskip("duckdb")
fsspec = pytest.importorskip("fsspec")
pytest.importorskip("pyarrow")

STEPS = 96
BRIEF = (
    *("--horizon", "6", "--context", "24", "--patch", "3", "--start", "random"),
    *("--set", "hidden_size=8", "--set", "updates=4", "--set", "epochs=1"),
)
Command = Callable[..., tuple[int, str, str]]


def sales(days: int = STEPS) -> pd.DataFrame:
    """Two stores, whose ids look like numbers."""
    day = np.arange(days)
    parts = [
        pd.DataFrame(
            {
                "store": store,
                "day": pd.date_range("2024-01-01", periods=days),
                "amount": level + np.sin(day * 2 * np.pi / 7) + day % 5 / 10,
            }
        )
        for store, level in (("007", 10.0), ("12", 20.0))
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(name="memory")
def empty_memory() -> Iterator[Any]:
    """The file system in memory of fsspec, empty at the end."""
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/", recursive=True)


def is_same(panel: Panel, other: Panel) -> bool:
    return (
        panel.ids == other.ids
        and np.array_equal(panel.values, other.values)
        and np.array_equal(panel.timestamps, other.timestamps)
    )


def test_each_source_gives_the_series_of_the_file(tmp_path: Path, memory: Any) -> None:
    frame, expected = sales(), read_data(sales(), Asked(series=("store",)))
    frame.to_csv(tmp_path / "sales.csv", index=False)
    frame.to_parquet(tmp_path / "partitions", partition_cols=["store"])
    memory.put(str(tmp_path / "partitions"), "/lake/partitions", recursive=True)
    memory.put(str(tmp_path / "sales.csv"), "/lake/sales.csv")
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE sales AS SELECT * FROM frame")
    sources = [
        tmp_path / "partitions",
        Remote("memory://lake/partitions/"),
        Remote("memory://lake/sales.csv"),
        Query("SELECT * FROM sales", str(tmp_path / "shop.duckdb")),
        Query(f"SELECT * FROM '{tmp_path}/partitions/**/*.parquet'"),
    ]
    for source in sources:
        assert is_same(read_data(source, Asked(series=("store",))), expected), source


def test_a_zone_dates_decimals_and_nulls_of_a_database_are_read_as_what_they_are() -> None:
    sql = (
        "SELECT i // 100 AS id, TIMESTAMPTZ '2024-03-30 00:00:00+01' + (i % 100) * INTERVAL 1 HOUR AS hour, "
        "CASE WHEN i % 10 = 3 THEN NULL ELSE (i / 4)::DECIMAL(10, 2) END AS price FROM range(200) numbers(i)"
    )
    panel = read_data(Query(sql), Asked(series=("id",), timezone="Europe/Berlin"))
    assert panel.ids == (("0",), ("1",))
    assert panel.columns.timezone == "Europe/Berlin"
    assert panel.values[:5].ravel().tolist() == pytest.approx([0, 0.25, 0.5, np.nan, 1.0], nan_ok=True)
    assert str(panel.step) == "1 hour"
    days = "SELECT DATE '2024-01-01' + i::INT AS day, i AS v FROM range(40) numbers(i)"
    assert read_data(Query(days)).columns.time_format == "%Y-%m-%d"


def test_errors_name_the_query_and_the_row() -> None:
    cells = "CASE i WHEN 7 THEN 'x' ELSE i::TEXT END AS v"
    sql = f"SELECT DATE '2024-01-01' + i::INT AS day, {cells} FROM range(40) numbers(i)"
    with pytest.raises(DataError, match=r"the query, row 7 "):
        read_data(Query(sql), Asked(target=("v",)))
    with pytest.raises(DataError, match="the query: no rows"):
        read_data(Query("SELECT 1 AS v WHERE false"))


@pytest.mark.usefixtures("memory")
def test_a_run_says_where_its_data_are_and_every_command_takes_them_again(command: Command) -> None:
    frame = sales()
    first, later = frame[frame.day < "2024-03-25"], frame
    for number, part in enumerate((first, later)):
        with fsspec.open(f"memory://lake/{number}/sales.parquet", "wb") as file:
            part.to_parquet(file)
    url = "memory://lake/0/"
    fit = ("fit", url, *BRIEF, "--series", "store")
    code, _, said = command(*fit)
    assert code == 0, said
    record = json.loads(Path("run/data.json").read_text())
    assert record["file"] == "0"
    assert record["source"] == {"url": url}
    code, _, said = command(*fit, "--resume")
    assert (code, "nothing is left" in said or "finished" in said) == (0, True), said
    assert command("export")[0] == 0
    code, _, said = command("forecast", url, "-o", "out.csv")
    assert code == 0, said
    ahead = pd.read_csv("out.csv", dtype={"store": str})
    assert sorted(set(ahead["store"])) == ["007", "12"]
    assert ahead["day"].min() == "2024-03-25"
    code, out, said = command("evaluate", "memory://lake/1/", "--json")
    assert code == 0, said
    assert json.loads(out)["counts"]["new_series"] == 0


def test_a_database_is_read_by_its_command_and_recorded(command: Command, tmp_path: Path) -> None:
    frame = sales()
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(f"CREATE TABLE sales AS SELECT * FROM frame WHERE {len(frame)} > 0")
    asked = ("--sql", "SELECT day, amount FROM sales WHERE store = '007'", "--database", "shop.duckdb")
    code, out, said = command("inspect", *asked, "--json")
    assert code == 0, said
    found = json.loads(out)
    assert (found["file"], found["source"]) == ("shop.duckdb", {"sql": asked[1], "database": "shop.duckdb"})
    code, out, said = command("forecast", *asked, "--pretrained", "-o", "-")
    assert code == 0, said
    assert out.startswith("day,forecast,")
    assert "shop.duckdb: 1 series" in said


def test_python_takes_a_query_and_a_url_as_it_takes_a_file(memory: Any) -> None:
    model = Forecaster.pretrained(7, series="store")
    with memory.open("/lake/sales.csv", "wb") as file:
        sales().to_csv(file, index=False)
    url = "memory://lake/sales.csv"
    expected = model.predict(url)
    days = "SELECT * FROM (VALUES " + ", ".join(
        f"('{row.store}', DATE '{row.day:%Y-%m-%d}', {row.amount!r})" for row in sales().itertuples()
    )
    found = model.predict(Query(f"{days}) sales(store, day, amount)"))
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fit",), "Missing argument 'DATA', or --sql."),
        (("fit", "a.csv", "--sql", "SELECT 1"), "--sql is the data; leave out DATA, a.csv, or --sql"),
        (("evaluate", "--database", "a.duckdb"), "--database is that of a query; say which with --sql"),
        (("inspect", "--sql", "SELECT 1 AS v", "--database", "none.duckdb"), "none.duckdb: cannot be read"),
        (("inspect", "--sql", "DELETE FROM sales"), "expected one SELECT, found DELETE"),
        (("forecast", "memory://none/"), "memory://none/: there is no such file"),
        (("fit", "nosuch://bucket/a.csv"), "nosuch://bucket/a.csv"),
        (
            ("fit", "--sql", "SELECT 1", "--database", "mysql://ann:hush@h/d"),
            "mysql://ann@h/d: expected a file",
        ),
        (("fit", "https://ann:hush@x.invalid/a.csv?sig=hush"), "https://ann@x.invalid/a.csv?sig=***"),
    ],
)
def test_a_source_that_cannot_be_read_is_named_without_its_password(
    command: Command, arguments: tuple[str, ...], said: str
) -> None:
    if arguments[0] == "forecast":
        arguments = (*arguments, "--pretrained")
    code, out, err = command(*arguments)
    assert code in (2, 3, 4)
    assert said in err
    assert "hush" not in out + err
    assert not Path("run").exists()


def test_an_output_may_not_replace_the_database_that_is_read(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x" * 20)
    code, _, err = command(
        "forecast", "--sql", "SELECT 1", "--database", "a.csv", "--pretrained", "-o", "a.csv"
    )
    assert (code, "cannot write a.csv over a.csv" in err) == (4, True)


def test_the_command_that_continues_a_fit_has_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://ann:hush@h/shop"
    monkeypatch.setattr(
        sys, "argv", ["forecaster", "fit", "--sql", "SELECT 1", f"--database={url}", "--resume"]
    )
    assert resuming_command() == "forecaster fit --sql 'SELECT 1' --database=postgresql://ann@h/shop --resume"


def test_a_database_named_as_a_file_says_how_it_is_read(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "shop.duckdb")).close()
    with pytest.raises(DataError, match=r"is a DuckDB database.*\n.*--sql .*--database shop\.duckdb"):
        read_data(tmp_path / "shop.duckdb")
