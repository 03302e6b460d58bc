"""A form is how timestamps are written: a strftime format that reads texts and writes them back unchanged.

Apart from strftime's directives there are
    %q           the quarter, %[half]q the half of the year; %s seconds since 1970; %g a short year of weeks
    %-d          a day without its leading zero, likewise %-m, %-H, %-I, %-V, %-y; %e with a blank
    %o           a day as 1st, 2nd; %[fr]o as 1er, 2
    %^b, %_b     a month as JAN and jan; %[de]b in German, as vocabulary.py says; weekdays (%a, %A) alike
    %P           am, pm; %[.]p A.M., P.M., and %[.]P a.m., p.m.
    %[24]H       hours of which the last is 24:00, the end of its day
    %[+1]y       two digits of the year after, %[+1]Y four: of 2018/19
    %z           UTC offsets: +0100; %:z +01:00, %:::z +01, and %[CET/CEST]Z the names of both
    %[excel]     and more for numbers that measure time, in spelling/measures.py
    %+1h(FORM)   the end of an interval of that length: of months, d, h, min and s, such as %+1month-1d(FORM)
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy.errors import ConfigError
from forecaster.data.spelling.fields import LENGTH, Fields, ends_of, field_of, to_seconds
from forecaster.data.spelling.vocabulary import ORDINALS, words_of
from forecaster.data.times.offsets import (
    HOURS,
    OFFSETS,
    is_offset,
    offset_pattern,
    read_offsets,
    write_offsets,
)

Letters = NDArray[np.uint32]  # (texts, width) code points, 0 after the end

INDEX = "index"  # the "form" of timestamps that are plain counts
DIGITS = {
    **{
        "Y": 4,
        "y": 2,
        "m": 2,
        "d": 2,
        "H": 2,
        "I": 2,
        "M": 2,
        "S": 2,
        "q": 1,
        "G": 4,
        "g": 2,
        "V": 2,
        "u": 1,
        "j": 3,
    },
    **{"[24]H": 2, "[half]q": 1, "[+1]y": 2, "[+1]Y": 4},
}
MAY_BE_SHORT = ("m", "d", "H", "I", "V", "[24]H")
KNOWN = (*DIGITS, "e", *ORDINALS, "b", "B", "a", "A", "p", "P", *OFFSETS, "[CET/CEST]Z", "+1h(FORM)")
DIRECTIVE = re.compile(r"%(\+[^()%]*\(.*\)|[-^_]?(?:\[[^\]]*\])?[A-Za-z]|:z|:::z|%)")
SHORTENED = re.compile(r"(?<!%[A-Za-z\]])%((?:\[24\])?[mdHIV])(?!%)")


@dataclass(frozen=True)
class Form:
    """A time format, taken apart."""

    directives: tuple[str, ...]  # without %
    pattern: re.Pattern[str]  # of a text in which every digit is a 9; one group for each directive
    template: str  # for the % operator; one field for each directive

    def read(self, letters: Letters, shape: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return seconds and whether the calendar has them, both (texts,), of texts that all have this shape.

        shape: a text in which every digit is a 9, that the pattern matches.
        """
        match = self.pattern.fullmatch(shape)
        if match is None:
            raise ValueError(f"{shape} is not of the form {self.template}")
        fields: Fields = {}
        as_said = np.ones(len(letters), dtype=np.bool_)  # of what says again what the date says
        for number, directive in enumerate(self.directives, start=1):
            begin, end = match.span(number)
            if is_offset(directive) or directive.startswith("+"):
                continue
            if words := words_of(directive):
                fields[_name(directive)] = np.full(len(letters), words.index(match[number]) + 1)
                continue
            if directive in ORDINALS:
                end = begin + match[number].count("9")
            value = _number(letters[:, begin:end])
            if directive == "e":
                as_said &= letters[:, begin] != ord("0")
            if directive in ORDINALS:
                as_said &= _suffixes(value, directive) == match[number].lstrip("9")
            fields[_name(directive)] = value
        seconds, valid = to_seconds(fields, len(letters))
        for number, directive in enumerate(self.directives, start=1):
            if directive.startswith("+"):
                written = np.array(_write_end(seconds, directive))
                as_said &= written == as_texts(letters[:, slice(*match.span(number))])
        return seconds, valid & as_said

    def read_offsets(self, letters: Letters, shape: str) -> NDArray[np.int64]:
        """Return the seconds ahead of UTC of texts as in `read`, (texts,); 0 for a form without them."""
        written = [number for number, name in enumerate(self.directives, start=1) if is_offset(name)]
        match = self.pattern.fullmatch(shape)
        if not written or match is None:
            return np.zeros(len(letters), dtype=np.int64)
        texts = as_texts(letters[:, slice(*match.span(written[0]))])
        return read_offsets(texts, self.directives[written[0] - 1])

    def write(self, seconds: NDArray[np.int64], offsets: NDArray[np.int64] | None = None) -> list[str]:
        """Return the text of each timestamp. seconds: (texts,) of the wall clock.

        offsets: (texts,) ahead of UTC.
        """
        day = seconds
        if any(directive.endswith("[24]H") for directive in self.directives):
            day = seconds - (seconds % 86400 == 0)  # midnight is the end of the day before
        columns = [
            write_offsets(np.zeros_like(seconds) if offsets is None else offsets, directive)
            if is_offset(directive)
            else _write_end(seconds, directive)
            if directive.startswith("+")
            else _field(seconds if directive[-1] in "HIMSpP" else day, directive)
            for directive in self.directives
        ]
        return [self.template % row for row in zip(*columns, strict=True)]


@lru_cache(maxsize=4096)
def compile_form(time_format: str) -> Form:
    """Return the form of a strftime format. Raises ConfigError for a directive that is not known."""
    pattern, template, directives = "", "", []
    literals = DIRECTIVE.split(time_format)  # literal, directive, literal ...
    for literal, directive in zip(literals[::2], [*literals[1::2], ""], strict=True):
        pattern += re.escape(re.sub(r"\d", "9", literal))
        template += literal.replace("%", "%%")
        if directive in ("", "%"):
            pattern += directive
            template += 2 * directive
            continue
        part = _part(directive)
        if part is None:
            known = ", ".join(f"%{known}" for known in KNOWN)
            raise ConfigError(f'time format "{time_format}": %{directive} is not known; known: {known}')
        pattern += f"({part[0]})"
        template += part[1]
        directives.append(directive)
    return Form(tuple(directives), re.compile(pattern), template)


def has_offset(time_format: str) -> bool:
    """Return whether texts of this form have UTC offsets of their own."""
    return any(map(is_offset, DIRECTIVE.findall(time_format)))


def has_time(time_format: str) -> bool:
    """Return whether texts of this form have a time of day."""
    return HOURS.search(time_format) is not None


def as_texts(letters: NDArray[Any]) -> NDArray[Any]:
    """Return code points, (texts, width), as texts: (texts,) str."""
    fixed = np.ascontiguousarray(letters, dtype=np.uint32)
    return fixed.view(f"U{letters.shape[1]}").ravel()


def without_zeros(time_format: str) -> str:
    """Return the form in which days, months and hours may have one digit, where a sign bounds them."""
    return SHORTENED.sub(r"%-\1", time_format)


def _part(directive: str) -> tuple[str, str] | None:
    """Return the pattern of a directive, of a text in which digits are 9, and its field in the template."""
    name = directive.removeprefix("-")
    if directive.startswith("+"):
        length = LENGTH.fullmatch(directive.partition("(")[0])
        inner = compile_form(directive.partition("(")[2][:-1]).pattern.pattern
        return (re.sub(r"(?<!\\)\((?!\?)", "(?:", inner), "%s") if length else None
    if words := words_of(directive):
        return "|".join(map(re.escape, words)), "%s"
    if is_offset(directive):
        return offset_pattern(directive), "%s"
    if directive in ORDINALS:
        return f"9{{1,2}}(?:{'|'.join(ORDINALS[directive])})", "%s"
    if directive == "e":
        return "(?: 9|99)", "%2d"
    if name in DIGITS and (name == directive or name in (*MAY_BE_SHORT, "y")):
        if name != directive:
            return "9{1,2}", "%d"
        return f"9{{{DIGITS[name]}}}", f"%0{DIGITS[name]}d"
    return None


def _name(directive: str) -> str:
    """Return the field that a directive reads or writes."""
    same = {"e": "d", "o": "d", "B": "b", "A": "a", "P": "p"}
    name = directive if directive.startswith("[") and directive in DIGITS else directive.lstrip("-")
    return name if name in DIGITS else same.get(name[-1], name[-1])


def _field(seconds: NDArray[np.int64], directive: str) -> list[int] | list[str]:
    """Return what a directive stands for at each moment. seconds: (texts,)."""
    numbers = field_of(seconds, _name(directive))
    if words := words_of(directive):
        return [words[number - 1] for number in numbers.tolist()]
    if directive in ORDINALS:
        suffixes = _suffixes(numbers, directive).tolist()
        return [f"{number}{suffix}" for number, suffix in zip(numbers.tolist(), suffixes, strict=True)]
    values: list[int] = numbers.tolist()
    return values


def _number(letters: Letters) -> NDArray[np.int64]:
    """Return the numbers that digits say, after a blank or not: (texts,)."""
    digits = letters.astype(np.int64) - ord("0")
    digits[:, 0] = np.maximum(digits[:, 0], 0)  # a blank
    number: NDArray[np.int64] = digits @ 10 ** np.arange(letters.shape[1])[::-1]
    return number


def _suffixes(days: NDArray[np.int64], directive: str) -> NDArray[Any]:
    """Return what follows each day as an ordinal number: (texts,)."""
    endings = np.array(ORDINALS[directive])
    last = np.where(days // 10 % 10 == 1, 0, days % 10)
    return (
        endings[np.where(last < len(endings), last, 0)]
        if directive == "o"
        else endings[np.minimum(days - 1, 1)]
    )


def _write_end(seconds: NDArray[np.int64], directive: str) -> list[str]:
    return compile_form(directive.partition("(")[2][:-1]).write(ends_of(seconds, directive))
