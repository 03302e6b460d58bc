"""Cells as numbers: those of a column of numbers, and answers such as yes and no."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.request.arrays import FLOAT32_END
from forecaster.data.figures.marks import as_answers
from forecaster.data.files.missing import without_usual
from forecaster.data.files.sheet import is_text, refuse_cells
from forecaster.data.notes import note
from forecaster.data.table import Texts


def read_numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return the cells as float64, NaN = missing: (rows,)."""
    column = frame[name]
    numbers: NDArray[np.float64]
    if is_text(column):
        texts = without_usual(Texts.of(column))
        answers = _read_answers(name, texts, both=False)
        if answers is not None:
            return answers
        parsed = pd.to_numeric(pd.Series([*texts.values, np.nan]), errors="coerce").to_numpy(np.float64)
        numbers = parsed[texts.codes]  # -1 is the last, NaN
        refuse_cells(frame, name, np.isnan(numbers) & (texts.codes >= 0), "is not a number")
    else:
        numbers = _as_floats(column)
    # fmax and fmin pass over NaN and need no array of their own.
    if max(np.fmax.reduce(numbers), -np.fmin.reduce(numbers)) >= FLOAT32_END:
        refuse_cells(frame, name, np.isinf(numbers), "is not finite")
        too_large = np.abs(numbers) >= FLOAT32_END
        refuse_cells(frame, name, too_large, "is beyond what 32-bit floating point holds")
    return numbers


def _as_floats(column: "pd.Series[str]") -> NDArray[np.float64]:
    numbers: NDArray[np.float64]
    try:
        numbers = column.to_numpy(dtype=np.float64)
    except OverflowError:  # whole numbers of more digits than a float has
        numbers = np.array([float(str(number)) for number in column], dtype=np.float64)
    return numbers


def find_answers(texts: dict[str, Texts]) -> dict[str, NDArray[np.float64]]:
    """Return the columns of yes and no as numbers, where there are no others."""
    found = {name: _read_answers(name, without_usual(column), both=True) for name, column in texts.items()}
    return {name: numbers for name, numbers in found.items() if numbers is not None}


def _read_answers(name: str, texts: Texts, *, both: bool) -> NDArray[np.float64] | None:
    """Return 1 and 0 for the texts yes and no; None for others. both: the two have to be there."""
    used = texts.values[np.unique(texts.codes[texts.codes >= 0])].tolist()
    answers = as_answers(used, both=both)
    if answers is None:
        return None
    said = ", ".join(f'"{text}" is read as {number:.0f}' for text, number in answers.items())
    note(f'column "{name}": {said}')
    places = np.array([*(answers.get(text, np.nan) for text in texts.values.tolist()), np.nan])
    numbers: NDArray[np.float64] = places[texts.codes]
    return numbers


def is_clean(column: "pd.Series[str]") -> bool:
    """Return whether all cells are numbers; of columns that nobody named, others are no reason to stop."""
    if not is_text(column):
        return True
    texts = without_usual(Texts.of(column))
    used = texts.values[np.unique(texts.codes[texts.codes >= 0])]
    return bool(pd.to_numeric(pd.Series(used), errors="coerce").notna().all())
