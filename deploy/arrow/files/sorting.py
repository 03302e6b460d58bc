"""Tables in any order as one, in the order of ids and times, with files for what memory does not hold.

Rows are written down as they are read, with a number in the place of their id. When all ids are known, their
order says into which bucket a row goes, and each bucket is sorted in memory by the digits of numbers: several
times as fast as a sort that compares texts. The ids are put back as a dictionary.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...bundle.bundle import sha256
from ...errors import ConfigError, DataError, InputError
from ..plain import from_numpy, to_numpy
from ..roles import Roles
from ..stamps import is_text, plain_type
from .buckets import Buckets
from .numbering import Numbering
from .tables import File, Opened

ROWS = 1 << 18  # of a batch
ROWS_OF_A_BUCKET = 1 << 20  # about: the cache of a processor holds most of them
SHARE = 8  # of the memory for a bucket as it is read: it is copied in order, and forecasts need some
NAME = "sorted"
NUMBER = "number of the id"  # a column that no table has
SIZE, UNITS = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]?)(i?)B", re.ASCII | re.IGNORECASE), " KMGT"


@dataclass(frozen=True)
class Sorted:
    """All rows of some files, sorted."""

    files: tuple[File, ...]
    folder: Path  # for what memory does not hold; it is removed afterwards
    memory: int  # bytes that sorting may take, about, and next to the ids

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
        """Open the first file for the columns of these roles; all are read when the batches are.

        Raises ConfigError, DataError.
        """
        read = self.files[0].open(roles).schema
        kinds = {name: plain_type(read.field(name).type) for name in roles.ids}
        coded = {name: pa.dictionary(pa.int32(), kind) for name, kind in kinds.items() if is_text(kind)}
        fields = [pa.field(field.name, {**kinds, **coded}.get(field.name, field.type)) for field in read]
        schema = pa.schema(fields)
        return Opened(schema, self._read(roles, schema))

    def _read(self, roles: Roles, schema: pa.Schema) -> Iterator[tuple[pa.RecordBatch, float]]:
        shutil.rmtree(self.folder, ignore_errors=True)  # of a process that was killed
        self.folder.mkdir(parents=True)
        written, numbering = self.folder / "rows.arrow", Numbering()
        try:
            rows = self._write(written, roles, schema, numbering)
            ids, places = numbering.ascending()
            time = None if roles.are_lists(schema) else roles.time or None
            size = max(self.memory // SHARE, 1)
            count = max(rows // ROWS_OF_A_BUCKET, written.stat().st_size // size)
            buckets = Buckets(self.folder, NUMBER, time, len(places), count)
            buckets.fill(_placed(written, places))
            written.unlink()
            known, done = dict(zip(roles.ids, ids, strict=True)), 0
            for batch in buckets.sorted(ROWS):
                done += batch.num_rows
                yield _restored(batch, known, schema), done / rows
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"the rows cannot be sorted: {error}") from None
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, path: Path, roles: Roles, schema: pa.Schema, numbering: Numbering) -> int:
        """Write all rows, with numbers in the place of ids; return how many there are."""
        kinds = {name: plain_type(schema.field(name).type) for name in roles.ids}
        others = [field for field in schema if field.name not in roles.ids]
        kept, rows = pa.schema([pa.field(NUMBER, pa.int32()), *others]), 0
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, kept) as writer:
            for table in self.files:
                for batch, _ in table.open(roles).batches:
                    numbers = numbering.number(_ids_of(batch, kinds))
                    all_numbers = np.broadcast_to(numbers, batch.num_rows)  # without ids there is one
                    columns = [batch.column(field.name).cast(field.type) for field in others]
                    writer.write_batch(pa.record_batch([from_numpy(all_numbers), *columns], kept))
                    rows += batch.num_rows
        return rows


def bytes_of(memory: str) -> int:
    """Return the bytes of a size such as 400MB. Raises ConfigError."""
    found = SIZE.fullmatch(memory.strip())
    if found is None:
        raise ConfigError(f"--memory: expected a size such as 400MB, found {memory!r}")
    count, unit, is_binary = found.groups()
    thousand = 1024 if is_binary else 1000
    return int(float(count) * thousand ** UNITS.index(unit.upper() or " "))


def _ids_of(batch: pa.RecordBatch, kinds: dict[str, pa.DataType]) -> list[pa.Array]:
    """Return the columns of ids, in types that all files share. Raises InputError for an id that is null."""
    found = []
    for name, kind in kinds.items():
        column = batch.column(name)
        if column.null_count:
            raise InputError(f'column "{name}": an id is null; expected one in each row')
        is_coded = pa.types.is_dictionary(column.type)
        found.append(column.cast(pa.dictionary(column.type.index_type, kind) if is_coded else kind))
    return found


def _placed(path: Path, places: NDArray[np.int32]) -> Iterator[pa.RecordBatch]:
    """Yield the rows that were written, with the places of their ids among all in order for their numbers."""
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as reader:
        for batch in reader:
            column = from_numpy(places.take(to_numpy(batch.column(NUMBER))))
            yield batch.set_column(batch.schema.get_field_index(NUMBER), NUMBER, column)


def _restored(batch: pa.RecordBatch, ids: dict[str, pa.Array], schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch with ids in the place of their numbers."""
    columns = []
    for field in schema:
        if field.name not in ids:
            columns.append(batch.column(field.name))
        elif pa.types.is_dictionary(field.type):
            columns.append(pa.DictionaryArray.from_arrays(batch.column(NUMBER), ids[field.name]))
        else:
            columns.append(ids[field.name].take(batch.column(NUMBER)))
    return pa.record_batch(columns, schema)
