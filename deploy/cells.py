"""Texts as cells of a CSV that no spreadsheet takes for formulas, and back."""

import re

# A spreadsheet may skip these before a formula: controls, spaces, what has no width, and quotes.
_SKIPPED = r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff'\"]*"
_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"  # in full width, too
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![^;\t\r\n])"
# A spreadsheet whose cells end at a semicolon finds more of them in one of ours.
_BEGIN = r"(?:^|(?<=[;\t\r\n]))"
_CONTROL, _FORMULA = rf"(?={_SKIPPED}[\x00-\x1f])", rf"(?!{_NUMBER})(?={_SKIPPED}{_SIGN})"
_UNSAFE = re.compile(rf"^{_CONTROL}|{_BEGIN}{_FORMULA}")
_SAFE = re.compile(rf"^'{_CONTROL}|{_BEGIN}'{_FORMULA}")


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; numbers stay numbers.

    A single quote comes before each place where one would begin: a cell that begins with a tab, a line end or
    one of = + - @, also in full width or after spaces and quotes. Source: OWASP, CSV Injection.
    """
    return text if text.isalnum() else _UNSAFE.sub("'", text)  # letters and digits begin no formula


def plain_cell(cell: str) -> str:
    """Return the text that safe_cell made a cell of; a cell that it did not change stays."""
    return _SAFE.sub("", cell) if "'" in cell else cell
