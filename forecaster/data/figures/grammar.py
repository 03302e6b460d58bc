"""One cell as a number with what stands around it: signs, currencies, units, footnotes, limits."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from forecaster.data.figures.separators import Separators, find_separators
from forecaster.data.figures.suffixes import CURRENCIES, NO_SUFFIX, Suffix, read_suffix

MINUS, SPACES, APOSTROPHES = "−–—‒‐‑﹣－", "\u00a0\u2007\u2009\u202f\u2002\u2003\u200a\u3000", "’‘ʼ´`′"
_PLAIN = str.maketrans(
    {
        **dict.fromkeys(MINUS, "-"),
        **dict.fromkeys(SPACES, " "),
        **dict.fromkeys(APOSTROPHES, "'"),
        **dict.fromkeys("\u200b\u200e\u200f\ufeff\u2060", None),
        **{"＋": "+", "％": "%", "＄": "$", "≦": "≤", "≧": "≥"},
    }
)
_OF_EXCEL = re.compile(r"""=\"(.*)\"|'([-+]?\d.*)""")  # how spreadsheets write a number that is a text
# Digits with separators, then an exponent, then the rest.
_NUMBER = re.compile(
    r"(?P<before>\D*?)"
    r"(?P<digits>\d{1,3}(?:([ '])\d{3})(?:\3\d{3})*(?:[.,]\d+)?(?![\d.,' ]*\d)|[.,]?\d(?:[\d.,]*\d)?[.,]?)"
    r"(?P<exponent>[eE][+-]?\d+)?"
    r"(?P<after>\D.*)?",
    re.DOTALL,
)
_LIMIT = re.compile(r"<=|>=|[<>≤≥~≈]")
_NOTHING = re.compile(r"(?<=[.,])(-{1,2})(?!\d)")  # 12,- for 12,00
LONGEST = 40  # characters of a number with its unit


class Figure(NamedTuple):
    """A number as it is written: 1.234,50 in digits, and what stands around."""

    separators: Separators
    exponent: str = ""
    is_negative: bool = False
    is_plain: bool = True  # digits, one separator and a sign before them, and nothing else
    has_odd_minus: bool = False  # parentheses, a minus at the end or of another character
    currency: str = ""
    is_currency_first: bool = False
    limit: str = ""
    suffix: Suffix = NO_SUFFIX

    @property
    def unit(self) -> str:
        """Return what the number counts, as messages name it; "" where nothing is said."""
        return self.currency or self.suffix.currency or self.suffix.word

    def value(self, decimal: str) -> float:
        """Return the number. decimal: the decimal sign of the file."""
        number = float(self.separators.plain(decimal) + self.exponent) * self.suffix.factor
        if self.suffix.factor != 1:
            number = float(f"{number:.15g}")  # 1.1 million are 1100000, not 1100000.0000000001
        return -number if self.is_negative else number


def read_figure(text: str) -> Figure | None:
    """Return the number of a cell, None for a text that is none."""
    if len(text) > LONGEST:
        return None
    is_ascii = text.isascii()
    plain = (text if is_ascii else text.translate(_PLAIN)).strip()
    if plain[:1] in ("=", "'") and (found := _OF_EXCEL.fullmatch(plain)):
        plain = (found[1] or found[2]).strip()
    match = _NUMBER.fullmatch(_NOTHING.sub("", plain) if "-" in plain else plain)
    if match is None:
        return None
    signs, digits, after = match["before"], match["digits"], match["after"] or ""
    if digits[0] == "." and signs[-1:].isalpha():  # Rs.10
        signs, digits = f"{signs}.", digits[1:]
    before, separators = _read_before(signs), find_separators(digits)
    if before is None or separators is None:
        return None
    if before.is_open:
        head, closed, tail = after.partition(")")
        if not closed:
            return None
        after = head + tail
    ends = after[:1] == "-" and not before.has_sign
    suffix = read_suffix(after[1:] if ends else after)
    if (
        suffix is None
        or (ends and suffix.word not in ("", "%"))
        or (before.currency and suffix.currency and before.currency != suffix.currency)
    ):
        return None
    if before.currency:
        suffix = suffix.of_money()
    odd = before.is_open or ends or (not is_ascii and any(sign in text for sign in MINUS))
    return Figure(
        separators=separators,
        exponent=match["exponent"] or "",
        is_negative=before.is_open or ends or before.is_minus,
        is_plain=not (odd or after or before.currency or before.limit or before.footnote or plain != text)
        and separators.group in (",", ".", ""),
        has_odd_minus=odd,
        currency=before.currency,
        is_currency_first=bool(before.currency),
        limit=before.limit,
        suffix=suffix,
    )


@dataclass(frozen=True)
class _Before:
    """Signs in front of the digits."""

    is_open: bool = False
    has_sign: bool = False
    is_minus: bool = False
    currency: str = ""
    limit: str = ""
    footnote: str = ""


@lru_cache(maxsize=1 << 12)  # a column has few
def _read_before(text: str) -> _Before | None:
    """Return what stands before the digits, each at most once; None for anything else."""
    text = text.strip()
    if not text:
        return _Before()
    limit = footnote = ""
    if found := _LIMIT.match(text):
        limit, text = found[0], text[found.end() :].strip()
    if text[:1] in "*†‡" and text:
        footnote, text = text[0], text[1:].strip()
    is_open = text.count("(") == 1
    text = text.replace("(", "", 1)
    signs = [sign for sign in text if sign in "+-"]
    currency = text.replace("+", "").replace("-", "").strip()
    if len(signs) > 1 or (is_open and signs) or (currency and currency not in CURRENCIES):
        return None
    minus = signs == ["-"]
    return _Before(is_open, bool(signs), minus, CURRENCIES.get(currency, ""), limit, footnote)
