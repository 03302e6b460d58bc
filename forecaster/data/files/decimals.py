"""Numbers with a decimal comma or with thousands separators, in the columns that pandas left as texts."""

import pandas as pd

from forecaster.data.files.dialect import Dialect
from forecaster.data.files.missing import USUAL
from forecaster.data.files.sheet import NUMBER_SHARE, is_text, refuse_cells

SAMPLE_CELLS = 1000  # enough to tell a column of numbers from one of words
_NAMES = {",": "comma", ".": "point"}
_SIGN = r"[+-]?"
_ANY_NUMBER = rf"{_SIGN}(\d*[.,]?\d+|\d+[.,]|\d{{1,3}}([.,]\d{{3}})+([.,]\d+)?)([eE]{_SIGN}\d+)?"


def lacks_decimal_comma(frame: pd.DataFrame, dialect: Dialect, texts: set[str]) -> bool:
    """Return whether a file that was read with decimal points has a column of decimal commas after all."""
    if dialect.delimiter == "," or dialect.decimal == ",":
        return False
    for name in _number_columns(frame, texts):
        cells = pd.Series(frame[name].dropna().unique())
        if not _clearly_grouped(cells, ".").any() and (_plain(cells, ",") & ~_ambiguous(cells, ".")).any():
            return True
    return False


def settle_decimals(frame: pd.DataFrame, dialect: Dialect, texts: set[str]) -> pd.DataFrame:
    """Return the frame with every number in the form 1234.5. texts: columns that are no numbers.

    Thousands separators are read where some cell of the column is clear about them. Raises a Complaint for
    cells with the other decimal sign, and for those that may be 1.234 or 1234.
    """
    settled = {name: _settle(frame, name, dialect) for name in _number_columns(frame, texts)}
    return frame.assign(**settled) if settled else frame


def _settle(frame: pd.DataFrame, name: str, dialect: Dialect) -> "pd.Series[str]":
    column, decimal = frame[name].astype("str"), dialect.decimal
    column = column.mask(column.isin(USUAL))
    other = "," if decimal == "." else "."
    has_groups = bool(_clearly_grouped(column, decimal).any())
    if has_groups:
        grouped = _matches(column, rf"{_SIGN}\d{{1,3}}(\{other}\d{{3}})+(\{decimal}\d+)?")
        column = column.where(~grouped, column.str.replace(other, "", regex=False))
    foreign = _plain(column, other) & ~_plain(column, decimal)
    unclear = foreign & _ambiguous(column, decimal)
    remedy = f"expected a decimal {_NAMES[decimal]}"
    if dialect.delimiter == ",":
        remedy = 'write 1.5 for 1,5, or separate the cells with ";"'
    refuse_cells(frame, name, (foreign & ~unclear).to_numpy(), f"has a decimal {_NAMES[other]}", remedy)
    refuse_cells(
        frame,
        name,
        unclear.to_numpy(),
        f"is unclear: the {_NAMES[other]} may mark decimals or thousands",
        "write numbers without thousands separators",
    )
    if decimal == ",":
        column = column.where(~_plain(column, ","), column.str.replace(",", ".", regex=False))
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().equals(column.notna()) else column


def _number_columns(frame: pd.DataFrame, texts: set[str]) -> list[str]:
    """Return columns of text of which most cells (from a sample) are numbers in one form or another."""
    names = []
    for name in frame.columns:
        if name not in texts and is_text(frame[name]):
            sample = frame[name].iloc[:: max(1, len(frame) // SAMPLE_CELLS)].dropna()
            if sample.empty:
                sample = frame[name].dropna().iloc[:SAMPLE_CELLS]
            sample = sample[~sample.isin(USUAL)]
            if _matches(sample, _ANY_NUMBER).mean() >= NUMBER_SHARE:
                names.append(name)
    return names


def _plain(cells: "pd.Series[str]", decimal: str) -> "pd.Series[bool]":
    """Return whether each is a number without thousands separators."""
    return _matches(cells, rf"{_SIGN}(\d+\{decimal}?\d*|\{decimal}\d+)([eE]{_SIGN}\d+)?")


def _ambiguous(cells: "pd.Series[str]", decimal: str) -> "pd.Series[bool]":
    """Return whether each reads as thousands or, in the other form, as decimals: 1.234."""
    other = "," if decimal == "." else "."
    return _matches(cells, rf"{_SIGN}[1-9]\d{{0,2}}\{other}\d{{3}}")


def _clearly_grouped(cells: "pd.Series[str]", decimal: str) -> "pd.Series[bool]":
    """Return whether each has thousands separators that can be nothing else: 1.234.567 or 1.234,5."""
    other = "," if decimal == "." else "."
    return _matches(cells, rf"{_SIGN}\d{{1,3}}((\{other}\d{{3}}){{2,}}|(\{other}\d{{3}})+\{decimal}\d+)")


def _matches(cells: "pd.Series[str]", pattern: str) -> "pd.Series[bool]":
    return cells.astype("str").str.fullmatch(pattern).fillna(False).astype(bool)
