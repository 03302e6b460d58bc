"""A real PostgreSQL server as the source of every command; needs its programs, as Debian's postgresql has."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from deploy.errors import ConfigError, DataError
from deploy.sources.batches import open_batches
from deploy.sources.named import Query

pytestmark = pytest.mark.engine

dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi", reason="the extra postgres is not installed")

PASSWORD = "s3cr!t/äöü"
WRITTEN = "s3cr%21t%2F%C3%A4%C3%B6%C3%BC"
USER = "ann"
BRIEF = (
    *("--horizon", "6", "--context", "24", "--patch", "3", "--start", "random"),
    *("--set", "hidden_size=8", "--set", "updates=4", "--set", "epochs=1"),
)
SALES = """
CREATE TABLE sales AS
SELECT store, timestamptz '2024-03-01 00:00+01' + hour * interval '1 hour' AS at,
       CASE WHEN hour = 5 THEN NULL ELSE (store + sin(hour * 0.26) * 10)::numeric(10, 2) END AS amount
FROM generate_series(1, 2) store, generate_series(0, 199) hour
"""
SELECT = "SELECT store, at, amount FROM sales WHERE at < '{until}'"


def programs() -> Path | None:
    """The folder of the server's programs: on the path, or where Debian has them."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name))
    return next((place for place in reversed(places) if (place / "initdb").exists()), None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a server on the loopback, with a password and one table; it runs as no root, who may not."""
    place = programs()
    if place is None:
        pytest.skip("no PostgreSQL server: no initdb on the path or in /usr/lib/postgresql/*/bin")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory(prefix="postgres-") as folder:
        account = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        owner: dict[str, Any] = (
            {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        )
        data, password = Path(folder, "data"), Path(folder, "password")
        password.write_text(PASSWORD + "\n", encoding="utf-8")
        if account:
            for path in (Path(folder), password):
                os.chown(path, account.pw_uid, account.pw_gid)

        def run(program: str, *arguments: str) -> None:
            command = [str(place / program), "-D", str(data), *arguments]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, **owner)

        run("initdb", "-U", USER, "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run("pg_ctl", "-w", "-l", str(Path(folder, "log")), "-o", options, "start")
        try:
            url = f"postgresql://{USER}:{WRITTEN}@127.0.0.1:{port}/postgres"
            with dbapi.connect(url) as connection, connection.cursor() as cursor:
                cursor.execute(SALES)
                connection.commit()
            yield url
        finally:
            run("pg_ctl", "-m", "immediate", "stop")


@pytest.fixture
def shown(server: str) -> str:
    """The URL as people may see it."""
    return server.replace(f":{WRITTEN}@", "@")


def ask(sql: str, database: str) -> Any:
    with open_batches(Query(sql, database)) as reader:
        return reader.read_all()


def test_values_keep_their_types(server: str) -> None:
    found = ask(
        "SELECT timestamptz '2024-03-31 02:30+02' AS moment, timestamp '2024-03-31 02:30' AS wall, "
        "date '2024-01-31' AS day, 1.25::numeric(10, 2) AS price, 12::numeric(5) AS code, "
        "1.5::numeric AS free, 'NaN'::numeric AS none, 9007199254740993 AS number, "
        "7::smallint AS small, '007'::text AS id, 'ab'::char(5) AS fixed, "
        "'6f1c1a52-1f2c-4c0e-9d6b-0b4f4f0a3a11'::uuid AS key, NULL::int AS nothing, true AS flag",
        server,
    )
    (row,) = found.to_pylist()
    assert math.isnan(row.pop("none"))
    assert row == {
        "moment": dt.datetime(2024, 3, 31, 0, 30, tzinfo=dt.UTC),
        "wall": dt.datetime(2024, 3, 31, 2, 30),
        "day": dt.date(2024, 1, 31),
        "price": Decimal("1.25"),
        "code": Decimal(12),
        "free": 1.5,
        "number": 9007199254740993,
        "small": 7,
        "id": "007",
        "fixed": "ab",
        "key": "6f1c1a52-1f2c-4c0e-9d6b-0b4f4f0a3a11",
        "nothing": None,
        "flag": True,
    }
    with pytest.raises(DataError, match=r'"price" is of the type money.*price::numeric'):
        ask("SELECT 1::money AS price", server)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM sale", 'relation "sale" does not exist'),
        ("SELECT amont FROM sales", 'column "amont" does not exist'),
        ("SELECT 1 / (store - 1) FROM sales", "division by zero"),
        ("SELECT 'NaN'::numeric(5, 2) AS v", "'nan' is not a valid decimal"),
        ("WITH gone AS (DELETE FROM sales RETURNING *) SELECT * FROM gone", "in a read-only transaction"),
        ("SELECT 1; DROP TABLE sales", "multiple commands"),
    ],
)
def test_what_the_server_says_is_wrong_is_told_and_nothing_is_written(
    server: str, sql: str, said: str
) -> None:
    with pytest.raises(DataError, match=said) as raised:
        ask(sql, server)
    assert "s3cr" not in str(raised.value)
    assert ask("SELECT count(*) AS n FROM sales", server).to_pylist() == [{"n": 400}]


@pytest.mark.parametrize("sql", ["DELETE FROM sales", "SET x = 1", "", "-- SELECT 1", "EXPLAIN SELECT 1"])
def test_what_is_no_select_is_refused(server: str, sql: str) -> None:
    with pytest.raises(ConfigError, match="expected one SELECT"):
        ask(sql, server)


def test_a_select_may_begin_with_comments_and_end_with_a_semicolon(server: str) -> None:
    assert ask("-- one\n/* two */ (select 1 as n) ;\n", server).to_pylist() == [{"n": 1}]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (WRITTEN, "wr0ng", "password authentication failed"),
        ("/postgres", "/none", 'database "none" does not exist'),
        (WRITTEN, "se%cr", "percent-encoded"),
    ],
)
def test_a_server_that_does_not_answer_is_named_without_the_password(
    server: str, old: str, new: str, said: str
) -> None:
    with pytest.raises(DataError, match=said) as raised:
        ask("SELECT 1", server.replace(old, new, 1))
    assert not any(secret in str(raised.value) for secret in ("s3cr", "wr0ng", "se%cr"))


def command(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "forecaster", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_reads_it_and_nothing_that_is_written_has_the_password(
    server: str, shown: str, tmp_path: Path
) -> None:
    def run(*arguments: str, until: str, **environment: str) -> str:
        source = ("--sql", SELECT.format(until=until), "--database", shown if environment else server)
        done = command(tmp_path, *arguments, *source, **environment)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout + done.stderr)
        return printed[-1]

    printed: list[str] = []
    fitted = ("fit", "--series", "store", "--timezone", "Europe/Berlin", *BRIEF)
    assert "2 series of 150 values" in run(*fitted, until="2024-03-07 06:00+01", PGPASSWORD=PASSWORD)
    assert "finished" in run(*fitted, "--resume", until="2024-03-07 06:00+01")
    record = json.loads((tmp_path / "run" / "data.json").read_text())
    assert record["file"] == f"postgres on {shown.split('@')[1].split('/')[0]}"
    assert record["source"] == {"sql": SELECT.format(until="2024-03-07 06:00+01"), "database": shown}
    assert record["ids"] == [["1"], ["2"]]
    assert command(tmp_path, "export").returncode == 0
    run("forecast", "-o", "ahead.csv", until="2024-03-07 06:00+01")
    assert "2024-03-07 05:00:00+00:00" in (tmp_path / "ahead.csv").read_text()
    run("evaluate", "-o", "report.html", until="2025-01-01")
    run("inspect", "--json", until="2025-01-01")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert WRITTEN.encode() not in content, path
            assert PASSWORD.encode() not in content, path
    assert not any(secret in text for text in printed for secret in (WRITTEN, PASSWORD))
