"""How a CSV is written, as far as it has to be known to read it in blocks."""

import csv
from dataclasses import dataclass
from typing import Any, Self

import pyarrow as pa
import pyarrow.csv

from ...errors import DataError
from ..roles import Roles

BLOCK = 1 << 22  # bytes
DELIMITERS = ",;\t|"
# Directives that the parser of times reads; forms with others are read as texts, in ISO 8601.
DIRECTIVES = frozenset("YmdHMSyjfBbAapIT%")
HEADER_BYTES = 1 << 16


@dataclass(frozen=True)
class CsvForm:
    """The form of a CSV with a header, in UTF-8."""

    delimiter: str
    decimal: str
    types: tuple[tuple[str, pa.DataType], ...]  # of the columns that are read
    time_format: str | None  # of strptime; None: ISO 8601, or numbers

    @classmethod
    def of(cls, name: str, place: Any, roles: Roles) -> Self:
        """Return the form by the header and the model; ids stay the texts that they are.

        Raises DataError, ConfigError.
        """
        with pa.input_stream(place) as file:
            head = file.read(HEADER_BYTES).decode("utf-8-sig", errors="replace").splitlines()
        if not head:
            raise DataError(f"{name} is empty")
        delimiter = max(DELIMITERS, key=head[0].count)
        header = next(csv.reader([head[0]], delimiter=delimiter))
        columns = roles.manifest.columns
        written = columns.time_format
        is_known = bool(written) and {part[:1] for part in written.split("%")[1:]} <= DIRECTIVES
        time_format = written if is_known and not written.startswith("%Y-%m-%d") else None
        types: dict[str, pa.DataType] = dict.fromkeys(roles.numbers, pa.float64())
        types |= dict.fromkeys(roles.manifest.static, pa.float64())
        types |= dict.fromkeys((*roles.manifest.vocabularies, *roles.ids), pa.string())
        if roles.time:
            counts = not roles.manifest.time_step.has_calendar or written.startswith("%s")
            stamp = pa.int64() if counts else pa.timestamp("s") if time_format else pa.string()
            types[roles.time] = stamp
        form = cls(delimiter, columns.decimal or ".", tuple(types.items()), time_format)
        roles.check(pa.schema([pa.field(column, types.get(column, pa.null())) for column in header]))
        return form

    def open(self, place: Any) -> pa.csv.CSVStreamingReader:
        """Return a reader of the columns, a block at a time."""
        return pyarrow.csv.open_csv(
            place,
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=BLOCK),
            parse_options=pyarrow.csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict(self.types),
                include_columns=[name for name, _ in self.types],
                decimal_point=self.decimal,
                strings_can_be_null=False,
                timestamp_parsers=[self.time_format] if self.time_format else None,
            ),
        )
