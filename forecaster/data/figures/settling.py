"""The cells of data with every number as a number: one decimal sign for all, one unit for a column."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.columns import Columns
from forecaster.config import Asked
from forecaster.data.complaints import BadCells, Text
from forecaster.data.figures.marks import as_answers
from forecaster.data.figures.readings import Units, Written, is_mostly_numbers
from forecaster.data.figures.remarks import LeftOut, Remark, describe, say_remarks
from forecaster.data.figures.separators import NAMES
from forecaster.data.files.dialect import Dialect
from forecaster.data.files.records import TextFile
from forecaster.data.files.sheet import NUMBER_SHARE, text_columns
from forecaster.data.files.source import Source, read_cells
from forecaster.data.notes import note
from forecaster.data.table import Table, Texts, changing_rows, sort_table
from forecaster.data.times.timestamps import looks_like_timestamps

SEEN_ROWS = 100_000  # of columns of numbers, to see whether any has decimals
SHAPES = "write numbers without thousands separators"
ONE_UNIT = "write all numbers of the column in one unit, or without units"


@dataclass(frozen=True)
class Figures:
    """Columns that pandas left as texts and that are numbers, and what is to be said of them."""

    remarks: dict[str, list[Remark]] = field(default_factory=dict)  # of the columns that were read
    left_out: dict[str, LeftOut] = field(default_factory=dict)  # columns of digits that were not
    with_words: set[str] = field(default_factory=set)  # of those that were read, the ones with signs or units
    decimal: str = ""  # the sign that decided what 1,234 is, or a comma

    def refuse_left_out(self) -> None:
        """Raise the complaint about a column that was left out, where there is nothing else to forecast."""
        for left_out in self.left_out.values():
            raise left_out.complaint

    def categories(self, table: Table, series: tuple[str, ...], asked: Asked) -> tuple[str, ...]:
        """Return the columns that are constant in each series, such as sizes of 500 g: they stay texts."""
        taken = {*series, *asked.named}
        free = [name for name in self.with_words if name in table.numbers and name not in taken]
        if not free or not series or asked.is_complete:
            return ()
        rows = sort_table(table, series)
        return tuple(name for name in free if len(rows.lengths) > 1 and not changing_rows(rows, name).size)

    def say(self, columns: Columns, *, is_named: bool) -> None:
        """Add the notes of the columns that are taken as numbers, and of those that are left out.

        is_named: what to forecast was named, and may be all that is wanted.
        """
        other = {*columns.ignored, *columns.series, *columns.categories, *dict(columns.time_parts)}
        remarks = {name: said for name, said in self.remarks.items() if name not in other}
        left_out = {} if is_named else {n: each for n, each in self.left_out.items() if n in columns.ignored}
        say_remarks(remarks, left_out.values())


@dataclass(frozen=True)
class _Decimal:
    """The decimal sign of data."""

    sign: str
    is_told: bool  # by some number, so that 1,234 elsewhere is clear
    between: str = ""  # the delimiter of cells


def read_figures(source: Source, asked: Asked) -> tuple[pd.DataFrame, Figures]:
    """Return the cells, in which numbers with signs and units are numbers.

    Raises DataError, or a Complaint for cells of an asked column that are no numbers, for cells with the
    other decimal sign, and for those that may be 1.234 or 1234.
    """
    frame = read_cells(source, asked)
    dialect = source.dialect if isinstance(source, TextFile) else Dialect()
    decimal = _Decimal(dialect.decimal, is_told=True, between=dialect.delimiter)
    written = _find_columns(frame, asked, decimal.sign)
    if decimal.sign == ".":
        decimal = _find_decimal(frame, written, decimal, asked.likely_decimal)
        if decimal.sign == ",":
            if dialect.delimiter == ",":
                _note_commas(written)
            if isinstance(source, TextFile):
                frame = read_cells(replace(source, dialect=replace(dialect, decimal=",")), asked)
            written = _find_columns(frame, asked, ",")
        elif dialect.unclear:
            note(f'{source.name}: the point in "{dialect.unclear}" is read as a decimal point')
    decides = decimal.sign == "," or any(each.unclear(".") for each in written)
    figures = Figures(decimal=decimal.sign if decides else "")
    columns = {each.name: _read_column(frame, each, decimal, asked, figures) for each in written}
    if not isinstance(
        source, TextFile
    ):  # strings of a frame that are plain numbers may be a time, such as 2024
        columns = {name: column for name, column in columns.items() if figures.remarks.get(name) != []}
    return (frame.assign(**columns) if columns else frame), figures


def _find_decimal(frame: pd.DataFrame, written: list[Written], decimal: _Decimal, likely: str) -> _Decimal:
    """Return the decimal sign, a point unless all that tell say otherwise. likely: where nothing tells."""
    told = {sign for each in written for sign in each.tells()}
    is_unclear = any(each.unclear(".") for each in written)
    if (told or {likely}) == {","} and not _has_points(frame):
        return replace(decimal, sign=",", is_told=True)
    is_told = "." in (*told, likely) or (is_unclear and _has_points(frame))
    return replace(decimal, is_told=is_told)


def _note_commas(written: list[Written]) -> None:
    """Say that commas mark decimals though they also separate cells, or in texts of a frame."""
    for each in written:
        for place, figure in each.figures.items():
            if figure.separators.tells == ",":
                text, number = each.texts.values[place], figure.value(",")
                note(f'column "{each.name}": "{text}" is read as {number:.15g}: commas mark decimals')
                return


def _find_columns(frame: pd.DataFrame, asked: Asked, decimal: str) -> list[Written]:
    """Return the columns of texts that are mostly numbers, or have to be."""
    texts = asked.texts | ({str(frame.columns[0])} if asked.layout == "rows" and not asked.series else set())
    found = []
    for name in text_columns(frame):
        if name in texts or name == asked.time or not asked.may_use(name):
            continue
        column = Texts.of(frame[name])
        if name in asked.numbers:
            if as_answers(column.values.tolist(), both=False) is None:
                found.append(Written.of(name, column, decimal))
        elif is_mostly_numbers(column):
            written = Written.of(name, column, decimal)
            is_clear = written.plain_share >= NUMBER_SHARE and written.tells() <= {decimal}
            if is_clear or not looks_like_timestamps(frame[name]):  # 01.2010 among decimal commas is a month
                found.append(written)
    return found


def _has_points(frame: pd.DataFrame) -> bool:
    """Return whether some column of numbers has decimals, and not three each, which may be thousands."""
    for name in frame.columns:
        if frame[name].dtype.kind == "f":
            column = np.abs(frame[name].to_numpy()[:SEEN_ROWS])
            decimals = column[column % 1 != 0]
            thousandths = np.abs(decimals * 1000 - np.round(decimals * 1000)) < 1e-6 * decimals * 1000
            hundredths = np.abs(decimals * 100 - np.round(decimals * 100)) < 1e-6 * decimals * 100
            if len(decimals) and (hundredths.all() or not thousandths.all() or (decimals > 1000).any()):
                return True
    return False


def _read_column(
    frame: pd.DataFrame, written: Written, decimal: _Decimal, asked: Asked, figures: Figures
) -> "pd.Series[float] | pd.Categorical":
    """Return a column as numbers, or as texts where some are none. Raises BadCells."""
    name, is_asked = written.name, written.name in asked.numbers
    _refuse_wrong_signs(frame, written, decimal)
    units = Units.of(written)
    wrong = _find_wrong(frame, written, units, is_asked=is_asked)
    if wrong is not None:
        is_number = written.plain_share >= NUMBER_SHARE
        if is_asked or (is_number and not len(written.bad) and not asked.target):
            raise wrong.complaint
        figures.left_out[name] = wrong
        if not is_number or not len(written.bad):
            return frame[name]
    values = written.values(decimal.sign)
    if wrong is not None:  # a column of numbers with mistakes
        places = {place: f"{values[place]:.17g}" for place in written.figures}
        texts = [places.get(place, text) for place, text in enumerate(written.texts.values.tolist())]
        return pd.Series(
            np.array([*texts, None], dtype=object)[written.texts.codes], frame.index, dtype="str"
        )
    if written.plain_share < NUMBER_SHARE:
        figures.with_words.add(name)
    figures.remarks[name] = describe(written, units, values, decimal.sign)
    cells = np.append(values, np.nan)[written.texts.codes]
    is_whole = bool((cells % 1 == 0).all()) and bool((np.abs(cells) < 2.0**53).all())
    return pd.Series(cells.astype(np.int64) if is_whole else cells, frame.index)


def _refuse_wrong_signs(frame: pd.DataFrame, written: Written, decimal: _Decimal) -> None:
    """Raise BadCells for numbers with the other decimal sign, and for 1,234 where nothing tells."""
    other = {",": ".", ".": ","}[decimal.sign]
    if wrong := written.wrong_signs(decimal.sign):
        found = f"has a decimal {NAMES[other]}"
        if not written.figures[wrong[0]].separators.decimal:
            found = f"has {NAMES[decimal.sign]}s between thousands"
        raise _bad(frame, written, wrong, found, _expected(decimal))
    unclear = [] if decimal.is_told else written.unclear(decimal.sign)
    if unclear:
        found = f"is unclear: the {NAMES[other]} may mark decimals or thousands"
        raise _bad(frame, written, unclear, found, SHAPES)


def _expected(decimal: _Decimal) -> str:
    if decimal.sign == "." and decimal.between == ",":
        return 'write 1.5 for 1,5, or separate the cells with ";"'
    return f"expected a decimal {NAMES[decimal.sign]}"


def _find_wrong(frame: pd.DataFrame, written: Written, units: Units, *, is_asked: bool) -> LeftOut | None:
    """Return the complaint about a column that is not all numbers of one unit; None for one that is."""
    figures = written.figures
    remedy = ONE_UNIT
    if units.unclear:
        bad = [place for place, figure in figures.items() if figure.suffix.word == units.unclear]
        found = f'is unclear: "{units.unclear}" may be a unit, or multiply as others of the column do'
        remedy = "write numbers without letters: 1200000 for 1.2M"
    elif len(units.units) > 1:
        most, other = units.units[:2]
        bad = [place for place, figure in figures.items() if units.unit_of(figure) == other] or list(figures)
        found = f"is of another unit than the rest of the column: {most} and {other}"
    elif not units.is_known and not is_asked:
        bad = [place for place, figure in figures.items() if figure.suffix.word]
        found = "is no number with a unit that is known"
    elif len(written.bad):
        # A sign that means missing among numbers alone is a text like others here.
        bad = [*written.bad.tolist(), *np.flatnonzero(written.marks).tolist()]
        found, remedy = "is not a number", ""
    else:
        return None
    return LeftOut(_bad(frame, written, bad, found, remedy), str(written.texts.values[bad[0]]))


def _bad(
    frame: pd.DataFrame,
    written: Written,
    places: list[int] | NDArray[np.int64],
    found: str,
    remedy: Text = "",
) -> BadCells:
    rows = frame.index.to_numpy()[written.cells(places)]
    position = list(frame.columns).index(written.name)
    return BadCells(found, rows, remedy, column=written.name, position=position)
