"""Decimal signs and thousands separators among the digits of a number, and what a file says of them."""

import re
from collections.abc import Iterable
from typing import NamedTuple

NAMES = {",": "comma", ".": "point"}
_GROUPED = re.compile(r"\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}")
_WITHOUT_DIGITS = str.maketrans("", "", "0123456789")
_UNCLEAR = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


class Separators(NamedTuple):
    """Digits, and the separators between them."""

    digits: str
    decimal: str = ""  # comma or point; "": none is seen
    group: str = ""
    unclear: str = ""  # the one separator of 1,234, which may be either

    @property
    def tells(self) -> str:
        """Return the decimal sign that a file with this number has; "" where any would do."""
        other = {",": ".", ".": ","}
        return self.decimal or other.get(self.group, "")

    def plain(self, decimal: str) -> str:
        """Return the number with a decimal point and without groups. decimal: the sign of the file."""
        text = self.digits
        if self.group:
            text = text.replace(self.group, "")
        if self.unclear and self.unclear != decimal:
            return text.replace(self.unclear, "")
        return text.replace(",", ".")


def find_separators(digits: str) -> Separators | None:
    """Return the separators among digits; None where they separate no number: 1.2.3, 12,34.

    Groups are of three digits, or as in India 12,34,567.
    """
    if digits.isdecimal():
        return Separators(digits)
    signs = digits.translate(_WITHOUT_DIGITS)
    kinds = list(dict.fromkeys(signs))
    last = kinds[-1]
    if len(kinds) == 1 and len(signs) == 1 and last in ",.":
        is_unclear = _UNCLEAR.fullmatch(digits) is not None
        return Separators(digits, unclear=last) if is_unclear else Separators(digits, decimal=last)
    whole = digits
    decimal = ""
    if len(kinds) == 2 and signs.count(last) == 1 and last in ",.":
        whole, decimal = digits[: digits.index(last)], last
    is_grouped = _GROUPED.fullmatch(whole) or _INDIAN.fullmatch(whole)
    if len(kinds) > 2 or not is_grouped or (len(kinds) == 2 and not decimal):
        return None
    return Separators(digits, decimal, kinds[0])


def told_signs(separators: Iterable[Separators]) -> set[str]:
    """Return the decimal signs that numbers of a file are clear about."""
    return {sign for each in separators if (sign := each.tells)}
