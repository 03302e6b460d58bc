"""Queries that DuckDB answers; those of PostgreSQL are in tests/engines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import ConfigError, DataError
from deploy.sources.batches import open_batches
from deploy.sources.named import Query

pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """The path of a database with a table of 10 sales."""
    path = str(tmp_path / "shop.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute(
            "CREATE TABLE sales AS SELECT i % 3 store, TIMESTAMP '2024-01-01' + i * INTERVAL 1 DAY AS day, "
            "i * 1.5::DOUBLE AS amount FROM range(10) numbers(i)"
        )
    return path


def ask(sql: str, database: str | None = None, rows: int = 1000) -> Any:
    with open_batches(Query(sql, database), rows) as reader:
        return reader.read_all()


def test_a_select_is_answered_in_batches(shop: str) -> None:
    with open_batches(Query("SELECT amount FROM sales ORDER BY day", shop), rows=4) as reader:
        assert [value for batch in reader for value in batch.column(0).to_pylist()] == [
            1.5 * number for number in range(10)
        ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM sales;",
        "WITH each AS (SELECT * FROM sales) SELECT * FROM each",
        "-- all\n/* of it */ FROM sales",
        "(SELECT * FROM sales) UNION ALL (SELECT * FROM sales WHERE false)",
    ],
)
def test_every_form_of_a_select_is_one(shop: str, sql: str) -> None:
    assert len(ask(sql, shop)) == 10


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("INSERT INTO sales VALUES (1, now(), 1)", "INSERT"),
        ("DROP TABLE sales", "DROP"),
        ("COPY sales TO 'stolen.csv'", "COPY"),
        ("ATTACH 'other.duckdb'", "ATTACH"),
        ("SELECT 1; DROP TABLE sales", "SELECT, DROP"),
        ("", "no statement"),
        ("-- nothing", "no statement"),
    ],
)
def test_what_is_no_select_is_refused_and_does_nothing(shop: str, sql: str, found: str) -> None:
    with pytest.raises(ConfigError, match=f"expected one SELECT, found {found}"):
        ask(sql, shop)
    assert len(ask("FROM sales", shop)) == 10


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM sale", 'sale does not exist.*\n.*"sales"'),
        ("SELECT amont FROM sales", 'column "amont" not found'),
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM 'none.parquet'", "No files found"),
        ("SELECT CAST('x' || store AS INT) FROM sales", "Could not convert"),
    ],
)
def test_what_the_database_says_is_wrong_is_told(shop: str, sql: str, said: str) -> None:
    with pytest.raises(DataError, match=said) as raised:
        ask(sql, shop)
    assert str(raised.value).startswith(f"the query of {shop}: ")


def test_nothing_is_downloaded_to_answer_a_query() -> None:
    with pytest.raises(DataError, match="INSTALL sqlite_scanner"):
        ask("SELECT * FROM sqlite_scan('a.db', 't')")


def test_a_file_that_is_missing_or_no_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.duckdb: cannot be read: No such file"):
        ask("SELECT 1", str(tmp_path / "none.duckdb"))
    (tmp_path / "a.csv").write_text("v\n1\n")
    (tmp_path / "a.db").write_bytes(b"SQLite format 3\0")
    for name in ("a.csv", "a.db"):
        with pytest.raises(DataError, match=f"{name}: the file is no database of DuckDB"):
            ask("SELECT 1", str(tmp_path / name))


def test_without_a_database_the_query_names_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,v\n007,1.5\n")
    assert ask(f"SELECT * FROM read_csv('{tmp_path}/*.csv', all_varchar = true)").to_pylist() == [
        {"id": "007", "v": "1.5"}
    ]


def test_values_keep_their_types() -> None:
    found = ask(
        "SELECT TIMESTAMPTZ '2024-03-31 02:30:00+02' AS moment, DATE '2024-01-31' AS day, "
        "1.25::DECIMAL(10, 2) AS price, 9007199254740993 AS number, '007' AS id, NULL::INT AS nothing, "
        "UUID '6f1c1a52-1f2c-4c0e-9d6b-0b4f4f0a3a11' AS key"
    )
    assert found.schema.field("moment").type == pa.timestamp("us", "UTC")
    assert found.to_pylist() == [
        {
            "moment": dt.datetime(2024, 3, 31, 0, 30, tzinfo=dt.UTC),
            "day": dt.date(2024, 1, 31),
            "price": Decimal("1.25"),
            "number": 9007199254740993,
            "id": "007",
            "nothing": None,
            "key": "6f1c1a52-1f2c-4c0e-9d6b-0b4f4f0a3a11",
        }
    ]


def test_an_error_that_comes_while_rows_are_read_is_told_alike() -> None:
    sql = "SELECT CASE WHEN i = 900000 THEN CAST('x' || i AS INT) END FROM range(1000000) numbers(i)"
    with pytest.raises(DataError, match=r"the query: .*Could not convert string 'x900000'"):
        ask(sql)


@pytest.mark.parametrize(
    ("package", "source", "extra"),
    [
        ("duckdb", 'Query("SELECT 1", "shop.duckdb")', "sql"),
        ("adbc_driver_postgresql", 'Query("SELECT 1", "postgresql://ann:hush@h/shop")', "postgres"),
        ("fsspec", 'Remote("s3://key:hush@bucket/a.parquet")', "cloud"),
        ("pyarrow", 'Query("SELECT 1", "shop.duckdb")', "parquet"),
        ("s3fs", 'Remote("s3://key:hush@bucket/a.parquet")', None),
    ],
)
def test_a_missing_package_names_what_to_install(
    run_python: Callable[..., str], package: str, source: str, extra: str | None
) -> None:
    if extra != "postgres":
        pytest.importorskip("fsspec")
    said = run_python(
        f"""
import sys
sys.modules[{package!r}] = None
from deploy.errors import ExtraMissingError
from deploy.sources.batches import open_batches
from deploy.sources.named import Query, Remote
try:
    with open_batches({source}):
        pass
except ExtraMissingError as error:
    print(error)
"""
    )
    assert f"lstm-forecaster[train,cpu,{extra}]" in said if extra else f"pip install {package}" in said
    assert "hush" not in said
