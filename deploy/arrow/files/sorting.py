"""Tables in any order as one, in the order of ids and times, with files for what memory does not hold.

DuckDB finds the places of ids among all ids in order. Rows go by these into buckets, which numpy sorts digit
by digit: half of the time of a sort of all. The ids are put back as a dictionary.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ...bundle.bundle import sha256
from ...errors import DataError, ExtraMissingError, InputError
from ..roles import Roles
from ..stamps import plain_type
from .buckets import Buckets
from .tables import File, Opened

if TYPE_CHECKING:
    import duckdb

ROWS = 1 << 18
NAME = "sorted"
PLACE, HASH = "place of the id", "hash of the id"  # columns that no table has
HASHED = "hash({})"


@dataclass(frozen=True)
class Sorted:
    """All rows of some files, sorted."""

    files: tuple[File, ...]
    folder: Path  # for what memory does not hold; it is removed afterwards
    memory: str  # for DuckDB, such as 400MB
    threads: int = 1

    @property
    def name(self) -> str:
        """Return what its parts are called after."""
        return NAME

    @property
    def size(self) -> int:
        """Return its bytes."""
        return sum(file.size for file in self.files)

    def record(self) -> dict[str, Any]:
        """Return what tells it from another version of itself."""
        digest = sha256({"files": [file.record() for file in self.files]})
        return {"file": NAME, "bytes": self.size, "files": len(self.files), "digest": digest}

    def open(self, roles: Roles) -> Opened:
        """Sort the columns of these roles. Raises ConfigError, DataError, ExtraMissingError."""
        try:
            import duckdb
        except ModuleNotFoundError as error:
            if error.name != "duckdb":
                raise
            raise ExtraMissingError(
                "--sort needs duckdb, which is not installed; install the extra: "
                "pip install 'lstm-forecaster[cpu,arrow,sql]'"
            ) from None
        schema = self.files[0].open(roles).schema
        return Opened(schema, self._read(duckdb, roles, schema))

    def _read(self, duckdb: Any, roles: Roles, schema: pa.Schema) -> Iterator[tuple[pa.RecordBatch, float]]:
        settings = {"memory_limit": self.memory, "threads": self.threads, "temp_directory": str(self.folder)}
        settings |= {"preserve_insertion_order": False, "autoinstall_known_extensions": False}
        try:
            with duckdb.connect(config=settings) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                total = self._load(connection, roles)
                ids = _number_ids(connection, roles, schema)
                rows = connection.sql(_query(connection, roles)).to_arrow_reader(ROWS)
                count, batches = 0, iter(rows)
                if roles.ids:
                    time = None if roles.are_lists(schema) else roles.time
                    buckets = Buckets(self.folder, PLACE, time, len(next(iter(ids.values()))), total)
                    buckets.fill(batch for batch in rows if batch.num_rows)
                    batches = buckets.sorted(ROWS)
                for batch in batches:
                    count += batch.num_rows
                    yield _restore(batch, ids, schema), count / total
        except duckdb.Error as error:
            raise DataError(f"the rows cannot be sorted: {error}") from None
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _load(self, connection: "duckdb.DuckDBPyConnection", roles: Roles) -> int:
        """Make the rows of all files the view `rows`; return how many there are, at least 1."""
        if all(not file.is_csv and not file.keys and isinstance(file.source, Path) for file in self.files):
            paths = [file.path for file in self.files]
            connection.read_parquet(paths, union_by_name=True, hive_partitioning=False).create_view("rows")
        else:
            for number, file in enumerate(self.files):
                opened = file.open(roles)
                reader = pa.RecordBatchReader.from_batches(opened.schema, (one for one, _ in opened.batches))
                connection.register("reader", reader)
                into = "INSERT INTO rows" if number else "CREATE TEMP TABLE rows AS"
                connection.execute(f"{into} SELECT * FROM reader")
                connection.unregister("reader")
        ((count,),) = connection.execute("SELECT count(*) FROM rows").fetchall()
        return max(int(count), 1)


def _number_ids(
    connection: "duckdb.DuckDBPyConnection", roles: Roles, schema: pa.Schema
) -> dict[str, pa.Array]:
    """Make the table `ids` of all ids in order and their places; return its columns. Raises InputError."""
    names = ", ".join(map(_quoted, roles.ids))
    if not names:
        return {}
    connection.execute(
        f"CREATE TEMP TABLE ids AS SELECT (row_number() OVER (ORDER BY {names}) - 1)::INTEGER AS "
        f"{_quoted(PLACE)}, {names} FROM (SELECT DISTINCT {names} FROM rows)"
    )
    table = connection.sql(f"SELECT {names} FROM ids ORDER BY {_quoted(PLACE)}").to_arrow_table()
    for name in roles.ids:
        if table.column(name).null_count:
            raise InputError(f'column "{name}": an id is null; expected one in each row')
    return {
        name: table.column(name).combine_chunks().cast(plain_type(schema.field(name).type))
        for name in roles.ids
    }


def _query(connection: "duckdb.DuckDBPyConnection", roles: Roles) -> str:
    """Return all rows with the places of their ids, or where there are no ids in the order of times.

    Rows are joined by the hashes of their ids, unless two ids have the same one.
    """
    others = ", ".join(_quoted(name) for name in roles.read if name not in roles.ids)
    if not roles.ids:
        return f"SELECT {others} FROM rows ORDER BY {_quoted(roles.time) if roles.time else '1'}"
    names = ", ".join(map(_quoted, roles.ids))
    alone = f"SELECT count(DISTINCT {HASHED.format(names)}) = count(*) FROM ids"
    if not all(connection.execute(alone).fetchall()[0]):
        return f"SELECT {_quoted(PLACE)}, {others} FROM rows JOIN ids USING ({names})"
    place, hashed = _quoted(PLACE), f"{HASHED.format(names)} AS {_quoted(HASH)}"
    return (
        f"SELECT {place}, {others} FROM (SELECT {hashed}, {others} FROM rows) "
        f"JOIN (SELECT {hashed}, {place} FROM ids) USING ({_quoted(HASH)})"
    )


def _restore(batch: pa.RecordBatch, ids: dict[str, pa.Array], schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch with ids in the place of their numbers, and in the types that the files have."""
    columns = []
    for field in schema:
        if field.name not in ids:
            columns.append(batch.column(field.name).cast(field.type))
        elif pa.types.is_dictionary(field.type):
            columns.append(pa.DictionaryArray.from_arrays(batch.column(PLACE), ids[field.name]))
        else:
            columns.append(ids[field.name].take(batch.column(PLACE)))
    return pa.record_batch(columns, schema)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
