"""Values under several columns as one array, and what the column of them is called."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.figures.marks import is_mark
from forecaster.data.files.sheet import is_text
from forecaster.data.table import Texts
from forecaster.data.understand.number_cells import read_numbers

VALUE = "value"  # what the target is called where its values stand under several columns


def read_values(frame: pd.DataFrame, columns: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the cells of columns as numbers, NaN = missing: (rows, columns).

    Raises a Complaint for cells that are no numbers.
    """
    return np.stack([_read_column(frame, name) for name in columns], axis=1)


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, or one that no column has."""
    return name if name not in taken else f"{name} of the series"


def _read_column(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return a column as numbers; one of nothing but signs for missing numbers is empty."""
    column = frame[name]
    if is_text(column) and all(map(is_mark, Texts.of(column.dropna()).values.tolist())):
        return np.full(len(frame), np.nan)
    return read_numbers(frame, name)
