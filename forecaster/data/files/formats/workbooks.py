"""The cells of a sheet of a workbook: Excel's, old and new, and OpenDocument's."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

from deploy import ExtraMissingError
from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data.complaints import Option, with_options
from forecaster.data.notes import infer

Rows = list[list[str]]

LEAST_ROWS = 2  # with figures, of a table
HAS_DIGITS = re.compile(r"\d")
EXACT = 2**53  # below it every whole float is the number that was meant


def rows_of_sheet(path: Path, asked: Asked) -> Rows:
    """Return the rows of the sheet that is asked for, or of the first one with figures, with a note.

    Empty columns at the sides are left out, empty rows are kept, so that a row has its number.
    Raises DataError, ExtraMissingError, ConfigError for a sheet that there is not.
    """
    workbook = _open(path)
    names = workbook.sheet_names
    if asked.sheet is not None:
        if asked.sheet not in names:
            there = ", ".join(f'"{name}"' for name in names)
            option = Option("sheet", asked.sheet, is_quoted=True)
            raise with_options(ConfigError, option, f": no such sheet; sheets: {there}")
        return _read(path, workbook, asked.sheet)
    sheets = {name: rows for name in names if (rows := _read(path, workbook, name))}
    if not sheets:
        raise DataError(f"{path.name}: the workbook has no cells")
    named = asked.named - set(asked.series) if asked.is_complete else asked.named
    fitting = [name for name, rows in sheets.items() if any(named <= {*map(str.strip, row)} for row in rows)]
    tables = [name for name, rows in sheets.items() if sum(map(_has_figures, rows)) >= LEAST_ROWS]
    chosen = next(iter(fitting if named and fitting else tables or sheets))
    if len(sheets) > 1:
        others = ", ".join(f'"{name}"' for name in sheets if name != chosen)
        said = f'{path.name}: the sheet "{chosen}" is read, and not {others}; '
        infer(said, Option("sheet", "NAME"), alternative="reads another")
    return sheets[chosen]


def _open(path: Path) -> Any:
    try:
        import python_calamine
    except ModuleNotFoundError as error:
        if error.name != "python_calamine":
            raise
        raise ExtraMissingError(
            f"{path.name} is a workbook, and python-calamine is not installed; "
            "install the extra: pip install 'lstm-forecaster[train,cpu,excel]', or save the sheet as CSV"
        ) from None
    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except (python_calamine.CalamineError, OSError) as error:
        found = f"{path.name}: is no workbook that can be read: {error}"
        raise DataError(f"{found}\n  save the sheet as CSV") from error


def _read(path: Path, workbook: Any, name: str) -> Rows:
    """Return the rows of a sheet from its first row on, up to the last one with a cell."""
    import python_calamine

    try:
        cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise DataError(f'{path.name}: the sheet "{name}" cannot be read: {error}') from error
    rows = [[_write(cell) for cell in row] for row in cells]
    while rows and not any(rows[-1]):
        rows.pop()
    used = [place for row in rows for place, cell in enumerate(row) if cell]
    return [row[min(used) : max(used) + 1] for row in rows] if used else []


def _has_figures(row: list[str]) -> bool:
    return sum(map(bool, row)) > 1 and any(map(HAS_DIGITS.search, row))


def _write(cell: Any) -> str:
    """Return a cell as a text file would have it, on one line."""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT else repr(cell)
    if isinstance(cell, dt.datetime):
        whole = (cell + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
        return whole.isoformat(sep=" ") if whole.time() != dt.time() else whole.date().isoformat()
    return " ".join(str(cell).splitlines()) if cell is not None else ""
