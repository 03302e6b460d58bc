"""The records of a JSON file as rows of cells: as lists or JSON lines, and as pandas writes them."""

import json
import re
from collections.abc import Iterable
from typing import Any

from deploy.errors import DataError

Rows = list[list[str]]

BEGINS = re.compile(r"\s*(\[\s*[\[{\]]|\{\s*[\"}])")  # JSON, or a damaged file of it
COUNT = re.compile(r"\d+")
TIME = re.compile(r"-?\d[\d:T ./Z+-]*")  # a count or a time, as keys
MOST_DEPTH = SHOWN_NAMES = 5
EXPECTED = 'expected records, such as [{"date": "2024-01-31", "y": 1}, ...], or a list for each column'


def rows_of_json(name: str, content: bytes) -> tuple[Rows, bool]:
    """Return the names of the columns and the rows, and whether names are keys and no row of the file.

    Raises DataError for what is no table.
    """
    value = _parse(name, content)
    rows = _rows(value)
    if rows is None:
        raise DataError(f"{name}: is JSON with {_describe(value)}\n  {EXPECTED}")
    if len(rows) <= 1:
        raise DataError(f"{name}: is JSON without records")
    for place, called in enumerate(rows[0]):
        nested = next((row[place] for row in rows[1:] if isinstance(row[place], dict | list)), None)
        if nested is not None:
            kind = "an object" if isinstance(nested, dict) else "a list"
            raise DataError(
                f'{name}: is JSON whose column "{called}" holds {kind}: {json.dumps(nested)[:60]}\n'
                "  write a number or a text for each cell"
            )
    are_keys = not (isinstance(value, list) and isinstance(value[0], list))
    return [[_cell(cell) for cell in row] for row in rows], are_keys


def _parse(name: str, content: bytes) -> Any:
    """Return the value of JSON, of JSON lines a list; numbers are texts as they are written."""
    plain: dict[str, Any] = {"parse_int": str, "parse_float": str, "parse_constant": lambda _: None}
    try:
        return json.loads(content, **plain)
    except UnicodeDecodeError:
        raise DataError(f"{name}: is JSON, but not UTF-8\n  save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        whole = error
    except RecursionError:
        raise DataError(f"{name}: is JSON that is nested too deep\n  {EXPECTED}") from None
    lines = [line for line in content.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    try:
        return [json.loads(line, **plain) for line in lines]
    except (json.JSONDecodeError, RecursionError):
        raise DataError(f"{name}: is JSON, but not whole: {whole}") from None


def _rows(value: Any, depth: int = 0) -> list[list[Any]] | None:
    """Return the table in a value, or None: as it is, or within the only one of its parts that has one."""
    if not isinstance(value, dict | list):
        return None
    rows = _from_list(value) if isinstance(value, list) else _from_object(value)
    if rows is not None or depth == MOST_DEPTH:
        return rows
    parts = value.values() if isinstance(value, dict) else value
    found = [rows for part in parts if (rows := _rows(part, depth + 1))]
    return found[0] if len(found) == 1 else None


def _from_list(value: list[Any]) -> list[list[Any]] | None:
    if not value:
        return []
    if all(isinstance(record, dict) for record in value):
        names = list(dict.fromkeys(name for record in value for name in record))
        return [names, *([record.get(name) for name in names] for record in value)] if names else None
    if all(isinstance(row, list) for row in value):
        is_nested = _are_nested(cell for row in value for cell in row)
        return value if len(set(map(len, value))) == 1 and value[0] and not is_nested else None
    return None if _are_nested(value) else [["value"], *([cell] for cell in value)]


def _from_object(value: dict[str, Any]) -> list[list[Any]] | None:
    """Return the rows of an object in one of pandas' forms: split, table, columns or index."""
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list) and not _are_nested(columns):
        return _from_split(columns, data, value.get("index"))
    if "schema" in value and isinstance(data, list):
        return _without_count(_from_list(data))
    parts = list(value.values())
    if len(parts) > 1 and _are_columns(parts):
        return [list(value), *map(list, zip(*parts, strict=True))]
    if parts and all(isinstance(part, dict) and part and not _are_nested(part.values()) for part in parts):
        return _from_objects(value)
    is_series = len(parts) > 1 and not _are_nested(parts) and all(map(TIME.fullmatch, value))
    return [["index", "value"], *map(list, value.items())] if is_series else None


def _without_count(rows: list[list[Any]] | None) -> list[list[Any]] | None:
    """Return the rows without an index that only counts them."""
    if rows and rows[0][0] == "index" and _is_range([row[0] for row in rows[1:]]):
        return [row[1:] for row in rows]
    return rows


def _are_columns(parts: list[Any]) -> bool:
    """Return whether values are lists of one length, of cells."""
    are_lists = all(isinstance(part, list) and part and not _are_nested(part) for part in parts)
    return are_lists and len(set(map(len, parts))) == 1


def _from_split(columns: list[Any], data: list[Any], index: Any) -> list[list[Any]] | None:
    if not all(isinstance(row, list) and len(row) == len(columns) for row in data):
        return None
    if not isinstance(index, list) or len(index) != len(data) or _is_range(index) or _are_nested(index):
        return [columns, *data]
    return [["index", *columns], *([key, *row] for key, row in zip(index, data, strict=True))]


def _from_objects(value: dict[str, dict[str, Any]]) -> list[list[Any]]:
    """Return the rows of columns that are objects by the index, or of rows that are objects by the column."""
    keys = list(dict.fromkeys(key for part in value.values() for key in part))
    if all(map(TIME.fullmatch, keys)):
        index, names = keys, list(value)
        rows = [[value[name].get(key) for name in names] for key in keys]
    else:
        index, names = list(value), keys
        rows = [[part.get(name) for name in names] for part in value.values()]
    if _is_range(index):
        return [names, *rows]
    return [["index", *names], *([key, *row] for key, row in zip(index, rows, strict=True))]


def _is_range(index: list[Any]) -> bool:
    return [str(key) for key in index] == [str(number) for number in range(len(index))]


def _are_nested(cells: Iterable[Any]) -> bool:
    return any(isinstance(cell, dict | list) for cell in cells)


def _cell(value: Any) -> str:
    """Return the text of a cell, on one line."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(int(value))
    return " ".join(str(value).splitlines()) if "\n" in str(value) or "\r" in str(value) else str(value)


def _describe(value: Any) -> str:
    """Say what a value of JSON holds."""
    if value == {}:
        return "an empty object"
    if isinstance(value, dict):
        names = ", ".join(map(json.dumps, list(value)[:SHOWN_NAMES]))
        return f"an object of {names}{', ...' if len(value) > SHOWN_NAMES else ''}"
    if isinstance(value, list):
        kinds = dict.fromkeys(_kind(part) for part in value)
        return f"a list of {' and '.join(kinds)}"
    return f"nothing but {json.dumps(value)[:60]}"


def _kind(part: Any) -> str:
    return "objects" if isinstance(part, dict) else "lists" if isinstance(part, list) else "values"
