"""Parts of an output: Parquet files that appear whole, each of which says what it was made of."""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from operator import lt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from ...errors import ConfigError
from ...places import partial_of
from ..plain import from_numpy
from ..roles import ERROR, Roles
from ..seen import keys_of

KEY = b"lstm_forecaster.score"
ROWS = 1 << 18  # of a group of rows
ENDING = ".parquet"


@dataclass(frozen=True)
class PartRecord:
    """The origin and the content of a part, in the metadata of its file."""

    stamp: str  # of the bundle and the options
    table: dict[str, Any]  # record of the table
    rows_of_an_id: int
    number: int = 0  # of the part of its table, from 0
    is_last: bool = False  # of its table
    ids: int = 0
    errors: int = 0  # series of an id and a target that could not be forecast
    first: list[str] = field(default_factory=list)  # id
    last: list[str] = field(default_factory=list)
    ascends: bool = True  # each id is after the one before, in the order of their bytes


@dataclass(frozen=True)
class Found:
    """A part that is there."""

    path: Path
    record: PartRecord


def part_path(output: Path, table: str, number: int) -> Path:
    """Return the place of a part: folders of its table are in its name."""
    stem = table.removesuffix(ENDING).replace("/", ".")
    return output / f"{stem}.{number:05}{ENDING}"


def find_parts_of(output: Path) -> list[Found]:
    """Return all parts that are in an output. Raises ConfigError for other files of Parquet there."""
    return [Found(path, read_record(path)) for path in sorted(output.glob(f"*{ENDING}"))]


def read_record(path: Path) -> PartRecord:
    """Return what a part says of itself. Raises ConfigError for what is none."""
    try:
        metadata = pyarrow.parquet.read_metadata(path).metadata or {}
        return PartRecord(**json.loads(metadata[KEY]))
    except (pa.ArrowException, KeyError, TypeError, ValueError):
        raise ConfigError(
            f"{path} is no part that score has written; choose an OUTPUT that is empty or not there"
        ) from None


class PartWriter:
    """A part that is being written, next to its place; it gets there whole, or not at all."""

    def __init__(self, output: Path, number: int, base: PartRecord, schema: pa.Schema, roles: Roles) -> None:
        """Begin. base: what all parts of the table say."""
        self.number = number
        self._base, self._roles = base, roles
        self._path = part_path(output, base.table["file"], number)
        for left in output.glob(f".{self._path.name}.*.partial"):  # by a process that was killed
            left.unlink(missing_ok=True)
        self._partial = partial_of(self._path)
        self._waiting: list[pa.RecordBatch] = []
        self._ids, self._errors, self._ascends = 0, 0, True
        self._last_key: list[bytes] = []
        self._first: list[str] = []
        self._last: list[str] = []
        repeated = [name for name in schema.names if not pa.types.is_floating(schema.field(name).type)]
        self._writer = pyarrow.parquet.ParquetWriter(
            self._partial, schema, use_dictionary=repeated, write_statistics=repeated, compression="snappy"
        )

    def write(self, rows: pa.RecordBatch) -> None:
        """Append the rows of whole series."""
        every = self._base.rows_of_an_id
        places = from_numpy(np.arange(0, rows.num_rows, every))
        ids = [rows.column(name).take(places) for name in self._roles.ids]
        keys = self._last_key + keys_of(ids)
        self._ascends = self._ascends and all(map(lt, keys, keys[1:]))
        self._last_key = keys[-1:]
        self._ids += len(places)
        of_target = every // len(self._roles.targets)
        lasts = rows.column(ERROR).take(from_numpy(np.arange(of_target - 1, rows.num_rows, of_target)))
        self._errors += len(lasts) - lasts.null_count
        self._first = self._first or [str(column[0]) for column in ids]
        self._last = [str(column[-1]) for column in ids]
        self._waiting.append(rows)
        if sum(map(len, self._waiting)) >= ROWS:
            self._flush()

    def finish(self, *, is_last: bool) -> None:
        """Put the part into its place. is_last: of its table."""
        self._flush()
        record = replace(
            self._base,
            number=self.number,
            is_last=is_last,
            ids=self._ids,
            errors=self._errors,
            first=self._first,
            last=self._last,
            ascends=self._ascends,
        )
        self._writer.add_key_value_metadata({KEY: json.dumps(asdict(record))})
        self._writer.close()
        with self._partial.open("rb") as file:
            os.fsync(file.fileno())
        self._partial.replace(self._path)

    def leave(self) -> None:
        """Leave nothing of a part that was not finished."""
        self._writer.close()
        self._partial.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting), row_group_size=ROWS)
            self._waiting = []
