"""Who is told of a complaint, and the one place where it becomes the text of an error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Protocol

import numpy as np

from deploy.errors import DataError, ForecasterError
from forecaster.data.complaints import BadCells, Complaint, Option, Text

SHOWN_LINES = 3  # an error names this many lines
LOCATED_ROWS = 100  # and looks this many up, for the texts they hold
SHOWN_CHARACTERS = 160  # of a line, so that a row of a thousand cells stays one line
SHELL_SIGNS = set('"$`\\!')
WRITE_NUMBERS = "write such cells as plain numbers, such as 1234.5 or -1032, and leave missing ones empty"
PLACEHOLDERS = ("COLUMN", "FILE", "TEXT", "ZONE", "NAME")


class Audience:
    """A reader of errors: by default a user of the command line, which has the options of a fit."""

    def option(self, option: Option) -> str:
        """Write an option with its value, if it has one."""
        return str(option)

    def subject(self, option: Option) -> str:
        """Write an option that an error is about."""
        return self.option(option)

    def missing(self, texts: list[str]) -> str:
        """Write how texts are read as missing."""
        return " ".join(f"--na {_quote(text)}" for text in texts)

    def remedy(self, complaint: Complaint) -> Text:
        """Choose what this audience can do."""
        return complaint.remedy

    def error(self, complaint: Complaint, text: str) -> Exception:
        """Make the error of a text."""
        return complaint.error(text)

    def error_for_model(self, _complaint: Complaint, text: str) -> Exception:
        """Make the error of a text where a model was fitted: wrong are the data, and no option."""
        return DataError(text)


class PythonAudience(Audience):
    """A user of the class Forecaster, whose keywords are the options."""

    # What is no keyword in Python.
    FORMS: ClassVar = {
        "pretrained": "Forecaster.pretrained()",
        "sql": 'forecaster.Query("{value}",',
        "database": '"{value}")',
    }

    def option(self, option: Option) -> str:
        """Write a keyword with its value, if it has one, or what is none."""
        if option.name in self.FORMS:
            return str(self.FORMS[option.name]).format(value=option.value)
        bare = not option.value or (option.value in PLACEHOLDERS and not option.is_quoted)
        return f"{option.name}={option.value}" if bare else f'{option.name}="{option.value}"'

    def missing(self, texts: list[str]) -> str:
        """Write how texts are read as missing."""
        return f"na={texts if len(texts) > 1 else texts[0]!r}"


@dataclass(frozen=True)
class ModelAudience(Audience):
    """A user of a fitted model: the options of its fit are properties of it, which nothing overrules."""

    data: str  # what messages call the data
    caller: Audience  # who forecasts them

    PROPERTIES: ClassVar = {"step": "the step", "timezone": "the time zone"}

    def option(self, option: Option) -> str:
        """Write an option as the caller does."""
        return self.caller.option(option)

    def missing(self, texts: list[str]) -> str:
        """Write how texts are read as missing, as the caller does."""
        return self.caller.missing(texts)

    def subject(self, option: Option) -> str:
        """Write a property of the model, or a column that it takes."""
        value = f' "{option.value}"' if option.is_quoted else ""
        return self.PROPERTIES.get(option.name, "column") + value

    def remedy(self, complaint: Complaint) -> Text:
        """Choose what helps without the options of a fit."""
        return complaint.remedy if complaint.for_model is None else complaint.for_model

    def error(self, complaint: Complaint, text: str) -> Exception:
        """Make the error of a text: what does not fit the model is wrong with the data."""
        if complaint.error is not DataError:
            text = f"{self.data} is not like the data that the model was trained on: {text}"
        return self.caller.error_for_model(complaint, text)


COMMAND_LINE, PYTHON = Audience(), PythonAudience()


@dataclass(frozen=True)
class Record:
    """A record of a text file: its first line's number from 1, that line's text, and the cells.

    Of a table without lines: the row's number from 0, and its cells as text.
    """

    line: int
    text: str
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        """Return whether it is an empty line, or one of spaces only."""
        return not any(cell.strip() for cell in self.cells) and len(self.cells) < 2


class Places(Protocol):
    """Data as errors point into them."""

    @property
    def name(self) -> str:
        """Return how messages call them."""

    @property
    def unit(self) -> str:
        """Return what a place in them is called: line or row."""

    def find(self, rows: set[int]) -> Iterator[Record]:
        """Find the records of some rows of the table, numbered from 0."""

    def where(self, place: Record) -> str:
        """Name a place, as an arrow points to it."""


def word(complaint: Complaint, source: Places, audience: Audience) -> Exception:
    """Return the error that says a complaint to an audience, with places in the source."""
    rows = np.sort(np.asarray(complaint.rows, dtype=np.int64))
    wanted = set(rows[:LOCATED_ROWS].tolist())
    places = list(islice(source.find(wanted), len(wanted))) if wanted else []
    head = join(complaint.found, audience.subject)
    remedy = join(audience.remedy(complaint), audience.option)
    if isinstance(complaint, BadCells):
        cells = [place.cells[complaint.position] if place.cells else "" for place in places]
        texts = list(dict.fromkeys(cells))
        head = (f'"{texts[0]}" ' if texts[0] else "an empty cell ") + head
        remedy = remedy or _read_as_missing(texts, audience)
    if complaint.column is not None:
        head = f'column "{complaint.column}": {head}'
    if complaint.counted:
        remedy = f"{complaint.counted} ({name_places(source, places, len(rows))}); {remedy}"
        places = places[:1]
    return audience.error(complaint, lines(head, point_at(source, places), remedy))


@contextmanager
def speaking_to(audience: Audience) -> Iterator[None]:
    """Word the options of errors from with_options for an audience. Raises them with the new text."""
    try:
        yield
    except ForecasterError as error:
        if (text := vars(error).get("text")) is None:
            raise
        raise type(error)(join(text, audience.option)) from None


def join(text: Text, write: Callable[[Option], str]) -> str:
    """Return a text with its options written."""
    parts = text if isinstance(text, tuple) else (text,)
    return "".join(write(part) if isinstance(part, Option) else part for part in parts)


def lines(head: str, arrows: str = "", remedy: str = "") -> str:
    """Return the text of an error: what is wrong, where, and, indented, what to do."""
    return "\n".join(part for part in (head, arrows, remedy and f"  {remedy}") if part)


def point_at(source: Places, places: list[Record]) -> str:
    """Return an arrow to each of the places, and what the line says."""
    return "\n".join(f"  --> {source.where(place)}    {_shorten(place.text)}" for place in places)


def name_places(source: Places, places: list[Record], count: int) -> str:
    """Name the lines of the first of `count` places: "line 4" or "lines 4, 8, 9, ..."."""
    numbers = ", ".join(str(place.line) for place in places[:SHOWN_LINES])
    more = ", ..." if count > SHOWN_LINES else ""
    return f"{source.unit}{'' if count == 1 else 's'} {numbers}{more}"


def _shorten(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + " ..."


def _read_as_missing(texts: list[str], audience: Audience) -> str:
    """Return how to read these texts as missing; those with digits are rather to be written as numbers."""
    if any(map(_is_misspelt, texts)):
        return WRITE_NUMBERS
    if len(texts) > SHOWN_LINES:
        return f"{audience.option(Option('na', 'TEXT'))}, once for each text, reads them as missing"
    return f"{audience.missing(texts)} reads {'it' if len(texts) == 1 else 'them'} as missing"


def _is_misspelt(text: str) -> bool:
    """Return whether a text holds digits and is no number that is only too large."""
    if not any(map(str.isdecimal, text)):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def _quote(text: str) -> str:
    """Quote a text as a shell takes it, which would change some signs between double quotes."""
    return f"'{text}'" if SHELL_SIGNS & set(text) and "'" not in text else f'"{text}"'
