"""The rows of a table, as far as they are alike: what tells them from the lines around them."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import dropwhile, takewhile
from typing import Self

import pandas as pd

from forecaster.data.files.dialect import COMMENT, FIGURES
from forecaster.data.files.missing import USUAL
from forecaster.data.times.timestamps import looks_like_timestamps

NEARLY_ALL = 0.75  # of the records have the width of the rows
UNIT_LETTERS = 3
LEAST_ROWS = 3  # below titles
SAMPLE_CELLS = 4_000  # of the head of a file
HAS_DIGITS, HAS_LETTERS = re.compile(r"\d"), re.compile(r"[^\W\d_]")
WHOLE = re.compile(r"[-+]?\d+")
# How the last row of a spreadsheet begins that sums up the others, in several languages.
TOTAL = re.compile(
    r"((grand|sub)[ -]?)?total(e|es|s)?\b|sum(me|a)?\b|gesamt|insgesamt|ensemble\b|somme\b|average\b|avg\b|"
    r"mean\b|durchschnitt|mittel(wert)?\b|moyenne|media\b|promedio|media?n\b|min(imum)?\b|max(imum)?\b|std\b|count\b|"
    r"合计|总计|合計|总和",
    re.IGNORECASE,
)
REMARK = re.compile(
    r"source|note|quelle|hinweis|anmerkung|fuente|fonte|nota\b|remar|last updated|updated|data from|"
    r"downloaded|copyright|©|\(c\)|\*|\(\d+ (rows?|lines?)|figures?\b|stand\b|released?\b|generated|"
    r"exported|end of",
    re.IGNORECASE,
)
RULE = re.compile(r"[-=_+*|: ]{3,}")  # a line drawn with signs


@dataclass(frozen=True)
class Body:
    """The columns of a table's rows."""

    width: int
    lead: int | None  # the column of times, or a first column of numbers: no row lacks it
    is_time: bool  # the lead holds texts that are timestamps
    figures: tuple[int, ...]  # other columns of numbers
    shapes: frozenset[str]  # of the lead's cells
    texts: dict[int, frozenset[str]]  # the cells of all other columns

    @classmethod
    def of(cls, records: list[list[str]]) -> Self | None:
        """Describe the rows among the records of a file's head; None where no two columns are seen."""
        rows = _find_rows(records)
        if not rows:
            return None  # the reader names what does not fit
        width = len(rows[0])
        rows = rows[-max(5, SAMPLE_CELLS // width) :]
        columns = [[cell.strip() for cell in column] for column in zip(*rows, strict=True)]
        numbers = tuple(place for place, column in enumerate(columns) if _are_figures(column))
        time = next((place for place, column in enumerate(columns) if _are_times(column)), None)
        lead = time if time is not None else 0 if 0 in numbers and all(columns[0]) else None
        figures = tuple(place for place in numbers if place != lead)
        like = [cells for cells in records[1:] if len(cells) == width and not is_remark(cells)]
        return cls(
            width=width,
            lead=lead,
            is_time=time is not None,
            figures=figures,
            shapes=frozenset(map(shape_of, columns[lead])) if lead is not None else frozenset(),
            texts={
                place: frozenset(cells[place].strip() for cells in like)
                for place in range(width)
                if place not in (lead, *figures)
            },
        )

    def is_row(self, cells: list[str]) -> bool:
        """Return whether a record has the width of the rows, and in the lead what they have."""
        if len(cells) != self.width:
            return False
        if self.lead is None:
            return any(_is_figure(cells[place]) for place in self.figures)
        return self.leads(cells[self.lead].strip())

    def leads(self, cell: str) -> bool:
        """Return whether a cell is one of the lead."""
        if not self.is_time:
            return FIGURES.fullmatch(cell) is not None
        return bool(cell) and (shape_of(cell) in self.shapes or _are_times([cell]))

    def has_numbers(self, cells: list[str]) -> bool:
        """Return whether any cell is a number where the rows have numbers."""
        return any(FIGURES.fullmatch(cells[place].strip()) for place in self.figures if place < len(cells))


def _find_rows(records: list[list[str]]) -> list[list[str]]:
    """Return those of the second half of the records that are rows of one width, or the last ones that are.

    A header that is repeated is none, nor are titles: rows have figures.
    """
    half = len(records) // 2
    seen = {tuple(cells) for cells in records[:half]}
    below = [cells for cells in records[half:] if not is_remark(cells) and not _is_again(cells, seen)]
    while below and (not _has_figures(below[-1]) or len(below[-1]) == 1 < len(below[0])):
        below.pop()
    has_titles = bool(below) and not _has_figures(below[0])
    below = list(dropwhile(lambda cells: not _has_figures(cells), below))
    widths = Counter(len(cells) for cells in below if len(cells) > 1)
    if not widths:
        return []
    width, count = widths.most_common(1)[0]
    rows = [cells for cells in below if len(cells) == width]
    if count >= NEARLY_ALL * len(below) and sum(map(_has_figures, rows)) >= NEARLY_ALL * len(rows):
        return rows
    last = len(below[-1])
    run = list(takewhile(lambda cells: len(cells) == last and _has_figures(cells), reversed(below)))[::-1]
    return run if len(run) >= LEAST_ROWS and last > 1 and has_titles else []


def _is_again(cells: list[str], seen: set[tuple[str, ...]]) -> bool:
    return tuple(cells) in seen and not any(FIGURES.fullmatch(cell.strip()) for cell in cells)


def _has_figures(cells: list[str]) -> bool:
    return any(map(_is_figure, cells))


def _is_figure(cell: str) -> bool:
    """Return whether a cell is a number, perhaps with a sign of a currency or a unit: $10.50, 96 km."""
    if FIGURES.fullmatch(cell.strip()):
        return True
    return bool(HAS_DIGITS.search(cell)) and len(HAS_LETTERS.findall(cell)) <= UNIT_LETTERS


def is_remark(cells: list[str]) -> bool:
    """Return whether a record begins as a comment, a total or a source does, or is a drawn line."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return bool(COMMENT.match(first) or TOTAL.match(first) or REMARK.match(first) or RULE.fullmatch(first))


def shape_of(cell: str) -> str:
    """Return a text with 9 for digits and a for letters."""
    return HAS_LETTERS.sub("a", HAS_DIGITS.sub("9", cell))


def _are_figures(column: list[str]) -> bool:
    present = [cell for cell in column if cell and cell not in USUAL]
    return bool(present) and sum(map(_is_figure, present)) > 0.8 * len(present)


def _are_times(column: list[str]) -> bool:
    first = next((cell for cell in column if cell), "")
    if not HAS_DIGITS.search(first) or _is_number(first):
        return False
    return looks_like_timestamps(pd.Series(column, dtype="str"))


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
