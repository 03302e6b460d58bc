"""A column of texts as numbers: which of its texts are, and what the words after them mean together."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.figures.grammar import Figure, read_figure
from forecaster.data.figures.marks import is_mark
from forecaster.data.figures.separators import Separators, find_separators, told_signs
from forecaster.data.figures.suffixes import LETTERS
from forecaster.data.files.missing import USUAL
from forecaster.data.files.sheet import NUMBER_SHARE
from forecaster.data.table import Texts

SAMPLE = 1000  # cells, to tell a column of numbers from one of words; and numbers, to see their separators
NEARLY_ALL = 0.9  # of the cells have a unit that is not known as one
LEAST_VARIED = 10  # distinct numbers of such a unit
UNCLEAR_MONEY = ("USD", "GBP", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN")  # $1,234 are thousands


@dataclass(frozen=True)
class Written:
    """The distinct texts of a column, and what each one is."""

    name: str
    texts: Texts
    counts: NDArray[np.int64]  # (distinct,) cells
    numbers: NDArray[np.float64]  # (distinct,) of plain numbers; NaN
    figures: dict[int, Figure]  # of other numbers, by their place among the distinct texts
    marks: NDArray[np.bool_]  # (distinct,) signs that mean missing
    usual: NDArray[np.bool_]  # (distinct,) the usual texts that do

    @classmethod
    def of(cls, name: str, texts: Texts, decimal: str) -> "Written":
        """Read each distinct text. decimal: the sign of the file, as far as it is known."""
        values = texts.values.tolist()
        counts = np.bincount(texts.codes[texts.codes >= 0], minlength=len(values))
        usual = np.array([text in USUAL for text in values], dtype=np.bool_)
        numbers = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy(np.float64).copy()
        numbers[usual] = np.nan
        if decimal == ",":  # 1.234 are thousands
            numbers[["." in text for text in values]] = np.nan
        marks = np.zeros(len(values), dtype=np.bool_)
        figures: dict[int, Figure] = {}
        for place in np.flatnonzero(np.isnan(numbers) & ~usual & (counts > 0)).tolist():
            figure = read_figure(values[place])
            if figure is None:
                marks[place] = is_mark(values[place])
            else:
                figures[place] = figure
        return cls(name, texts, counts, numbers, figures, marks, usual)

    @cached_property
    def bad(self) -> NDArray[np.int64]:
        """Return the places of texts that are no numbers."""
        found = ~np.isnan(self.numbers) | self.marks | self.usual | (self.counts == 0)
        found[list(self.figures)] = True
        return np.flatnonzero(~found)

    @property
    def plain_share(self) -> float:
        """Return the share of cells that are numbers without words, of those that are not missing."""
        present = self.counts[~self.usual].sum()
        plain = self.counts[~np.isnan(self.numbers)].sum()
        plain += sum(self.counts[place] for place, figure in self.figures.items() if figure.is_plain)
        return float(plain / max(1, present))

    def separators(self) -> Iterator[Separators]:
        """Return the separators of the numbers, of many plain ones the first."""
        yield from (figure.separators for figure in self.figures.values())
        plain = np.flatnonzero(~np.isnan(self.numbers))[:SAMPLE]
        digits = (str(self.texts.values[place]).strip().lstrip("+-") for place in plain)
        yield from filter(None, map(find_separators, digits))

    def tells(self) -> set[str]:
        """Return the decimal signs that the column is clear about, of which a file has one."""
        told = told_signs(self.separators())
        is_money = any(
            figure.separators.unclear == "," and figure.is_currency_first and figure.currency in UNCLEAR_MONEY
            for figure in self.figures.values()
        )
        return told | {"."} if is_money else told

    def values(self, decimal: str) -> NDArray[np.float64]:
        """Return the numbers of all texts, NaN = missing: (distinct,)."""
        values = self.numbers.copy()
        for place, figure in self.figures.items():
            values[place] = figure.value(decimal)
        return values

    def wrong_signs(self, decimal: str) -> list[int]:
        """Return the places of numbers that have another decimal sign than the file."""
        return [
            place for place, figure in self.figures.items() if figure.separators.tells not in ("", decimal)
        ]

    def unclear(self, decimal: str) -> list[int]:
        """Return the places of numbers that are thousands only if the file has this decimal sign."""
        signs = ((place, figure.separators.unclear) for place, figure in self.figures.items())
        return [place for place, sign in signs if sign not in ("", decimal)]

    def cells(self, places: list[int] | NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which rows hold one of some texts: (rows,)."""
        chosen = np.zeros(len(self.counts) + 1, dtype=np.bool_)  # a missing one, -1, is the last
        chosen[np.asarray(places, dtype=np.int64)] = True
        rows: NDArray[np.bool_] = chosen[self.texts.codes]
        return rows


def is_mostly_numbers(texts: Texts) -> bool:
    """Return whether most cells of a column (from a sample) are numbers in one form or another."""
    codes = texts.codes[:: max(1, len(texts.codes) // SAMPLE)]
    codes = codes[codes >= 0]
    if not len(codes):
        codes = texts.codes[texts.codes >= 0][:SAMPLE]
    places, counts = np.unique(codes, return_counts=True)
    found = others = 0
    for text, count in zip(texts.values[places].tolist(), counts.tolist(), strict=True):
        is_usual = text in USUAL
        if not is_usual and any(map(str.isdecimal, text)) and read_figure(text) is not None:
            found += count
        elif not is_usual and not is_mark(text):
            others += count
        if others > (1 - NUMBER_SHARE) * len(codes):  # whatever the rest of them are
            return False
    return found > 0 and found >= NUMBER_SHARE * (found + others)


@dataclass(frozen=True)
class Units:
    """The meaning of the words after the numbers of a column, together."""

    units: tuple[str, ...]  # distinct, most frequent first; more than one is a mistake
    footnotes: frozenset[int]  # places of numbers with letters or signs that are no unit
    is_known: bool = True  # people write it, or nearly all cells have it
    unclear: str = ""  # a letter that may multiply or not

    def unit_of(self, figure: Figure) -> str:
        """Return the unit of a number, as `units` has it."""
        return _same_unit(figure.unit)

    @classmethod
    def of(cls, written: Written) -> "Units":
        """Find the unit of a column."""
        weights = {place: int(written.counts[place]) for place in written.figures}
        bare = int(written.counts[~np.isnan(written.numbers)].sum())
        words: dict[str, int] = {}
        letters: dict[str, list[int]] = {}
        footnotes = {place for place, figure in written.figures.items() if figure.suffix.footnote}
        for place, figure in written.figures.items():
            unit = _same_unit(figure.unit)
            if not unit and not figure.suffix.multiplier:
                bare += weights[place]
            elif unit and figure.suffix.is_letters and not figure.suffix.multiplier:
                letters.setdefault(unit, []).append(place)
            if unit:
                words[unit] = words.get(unit, 0) + weights[place]
        multiplies = any(figure.suffix.multiplier for figure in written.figures.values())
        unclear = next((letter for letter in LETTERS if letter in letters and multiplies), "")
        known = {unit for unit, of in letters.items() if all(written.figures[p].suffix.is_unit for p in of)}
        several = len(letters) > 1 and known != set(letters)
        for unit, places in letters.items():
            if not unclear and (several or (bare and words[unit] < bare)):
                footnotes.update(places)
                del words[unit]
        units = tuple(sorted(words, key=lambda unit: -words[unit]))
        if units == ("%",) and _has_fractions(written):
            units = ("%", "no unit")
        return cls(units, frozenset(footnotes), _is_known(written, units, words), unclear)


def _is_known(written: Written, units: tuple[str, ...], cells: dict[str, int]) -> bool:
    figures = written.figures.values()
    words = [figure.suffix for figure in figures if figure.suffix.word and not figure.suffix.is_unit]
    unknown = {_same_unit(suffix.word) for suffix in words} & set(units)
    if not unknown:
        return True
    total = int(written.counts[~written.usual & ~written.marks].sum())
    return (
        len(units) == 1
        and cells[units[0]] >= NEARLY_ALL * total
        and len(written.figures) >= LEAST_VARIED
        and not len(written.bad)
    )


def _has_fractions(written: Written) -> bool:
    """Return whether some cells without a percent sign may be 0.12 for 12%."""
    bare = [number for number in written.numbers.tolist() if number and abs(number) < 1]
    return bool(bare) and any(
        abs(figure.value(".")) > 1 for figure in written.figures.values() if figure.unit == "%"
    )


def _same_unit(unit: str) -> str:
    """Return a unit as messages compare it: days and day are one."""
    plain = unit.replace("º", "°")
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") else plain
