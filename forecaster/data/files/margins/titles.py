"""Lines above the first row: which is the header, and which are titles and units."""

import re
from dataclasses import dataclass, replace

from deploy.cells import plain_cell
from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data.audience import Record, lines, point_at
from forecaster.data.complaints import Complaint, Option
from forecaster.data.files.dialect import FIGURES
from forecaster.data.files.margins.body import HAS_DIGITS, HAS_LETTERS, RULE, Body, shape_of
from forecaster.data.files.margins.skipping import note_lines, skip
from forecaster.data.files.missing import USUAL
from forecaster.data.files.records import TextFile

WIDTH = re.compile(r"\d{1,3}[snd]")  # of a column of the United States' hydrologists, and its type
MOST_NAMED, LEAST_CODE = 3, 4  # columns of numbers that are called by numbers; letters and digits of a code
MOST_ABOVE = 2  # one record above the rows is the header
UNITS = re.compile(
    r"[\[({].*[\])}]|.{0,2}[%°€$£].{0,4}|[kKMGTmµc]?(Wh?|Pa|bar|[glmAVJN])|deg ?[CFK]?|[CFK]|EUR|USD|GBP|"
    r"units?|utc|(k?m|mm|cm)(/h|/s|/d|³|3|²|2)?|m\^?[23](/s)?|hpa|ppm|pcs|number|count|index|date|datetime|"
    r"timestamp|text|string|float(64|32)?|int(64|32)?|n/?a|-",
    re.IGNORECASE,
)
TIME_NAME = re.compile(
    r"(date|time|datetime|timestamp|year|month|week|quarter|day|hour|period|ds|datum|zeit|jahr|monat|woche|"
    r"tag|quartal|mois|ann[ée]e|jour|semaine|fecha|mes|a[ñn]o|data|ora|anno|mese|giorno)\b.*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Head:
    """The records at the beginning of a file, without comments and blank lines, and what rows are like."""

    records: list[Record]
    body: Body | None
    begin: int  # the line of the first one, or of one of empty cells above it

    @property
    def cells(self) -> list[list[str]]:
        """Return the cells of each record."""
        return [record.cells for record in self.records]


def without_titles(file: TextFile, head: Head, asked: Asked) -> TextFile:
    """Return the file without what stands above the header, and between it and the first row.

    Raises DataError or a Complaint where no line is certain to be the header.
    """
    header, first = _find_header(file, head, asked)
    if header is None:
        return _with_joined_header(file, head, first)
    above, between = head.records[:header], head.records[header + 1 : first]
    of = f"above the header, {file.unit} {head.records[header].line}, and"
    note_lines(file, above, (f"stands {of} is skipped", f"stand {of} are skipped"))
    if head.begin < head.records[header].line:
        file = skip(file, file.start, head.records[header].line)
    if not _are_units(between, head.body):
        return file
    of = "between the header and the first row, as units do, and"
    note_lines(file, between, (f"stands {of} is skipped", f"stand {of} are skipped"))
    return skip(file, between[0].line, head.records[first].line)


def _are_units(records: list[Record], body: Body | None) -> bool:
    """Return whether records below the header hold words and no numbers, so that they are no rows."""
    if body is None or not records:
        return False
    lead = body.lead or 0
    is_row = any(
        body.has_numbers(record.cells) or HAS_DIGITS.search(_cell(record, lead))
        for record in records
        if not _is_rule(record)
    )
    return not is_row and all(_has_words(record.cells) or _is_rule(record) for record in records)


def _is_rule(record: Record) -> bool:
    """Return whether a record is a drawn line, perhaps a piece below each name, or widths: 5s, 14n."""
    pieces = [cell.strip() for cell in record.cells if cell.strip()]
    return bool(pieces) and any(all(map(kind.fullmatch, pieces)) for kind in (RULE, WIDTH))


def _cell(record: Record, place: int) -> str:
    return record.cells[place] if place < len(record.cells) else ""


def _find_header(file: TextFile, head: Head, asked: Asked) -> tuple[int | None, int]:
    """Return which record is the header, and which is the first row; None where no record is clearly so."""
    records, body = head.records, head.body
    named = (asked.named - set(asked.series)) if asked.is_complete else asked.named
    rows = [body is not None and body.is_row(record.cells) for record in records]
    pairs = zip(rows, [*rows[1:], True], strict=True)
    first = next((place for place, both in enumerate(pairs) if all(both)), 0)
    for place, record in enumerate(records):
        if named and named <= {plain_cell(cell.strip()) for cell in record.cells}:
            return place, max(first, place + 1)
    if body is None:
        return 0, 1
    if first == 0 and _is_values(records[0].cells, body):
        refuse_values(file, records[0])
    if body.lead is None:
        return _find_wide(head.cells, body)
    if first < MOST_ABOVE:
        return 0, first or 1
    if _names_index(records[first - 1].cells, body):
        return None, first
    whole = [place for place in range(first) if _is_names(records[place].cells, body)]
    if len(whole) < MOST_ABOVE:
        return (whole[0] if whole else None), first
    return _choose(file, head, whole, body.lead), first


def _choose(file: TextFile, head: Head, whole: list[int], lead: int) -> int:
    """Return which of several records is the header. lead: the place of the column that leads the rows.

    Raises DataError where nothing tells.
    """
    records = [head.records[place] for place in whole]
    timed = [place for place in whole if TIME_NAME.fullmatch(head.records[place].cells[lead].strip())]
    if len(timed) == 1:
        return timed[0]
    last, above = records[-1], records[:-1]
    units = [cell.strip() for cell in last.cells]
    if sum(UNITS.fullmatch(cell) is not None for cell in units) * 2 >= len(units):
        return whole[-2]
    is_apart = last.line > above[-1].line + 1
    if is_apart or len(above) > 1 or all(record.cells[0].strip().endswith(":") for record in above):
        return whole[-1]
    raise DataError(
        lines(
            "two lines may be the header",
            point_at(file, records),
            f"delete {file.unit} {above[0].line} if it is a title, or {last.line} if it holds units",
        )
    )


def _is_names(cells: list[str], body: Body) -> bool:
    """Return whether a record could name the columns."""
    names = [cell.strip() for cell in cells]
    lacking = names.count("")
    return (
        len(names) == body.width
        and lacking < 2
        and len(set(names)) == len(names)
        and not HAS_DIGITS.search(names[body.lead or 0])
        and not (lacking and len(names) == 2)
    )


def _names_index(cells: list[str], body: Body) -> bool:
    """Return whether a record only names the time, as pandas writes it below columns of several levels."""
    lead = body.lead or 0
    called = cells[lead].strip() if len(cells) == body.width else ""
    return bool(TIME_NAME.fullmatch(called)) and not any(cells[:lead] + cells[lead + 1 :])


def _find_wide(records: list[list[str]], body: Body) -> tuple[int, int]:
    """Return the header and the first row where no column leads: the first record as wide as the rows.

    A row below a header that lacks one name is none.
    """
    wide = next((place for place, cells in enumerate(records) if _is_wide(cells, body.width)), 0)
    lacks_one = len(records[0]) == body.width - 1 and body.has_numbers(records[wide])
    place = 0 if lacks_one or len(records[0]) > body.width else wide
    return place, place + 1


def _is_wide(cells: list[str], width: int) -> bool:
    return len(cells) == width and sum(bool(cell.strip()) for cell in cells) * 2 > width


def _is_values(cells: list[str], body: Body) -> bool:
    """Return whether the first record is a row as the others are."""
    figures = [cells[place].strip() for place in body.figures]
    if not all(cell in USUAL or not cell or FIGURES.fullmatch(cell) for cell in figures):
        return False
    is_known = bool(body.texts) and bool(body.figures) and len(cells) == body.width
    is_known = is_known and all(cells[place].strip() in texts for place, texts in body.texts.items())
    return body.is_time or is_known or (len(figures) >= MOST_NAMED and _is_code(cells, body))


def _is_code(cells: list[str], body: Body) -> bool:
    """Return whether a record has a text of the shape that all texts of its column have: CN010010."""
    shapes = {place: {shape_of(text) for text in texts} for place, texts in body.texts.items()}
    if body.lead is not None:
        shapes[body.lead] = set(body.shapes)
    for place, found in shapes.items():
        cell = cells[place].strip() if place < len(cells) else ""
        is_mixed = len(cell) >= LEAST_CODE and HAS_DIGITS.search(cell) and HAS_LETTERS.search(cell)
        if is_mixed and found == {shape_of(cell)}:
            return True
    return False


def _has_words(cells: list[str]) -> bool:
    return any(HAS_LETTERS.search(cell) and cell.strip() not in USUAL for cell in cells)


def _with_joined_header(file: TextFile, head: Head, first: int) -> TextFile:
    """Return the file with the names that several records above the rows make up together."""
    body, above = head.body, [r for r in head.records[:first] if not RULE.fullmatch(r.text.strip())]
    if body is None or not above or any(len(record.cells) != body.width for record in above):
        return file
    levels = [[cell.strip() for cell in record.cells] for record in above]
    if any(body.has_numbers(cells) for cells in levels):
        return file
    lead = body.lead or 0
    called = next((cells[lead] for cells in reversed(levels) if cells[lead]), "")
    telling = [
        cells for cells in map(_filled, levels) if len(set(cells[:lead] + cells[lead + 1 :])) > 1
    ] or levels[:1]
    names = [
        called
        if place == lead
        else " ".join(dict.fromkeys(cells[place] for cells in telling if cells[place]))
        for place in range(body.width)
    ]
    if len(set(names)) < len(names) or not all(names):
        return file
    note_lines(file, above, ("", f"are read as one header: {', '.join(names)}"))
    return replace(skip(file, file.start, head.records[first].line), names=tuple(names))


def _filled(cells: list[str]) -> list[str]:
    """Return the cells with those that were joined with the one before: North, , South, ."""
    filled: list[str] = []
    for place, cell in enumerate(cells):
        filled.append(cell or (filled[-1] if place > 1 else ""))
    return filled


def refuse_values(file: TextFile, head: Record) -> None:
    """Raise a Complaint that a record stands in place of the header."""
    found = f'the header holds values, such as "{head.cells[0].strip()}", expected the names of the columns'
    above = f"write the names above {file.unit} {head.line}"
    option = Option("no_header")
    raise Complaint(
        lines(found, point_at(file, [head])),
        remedy=(f"{above}, or read the file with ", option, ", which calls the columns c1, c2, ..."),
        for_model=above,
    )
