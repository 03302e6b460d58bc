"""Tables to score, each read as record batches in bounded memory: Parquet files, folders of them, and CSV."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ...errors import ConfigError, DataError
from ...places import is_stream
from ...sources.folders import ENDINGS, Part, find_parts
from ...sources.named import Remote, source_name
from ...sources.remote import is_folder, open_file_system
from ..roles import Roles
from ..stamps import is_text
from .csv_form import CsvForm

ROWS = 1 << 17  # of a batch
LENGTH = 4  # bytes before each text that is in no dictionary
BUFFER = 1 << 20  # bytes of a column that are read at once: a group of rows may be as large as the file


@dataclass(frozen=True)
class Opened:
    """A table that is being read."""

    schema: pa.Schema
    batches: Iterator[tuple[pa.RecordBatch, float]]  # with the share of the table that was read by then


class Table(Protocol):
    """Rows to score. Two reads give the same, as long as the record is the same."""

    @property
    def name(self) -> str:
        """Return what its parts are called after."""

    @property
    def size(self) -> int:
        """Return its bytes."""

    def record(self) -> dict[str, Any]:
        """Return what tells it from another version of itself."""

    def open(self, roles: Roles) -> Opened:
        """Open it for the columns of these roles. Raises ConfigError, DataError."""


@dataclass(frozen=True)
class File:
    """A file to score: Parquet by its ending, else CSV."""

    source: Path | Remote  # the file, or the folder below which it lies
    name: str  # below the folder
    path: str  # in its file system
    size: int  # bytes
    changed: float | None  # seconds since 1970; None: not known
    keys: tuple[tuple[str, str | None], ...] = ()  # columns that its folders name

    @property
    def is_csv(self) -> bool:
        """Return whether it is a CSV."""
        return not self.path.lower().endswith(ENDINGS)

    def record(self) -> dict[str, Any]:
        """Return what tells it from another version of itself."""
        return {"file": self.name, "bytes": self.size, "changed": self.changed}

    def open(self, roles: Roles) -> Opened:
        """Open it for the columns of these roles. Raises ConfigError, DataError."""
        place: Any = self.path
        if isinstance(self.source, Remote):
            place = open_file_system(self.source)[0].open(self.path, "rb")
        try:
            return self._open_csv(place, roles) if self.is_csv else self._open_parquet(place, roles)
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(error) from None

    def _open_parquet(self, place: Any, roles: Roles) -> Opened:
        with pyarrow.parquet.ParquetFile(place) as opened:
            plain, metadata = opened.schema_arrow, opened.metadata
        repeated = _repeated(metadata)
        coded = [name for name in roles.ids if name in repeated and is_text(plain.field(name).type)]
        file = pyarrow.parquet.ParquetFile(
            place, metadata=metadata, buffer_size=BUFFER, read_dictionary=coded
        )
        added = [(name, value) for name, value in self.keys if name in roles.read and name not in plain.names]
        schema = file.schema_arrow
        for name, _ in added:
            schema = schema.append(pa.field(name, pa.string()))
        roles.check(schema)
        schema = pa.schema([schema.field(name) for name in roles.read])
        stored = [name for name in roles.read if name in plain.names]

        def read() -> Iterator[tuple[pa.RecordBatch, float]]:
            total, count = max(file.metadata.num_rows, 1), 0
            try:
                for batch in _batches(file, stored):
                    count += batch.num_rows
                    columns = {name: batch.column(name) for name in stored}
                    columns |= {
                        name: pa.repeat(pa.scalar(value, pa.string()), len(batch)) for name, value in added
                    }
                    yield pa.record_batch([columns[name] for name in roles.read], schema), count / total
            except (pa.ArrowException, OSError) as error:
                raise self._damaged(error) from None

        return Opened(schema, read())

    def _open_csv(self, place: Any, roles: Roles) -> Opened:
        form = CsvForm.of(self.name, place, roles)
        reader = form.open(place)

        def read() -> Iterator[tuple[pa.RecordBatch, float]]:
            count = 0
            try:
                for batch in reader:
                    count += batch.nbytes
                    yield batch, min(count / max(2 * self.size, 1), 1.0)  # about: texts are longer
            except (pa.ArrowException, OSError) as error:
                raise self._damaged(error) from None

        return Opened(reader.schema, read())

    def _damaged(self, error: Exception) -> DataError:
        return DataError(f"{self.name} cannot be read: {error}")


def _repeated(metadata: pyarrow.parquet.FileMetaData) -> set[str]:
    """Return the columns whose values a file has as numbers of a dictionary, by the bytes that they take.

    Those of others are hashed to make them one, which takes several times as long as to read them.
    """
    sizes = Counter[str]()
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            column = metadata.row_group(group).column(number)
            sizes[column.path_in_schema] += column.total_uncompressed_size
    return {name for name, size in sizes.items() if size < LENGTH * metadata.num_rows}


def _batches(file: pyarrow.parquet.ParquetFile, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file. A read of several groups of rows holds the pages of all until its end."""
    for group in range(file.num_row_groups):
        yield from file.iter_batches(ROWS, [group], columns, use_threads=False)


def find_tables(source: Path | Remote) -> tuple[File, ...]:
    """Return a file, or the Parquet files below a folder in the order of their names.

    Raises DataError where there is none, ConfigError for what can be read only once.
    """
    if isinstance(source, Path):
        if is_stream(source):
            raise ConfigError(f"{source_name(source)} can be read only once; write it to a file first")
        if not source.exists():
            raise DataError(f"cannot read {source}: no such file or folder")
    is_one = not is_folder(source) if isinstance(source, Remote) else not source.is_dir()
    if not is_one:
        folder = find_parts(source)
        return tuple(_file(source, part, folder.system) for part in folder.parts)
    if isinstance(source, Remote):
        system, path = open_file_system(source)
        return (_file(source, Part(path, source.called, int(system.size(path) or 0), {}), system),)
    return (_file(source, Part(str(source), source.name, source.stat().st_size, {}), None),)


def _file(source: Path | Remote, part: Part, system: Any) -> File:
    changed: float | None = None
    if system is None:
        changed = Path(part.path).stat().st_mtime
    elif hasattr(system, "modified"):
        try:
            changed = system.modified(part.path).timestamp()
        except (NotImplementedError, KeyError):  # a store that does not say
            changed = None
    return File(source, part.name, part.path, part.size, changed, tuple(part.keys.items()))
