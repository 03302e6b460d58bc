"""The rows of a frame or of a table of Arrow as a source: what messages call them, and what finds them.

A file of text needs no narwhals, which frames.py stands on; so what tells the two apart stands here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from zoneinfo import available_timezones

import pandas as pd

from forecaster.data.audience import Record
from forecaster.data.table import BLOCK_ROWS

if TYPE_CHECKING:
    import narwhals as nw
    from narwhals.typing import IntoFrame

    Frame: TypeAlias = IntoFrame | pd.Series
else:
    Frame = object  # what is none is refused when it is read

Types: TypeAlias = dict[str, Any]  # column -> a type of narwhals, or pandas' type of periods


class Columns(Protocol):
    """The columns of a table, of which some rows at a time are looked at."""

    @property
    def columns(self) -> list[str]:
        """Return their names."""

    @property
    def schema(self) -> Mapping[str, Any]:
        """Return their types by name."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def blocks(self, name: str) -> "Iterator[nw.Series[Any]]":
        """Yield the rows of a column, so many at a time that copies of them take little memory."""


@dataclass
class FrameColumns:
    """The columns of a frame that is in memory."""

    frame: "nw.DataFrame[Any]"

    @property
    def columns(self) -> list[str]:
        """Return their names."""
        return self.frame.columns

    @property
    def schema(self) -> Mapping[str, Any]:
        """Return their types by name."""
        return self.frame.schema

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.frame)

    def blocks(self, name: str) -> "Iterator[nw.Series[Any]]":
        """Yield the rows of a column, so many at a time that copies of them take little memory."""
        for begin in range(0, max(len(self), 1), BLOCK_ROWS):
            yield self.frame[name][begin : begin + BLOCK_ROWS]


@dataclass
class Rows:
    """A table without lines: errors name its rows, from 0."""

    columns: Columns
    called: str | None = None  # by messages; None: a frame
    cells: pd.DataFrame = field(default_factory=pd.DataFrame)  # once they were read

    @property
    def name(self) -> str:
        """Return how messages call it."""
        return self.called or "the frame"

    @property
    def unit(self) -> str:
        """Return row, since there are no lines."""
        return "row"

    def find(self, rows: set[int]) -> Iterator[Record]:
        """Find some rows, each with its cells as text."""
        for row in sorted(rows):
            cells = ["" if pd.isna(cell) else str(cell) for cell in self.cells.iloc[row]]
            yield Record(row, ", ".join(cells), cells)

    def where(self, place: Record) -> str:
        """Name a row, after the name of a file."""
        return f"{self.called}, row {place.line}" if self.called else f"row {place.line}"

    @property
    def zones(self) -> dict[str, str]:
        """Return the time zones of columns of times whose UTC offset may change, by their names."""
        found = ((name, getattr(kind, "time_zone", None)) for name, kind in self.columns.schema.items())
        zones = {name.strip(): zone for name, zone in found if zone not in (None, "UTC")}
        known = available_timezones() if zones else set()
        return {name: zone for name, zone in zones.items() if zone in known}
