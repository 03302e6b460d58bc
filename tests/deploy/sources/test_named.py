"""Sources as users name them; no text of them has a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.errors import ConfigError
from deploy.sources.named import (
    Query,
    Remote,
    hide_secrets,
    paths_of,
    source_name,
    source_of,
    without_secrets,
)

URL = "postgresql://ann:s3cr%21t@db.example.com:5432/shop?sslmode=require"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("sales.csv", Path("sales.csv")),
        ("-", Path("-")),
        ("C:/sales.csv", Path("C:/sales.csv")),
        ("file:///data/a%20b.csv", Path("/data/a b.csv")),
        ("s3://bucket/sales/", Remote("s3://bucket/sales/")),
        ("simplecache::gs://bucket/a.csv", Remote("simplecache::gs://bucket/a.csv")),
    ],
)
def test_a_text_names_a_path_or_a_url(text: str, source: object) -> None:
    assert source_of(text) == source


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, "postgresql://ann@db.example.com:5432/shop?sslmode=require"),
        ("postgresql://ann@/shop?host=/tmp&password=x", "postgresql://ann@/shop?host=/tmp&password=***"),
        ("s3://key:sec/ret@bucket/a.csv", "s3://key@bucket/a.csv"),
        ("s3://bucket/a@b/c.csv", "s3://bucket/a@b/c.csv"),
        (
            "https://x.org/a.csv?X-Amz-Credential=me&X-Amz-Signature=abc&v=1",
            "https://x.org/a.csv?X-Amz-Credential=***&X-Amz-Signature=***&v=1",
        ),
        ("az://box/a.csv?sig=abc", "az://box/a.csv?sig=***"),
        ("a:b@c.csv", "a:b@c.csv"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
    assert str(Remote(url)) == repr(Remote(url)) == shown


def test_a_query_says_where_it_was_asked_and_keeps_the_password_to_itself() -> None:
    query = Query("SELECT 1", URL)
    assert str(query) == repr(query)
    assert "s3cr" not in f"{query} {query.called} {query.record()}"
    assert query.called == "shop on db.example.com:5432"
    assert query.record() == {"sql": "SELECT 1", "database": without_secrets(URL)}


def test_a_query_hides_the_passwords_that_it_says_itself() -> None:
    sql = "SELECT * FROM postgres_scan('host=h password=hush dbname=d', 'public', 't') WHERE kind = 'secret'"
    assert Query(sql).record() == {"sql": sql.replace("hush", "***")}


@pytest.mark.parametrize(
    ("query", "called"),
    [
        (Query("SELECT 1", "data/shop.duckdb"), "shop.duckdb"),
        (Query("SELECT 1"), "the query"),
        (Query("SELECT 1", "postgres:///"), "PostgreSQL"),
        (Remote("s3://bucket/sales/2024/"), "2024"),
        (Remote("https://x.org/a.csv?sig=abc"), "a.csv"),
        (Remote("s3://bucket"), "bucket"),
    ],
)
def test_data_are_called_by_what_tells_them_apart(query: Query | Remote, called: str) -> None:
    assert query.called == called


def test_a_message_of_a_driver_loses_the_password_however_it_is_written() -> None:
    assert hide_secrets('no such user: "s3cr%21t", "s3cr!t"', URL) == 'no such user: "***", "***"'


def test_another_database_is_refused_without_its_password() -> None:
    with pytest.raises(ConfigError, match="expected a file of DuckDB, or postgresql://") as raised:
        Query("SELECT 1", "mysql://ann:hush@h/shop")
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("password", ["a/b", "a?b", "a#b", "a@b", "a b"])
def test_a_password_that_ends_early_in_its_url_is_refused_and_not_shown(password: str) -> None:
    with pytest.raises(ConfigError, match="write / as %2F") as raised:
        Query("SELECT 1", f"postgresql://ann:{password}@h/shop")
    assert password not in str(raised.value)


def test_files_of_this_machine_are_told_from_all_else() -> None:
    assert paths_of(Path("a.csv")) == (Path("a.csv"),)
    assert paths_of(Query("SELECT 1", "shop.duckdb")) == (Path("shop.duckdb"),)
    assert (
        paths_of(Query("SELECT 1", URL)) == paths_of(Query("SELECT 1")) == paths_of(Remote("s3://b/a")) == ()
    )


def test_messages_call_standard_input_by_its_name() -> None:
    assert source_name(Path("-")) == "standard input"
    assert source_name(Remote("s3://b/a")) == "s3://b/a"
