"""The shape of a text, and the forms that it may be in: what 9999-99-99 says before any value is read."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.spelling.candidates import forms_of_date
from forecaster.data.spelling.hours import CLOCK, PLACE, SECONDS_PART, find_hours
from forecaster.data.times.forms import Letters, as_texts, compile_form

LONGEST_TEXT = 64  # no timestamp is longer; what follows is not looked at
SAME_KIND = re.compile(r"%[-^_]?(?:\[[^\]+]*\])?([A-Za-z])")
SAME = {"B": "b", "A": "a", "e": "d", "o": "d"}  # they say the same in other words
# Between the two times of an interval.
SEPARATORS = (
    *(" - ", " – ", " — ", " -- ", "--", " to ", " bis ", " à ", " a ", " ~ ", "~", " / ", "/", "–", "-"),
)


@dataclass(frozen=True)
class Shape:
    """The texts of a column that are alike but for their digits."""

    texts: NDArray[np.int64]  # (k,) which of the distinct texts, rising
    letters: Letters  # (k, width)
    shape: str  # of all of them: every digit is a 9
    dates: tuple[str, ...]  # forms that the date may have, the likeliest first; empty: it is no timestamp
    separator: str | None  # between date and time; None: a date alone
    times: tuple[str, ...]  # forms that the time may have, those that continue to seconds too
    time: slice  # where it stands
    fraction: slice  # where the fraction of a second stands, with its point
    offset: slice  # where the UTC offset stands

    @property
    def is_timestamp(self) -> bool:
        """Return whether some form has this shape."""
        return bool(self.dates and (self.times or self.separator is None))

    def read(self, date_form: str, time_form: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return seconds and whether they are valid: (k,) each.

        A time without seconds is at the full minute.
        """
        form = date_form
        if self.separator is not None:
            is_whole = compile_form(time_form).pattern.fullmatch(self.shape[self.time])
            part = time_form if is_whole else SECONDS_PART.sub("", time_form)
            suffix = self.shape[self.fraction.start : self.offset.stop]
            form = with_time(date_form, self.separator + part + suffix)
        return compile_form(form).read(self.letters, self.shape)

    def part(self, where: slice) -> NDArray[Any]:
        """Return a part of each text: (k,) str."""
        if where.start == where.stop:
            return np.full(len(self.texts), "")
        return as_texts(self.letters[:, where])


@dataclass(frozen=True)
class Agreed:
    """The forms that all shapes of a column may be in."""

    dates: tuple[str, ...]
    separator: str | None  # None: no shape has a time
    times: tuple[str, ...]
    other: Shape | None = None  # the first that is in none of them

    def readings(self, trained: str | None) -> tuple[str, ...]:
        """Return forms of the date that differ in more than leading zeros and the words for months.

        trained: of those alike the one that this begins with, else the likeliest.
        """
        return one_of_each_kind(self.dates, trained)

    def with_date(self, date: str) -> str:
        """Return the form of the column with this form of the date, and PLACE behind the time."""
        return date if self.separator is None else with_time(date, self.separator + self.times[0] + PLACE)

    def to_midnight(self) -> "Agreed":
        """Return this with hours of which the last is 24:00."""
        hours = re.compile("%(-?)H")
        return replace(self, times=tuple(hours.sub(r"%\1[24]H", form) for form in self.times))

    def meet(self, shape: Shape) -> "Agreed":
        """Return what this and one more shape have in common.

        A date without a time is the midnight of one with.
        """
        others = frozenset(shape.dates)
        dates = (
            self.dates if self.dates == shape.dates else tuple(each for each in self.dates if each in others)
        )
        separator, times = self.separator, self.times
        if separator is None:
            separator, times = shape.separator, shape.times
        elif shape.separator is not None:
            times = tuple(form for form in times if form in shape.times)
        is_other = not dates or bool(self.times and not times) or shape.separator not in (None, separator)
        return Agreed(dates, separator, times, shape) if is_other else Agreed(dates, separator, times)


def agree(shapes: list[Shape]) -> Agreed:
    """Return what all the shapes have in common, up to the first that has nothing. Each is a timestamp."""
    agreed = Agreed(shapes[0].dates, shapes[0].separator, shapes[0].times)
    for shape in shapes[1:]:
        agreed = agreed.meet(shape)
        if agreed.other is not None:
            break
    return agreed


def group_by_shape(texts: NDArray[Any]) -> list[Shape]:
    """Return the distinct texts by their shape, in the order of each shape's first text.

    texts: (distinct,) str.
    """
    letters = _as_letters(texts)
    blurred = np.where((letters >= ord("0")) & (letters <= ord("9")), ord("9"), letters)
    if (blurred == blurred[:1]).all():
        groups = [np.arange(len(texts))][: len(texts)]
        shapes = as_texts(blurred[:1])
    else:
        codes, shapes = pd.factorize(as_texts(blurred).astype(object))
        order = np.argsort(codes, kind="stable")
        groups = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    return [
        _understand(group, letters[group], str(shape)) for group, shape in zip(groups, shapes, strict=True)
    ]


@dataclass(frozen=True)
class Cut:
    """A way to cut an interval into its start and its end."""

    separator: str
    is_last: bool  # the last separator of several, else the one in the middle
    end_shape: str

    def apply(self, text: str) -> tuple[str, str]:
        """Return the start and the end of an interval; no end where there is no separator."""
        parts = text.split(self.separator)
        middle = len(parts) - 1 if self.is_last else len(parts) // 2
        return self.separator.join(parts[:middle]), self.separator.join(parts[middle:])


def cut_interval(text: str) -> Cut | None:
    """Return how a text is cut into two times; the second may be a time of day alone. None for any other."""
    for separator in SEPARATORS:
        for is_last in (False, True):
            cut = Cut(separator, is_last, "")
            start, end = cut.apply(text)
            if separator not in text or not start or not end:
                continue
            shapes = group_by_shape(np.array([start, end], dtype=object))
            is_time = CLOCK.fullmatch(re.sub(r"\d", "9", end)) is not None
            if shapes[0].is_timestamp and (is_time or (len(shapes) == 1 or shapes[1].is_timestamp)):
                return Cut(separator, is_last, re.sub(r"\d", "9", end) if is_time else "")
    return None


def with_time(date: str, time: str) -> str:
    """Return the form of a date with that of its time, and the signs before it, in its place."""
    return date.replace(PLACE, time) if PLACE in date else date + time


def one_of_each_kind(dates: tuple[str, ...], trained: str | None = None) -> tuple[str, ...]:
    """Return of forms alike but for zeros and words the one that `trained` begins with, else the first."""
    kinds: dict[str, str] = {}
    for date in dates:
        kind = SAME_KIND.sub(lambda found: f"%{SAME.get(found[1], found[1])}", date)
        kind = kind.replace("%b.", "%b").replace("%a.", "%a")
        if kind not in kinds or (trained and _begins(trained, date) and not _begins(trained, kinds[kind])):
            kinds[kind] = date
    return tuple(kinds.values())


def _begins(form: str, date: str) -> bool:
    """Return whether a form begins with that of a date, with zeros or without."""
    return form.replace("%-", "%").startswith(date.partition(PLACE)[0].replace("%-", "%"))


def _understand(texts: NDArray[np.int64], letters: Letters, shape: str) -> Shape:
    nowhere = slice(len(shape), len(shape))
    nothing = Shape(texts, letters, shape, (), None, (), nowhere, nowhere, nowhere)
    if "9" not in shape:
        return nothing
    if dates := forms_of_date(shape):
        return replace(nothing, dates=dates)
    timed = find_hours(shape)
    if timed is None:
        return nothing
    parts = (timed.separator, timed.times, timed.time, timed.fraction, timed.offset)
    return Shape(texts, letters, shape, timed.dates, *parts)


def _as_letters(texts: NDArray[Any]) -> Letters:
    """Return the code points of texts: (texts, width)."""
    width = min(LONGEST_TEXT, max(map(len, texts), default=1) or 1)
    fixed = texts.astype(f"U{width}")
    return fixed.view(np.uint32).reshape(len(fixed), width)
