"""Texts that mean missing: in any column the empty one and those that were named, among numbers more."""

from dataclasses import replace

import numpy as np

from forecaster.data.table import Table, Texts

# What R, pandas, SQL, Excel and C write for a number that is missing. As an id it is a text: NA is Namibia.
USUAL = frozenset(
    (
        *("#N/A", "#N/A N/A", "#NA", "<NA>", "N/A", "NA", "n/a", "NULL", "null", "None"),
        "\\N",
        *("NaN", "nan", "-NaN", "-nan", "1.#IND", "1.#QNAN", "-1.#IND", "-1.#QNAN"),
    )
)


def missing_texts(names: list[str], words: set[str], na: list[str]) -> dict[str | int, list[str]]:
    """Return the texts that mean missing in each column.

    words: columns that are no numbers; na: texts that were named.
    """
    texts: dict[str | int, list[str]] = {len(names): [""]}  # what stands after a delimiter at the end
    return texts | {name: ["", *na] if name in words else ["", *USUAL, *na] for name in names}


def without_usual(column: Texts) -> Texts:
    """Return the column with the usual texts for a missing number as missing."""
    is_usual = np.array([text in USUAL for text in column.values.tolist()], dtype=np.bool_)
    if not is_usual.any():
        return column
    codes = np.arange(len(is_usual) + 1)
    codes[:-1][is_usual] = -1
    codes[-1] = -1  # that of a missing text
    return replace(column, codes=codes.astype(column.codes.dtype)[column.codes])


def without_usual_categories(table: Table, series: tuple[str, ...]) -> Table:
    """Return the table with the usual texts as missing in all columns of texts but the keys of series."""
    texts = {
        name: column if name in series else without_usual(column) for name, column in table.texts.items()
    }
    return replace(table, texts=texts)
