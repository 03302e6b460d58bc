"""Read a file or a data frame into a panel of ragged series.

In: data, and what is asked of them. Out: a Panel, or an error. May import: forecaster.config, deploy.

    read            the stages from data to a panel; it catches complaints, once
    tabulating      cells as a table: its shape, one column of times, its columns
    complaints      what is wrong with which rows, and what to do
    notes           what was inferred though something else was plausible
    audience        the texts of errors: for a command line, for Python, for the user of a model
    columns         the columns that are asked for, against those that there are
    number_time     the column of numbers that are dates, as texts
    table           rows with every cell of its type, sorted by series and time
    row_times       the times of these rows, as codes where they share them
    in_parts        large files into prepared panels
    understood      the facts of a panel, for people and for JSON
    files/          bytes and frames to cells
    figures/        texts to numbers: currencies, units, thousands, footnotes
    spelling/       the words and numbers of dates
    times/          texts to moments and back
    joining/        a time that is split over columns
    across/         times across the columns
    prepared/       panels on disk
    understand/     which column is what, and rows onto the grid
    panel/          many series as flat arrays, and what is computed from these
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deploy.columns import Columns
    from deploy.errors import ConfigError, DataError, ExtraMissingError, InputError
    from forecaster.data.audience import Audience
    from forecaster.data.files.library import Library, types_of, with_types
    from forecaster.data.files.rows import Frame, Types
    from forecaster.data.files.source import Data, called, name_of, record_of
    from forecaster.data.panel.panel import Panel
    from forecaster.data.read import read_data, read_for_model
    from forecaster.data.understood import Understood

__all__ = [
    "Audience",
    "Columns",
    "ConfigError",
    "Data",
    "DataError",
    "ExtraMissingError",
    "Frame",
    "InputError",
    "Library",
    "Panel",
    "Types",
    "Understood",
    "called",
    "name_of",
    "read_data",
    "read_for_model",
    "record_of",
    "types_of",
    "with_types",
]

_DATA = "forecaster.data"
_PLACES = {
    **{"Columns": "deploy.columns", "Audience": f"{_DATA}.audience", "Panel": f"{_DATA}.panel.panel"},
    **dict.fromkeys(("ConfigError", "DataError", "ExtraMissingError", "InputError"), "deploy.errors"),
    **dict.fromkeys(("Library", "types_of", "with_types"), f"{_DATA}.files.library"),
    **dict.fromkeys(("Frame", "Types"), f"{_DATA}.files.rows"),
    **dict.fromkeys(("Data", "called", "name_of", "record_of"), f"{_DATA}.files.source"),
    **dict.fromkeys(("read_data", "read_for_model"), f"{_DATA}.read"),
    "Understood": f"{_DATA}.understood",
}


def __getattr__(name: str) -> Any:
    """Return a public name, with all that it needs, when it is first asked for: a file needs no narwhals."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
