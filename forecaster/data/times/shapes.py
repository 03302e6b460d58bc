"""The shape of a text, and the forms that it may be in: what 9999-99-99 says before any value is read."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.times.forms import Letters, as_texts, compile_form, without_zeros

LONGEST_TEXT = 48  # no timestamp is longer; what follows is not looked at
DATE_FORMS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%^b-%Y", "%b %d, %Y", "%B %d, %Y"),
    "%G-W%V-%u",
)
PERIOD_FORMS = (  # without a day, so without a time of day
    *("%Y-%m", "%Y/%m", "%m/%Y", "%m.%Y"),
    *("%b %Y", "%B %Y", "%b-%Y", "%B-%Y", "%b-%y", "%^b-%y", "%Y-%b", "%YM%m", "%YM%-m"),
    *("%YQ%q", "%Y-Q%q", "%Y Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y", "%qQ%Y"),
    *("FY%Y", "%G-W%V", "%GW%V"),
)
TIME_FORMS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H%M", "%H%M%S", "%H")
SECONDS_PART = re.compile(":?%S")
PARTS = re.compile(
    r"(?P<date>.+?)"
    r"(?:(?P<separator>[ T])(?P<time>9{1,2}:99(?::99)?(?: ?[AP]M)?|(?<=T)9999(?:99)?|99)"
    r"(?P<fraction>\.9{1,9})?(?P<offset> ?(?:Z|UTC|[+-]99(?::?99)?))?)?"
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
        form, core = date_form, self.shape
        if self.separator is not None:
            core = self.shape[: self.fraction.start]
            time = PARTS.fullmatch(self.shape)["time"]  # type: ignore[index]
            is_whole = compile_form(time_form).pattern.fullmatch(time)
            form = date_form + self.separator + (time_form if is_whole else SECONDS_PART.sub("", time_form))
        return compile_form(form).read(self.letters, core)

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

    @property
    def readings(self) -> tuple[str, ...]:
        """Return forms of the date that differ in more than leading zeros and the length of month names."""
        kinds = {date.replace("%-", "%").replace("%B", "%b"): date for date in reversed(self.dates)}
        return tuple(kinds.values())[::-1]

    @property
    def time(self) -> str:
        """Return the separator and the form of the time; nothing where no shape has a time."""
        return "" if self.separator is None else self.separator + self.times[0]

    def meet(self, shape: Shape) -> "Agreed":
        """Return what this and one more shape have in common.

        A date without a time is the midnight of one with.
        """
        dates = tuple(form for form in self.dates if form in shape.dates)
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


def _understand(texts: NDArray[np.int64], letters: Letters, shape: str) -> Shape:
    match = PARTS.fullmatch(shape)
    nowhere = slice(len(shape), len(shape))
    if match is None:
        return Shape(texts, letters, shape, (), None, (), nowhere, nowhere)
    dates = forms_of(match["date"], DATE_FORMS if match["time"] else DATE_FORMS + PERIOD_FORMS)
    if not match["time"]:
        return Shape(texts, letters, shape, dates, None, (), nowhere, nowhere)
    times = tuple(
        form
        for known in TIME_FORMS
        for form in (known, without_zeros(known))
        if any(
            compile_form(part).pattern.fullmatch(match["time"]) for part in (form, SECONDS_PART.sub("", form))
        )
    )
    end = match.end("time")
    split = end + len(match["fraction"] or "")
    return Shape(
        texts, letters, shape, dates, match["separator"], times, slice(end, split), slice(split, len(shape))
    )


def forms_of(shape: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the known forms that a text of this shape may be in, and their forms without zeros."""
    forms = dict.fromkeys(form for each in known for form in (each, without_zeros(each)))
    return tuple(form for form in forms if compile_form(form).pattern.fullmatch(shape))


def _as_letters(texts: NDArray[Any]) -> Letters:
    """Return the code points of texts: (texts, width)."""
    fixed = texts.astype(f"U{LONGEST_TEXT}")
    letters = fixed.view(np.uint32).reshape(len(fixed), LONGEST_TEXT)
    width = int(letters.any(axis=0).sum()) or 1
    return letters[:, :width]
