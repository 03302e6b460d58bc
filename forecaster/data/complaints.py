"""Complaints about data: what is wrong with which rows, and what to do, before anybody is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from deploy.errors import ConfigError, DataError, ForecasterError

Failure = TypeVar("Failure", bound=ForecasterError)


@dataclass(frozen=True)
class Option:
    """A setting of the section [data], which each audience writes in its own way."""

    name: str
    value: str = ""
    is_quoted: bool = False  # the value, on a command line; in Python all are but placeholders

    def __str__(self) -> str:
        value = f'"{self.value}"' if self.is_quoted else self.value
        return f"--{self.name.replace('_', '-')} {value}".rstrip()


Text: TypeAlias = str | Option | tuple[str | Option, ...]


@dataclass(eq=False)
class Complaint(Exception):  # noqa: N818 - it becomes an error once it is worded
    """Something that is wrong with data, with the rows that show it and what to do about it."""

    error: ClassVar[type[Exception]] = DataError

    found: Text  # what is wrong with the rows, or with the cells
    rows: NDArray[np.int64] | Sequence[int] = ()  # of the source, from 0
    remedy: Text = ""
    for_model: Text | None = None  # the remedy where a model was fitted already; None: the same
    column: str | None = None
    counted: str = ""  # "2 rows are off the grid": all rows are counted, and the first one is shown

    def __str__(self) -> str:
        return "".join(map(str, self.found)) if isinstance(self.found, tuple) else str(self.found)


@dataclass(eq=False)
class BadCells(Complaint):
    """Cells of one column that cannot be used; without a remedy they may be read as missing."""

    position: int = 0  # of the column in a row

    def __post_init__(self) -> None:
        self.counted = f"{len(self.rows)} such {'cell' if len(self.rows) == 1 else 'cells'}"


class Misfit(Complaint):
    """Something that was asked of data, and that they do not have."""

    error = ConfigError


def with_options(error: type[Failure], *text: str | Option) -> Failure:
    """Return an error that speaks to the command line, and that `speaking_to` words for others."""
    made = error("".join(map(str, text)))
    vars(made)["text"] = text
    return made
