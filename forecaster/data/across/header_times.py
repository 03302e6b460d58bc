"""Times in the header: which names of columns are times that follow each other, and how they are written."""

import itertools
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.config import Asked
from forecaster.data.complaints import Complaint, Option
from forecaster.data.files.sheet import UNNAMED
from forecaster.data.times.counts import parse_counts, understand_counts
from forecaster.data.times.forms import INDEX
from forecaster.data.times.timestamps import parse_timestamps

FEWEST_TIMES = 3  # fewer columns that are called like times may be so by chance
LARGEST = 10**17
HAS_DIGITS = re.compile(r"\d")
NEARLY_EVEN = 0.9  # of the differences between times are alike
YEAR = re.compile(r"1[5-9]\d\d|2[01]\d\d")
# 2020 [YR2020], as the World Bank writes; "name {}" stands for the time.
DECORATIONS = ((re.compile(r"(\d{4}) \[YR\1\]"), "{0} [YR{0}]"),)
PREFIXED = re.compile(r"(\D*?[^\d+-]|)(\d.*)")  # d_1, X1990, X2020.01.31, Sales 2020-01
# Two-digit years, of which a header leaves no doubt where its days follow each other.
SHORT_FORMS = ("%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%m.%d.%y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%y/%m/%d")
SHORT = re.compile(r"\d[/.-]\d{1,2}[/.-]\d")
# What stands before a number that counts time.
COUNTERS = re.compile(
    r"(?i)(.*[\W_])?(d|days?|w|wk|weeks?|m|mon|months?|q|quarters?|y|yr|years?|h|hrs?|hours?|t|times?|periods?|steps?)"
    r"[\W_]*"
)


@dataclass(frozen=True)
class HeaderTimes:
    """The columns that are called by times, in the order of time."""

    columns: tuple[str, ...]
    seconds: NDArray[np.int64]  # (columns,) rising; counts where the form is index
    time_format: str
    template: str  # how a column of a time is called; {0} is the time
    is_counted: bool = False  # numbers that follow each other and are no years

    @property
    def prefix(self) -> str:
        """Return what stands before the time in each name."""
        return self.template.partition("{0}")[0]


def find_header_times(names: list[str], asked: Asked, fewest: int = FEWEST_TIMES) -> HeaderTimes | None:
    """Return the neighbouring columns that are called by times; None where fewer than `fewest` are so.

    asked: a form of time, or a model's. Raises a Complaint for names that are dates of one form or another,
    and for two of one time.
    """
    for template, cores in _cores_of(names):
        found = _read_cores(names, cores, template, asked, fewest)
        if found is not None:
            return found
    return None


def _cores_of(names: list[str]) -> "list[tuple[str, dict[str, str]]]":
    """Return what may be times in the names: (template, {column: the text of a time}), the plainest first."""
    names = [name for name in names if HAS_DIGITS.search(name)]
    cores = [("{0}", {name: name for name in names})]
    for pattern, template in DECORATIONS:
        found = {name: match[1] for name in names if (match := pattern.fullmatch(name))}
        cores.append((template, found))
    prefixed = {name: match for name in names if (match := PREFIXED.fullmatch(name)) and match[1]}
    prefixes = [match[1] for match in prefixed.values() if not match[1].startswith(UNNAMED)]
    for prefix in sorted(set(prefixes), key=lambda one: -prefixes.count(one))[:1]:
        template = prefix.replace("{", "{{").replace("}", "}}") + "{0}"
        cores.append((template, {name: match[2] for name, match in prefixed.items() if match[1] == prefix}))
    return cores


def _read_cores(
    names: list[str], cores: dict[str, str], template: str, asked: Asked, fewest: int
) -> HeaderTimes | None:
    columns = np.array(list(cores), dtype=object)
    if len(columns) < fewest:
        return None
    digits = np.array([text.isdecimal() for text in cores.values()], dtype=np.bool_)
    if digits.sum() >= fewest:
        numbers = [int(text) for text in cores.values() if text.isdecimal()]
        if max(numbers) > LARGEST:
            return None
        return _read_numbers(names, columns[digits], np.array(numbers), template, asked)
    texts = pd.Series(list(cores.values()), dtype="str")
    seconds, valid, time_format = _read_texts(texts, asked)
    if valid.sum() < fewest:
        return None
    return _in_order(names, columns[valid], seconds[valid], time_format, template)


def _read_texts(texts: "pd.Series[str]", asked: Asked) -> tuple[NDArray[np.int64], NDArray[np.bool_], str]:
    """Return seconds and whether they are valid, (texts,), and the form. Raises a Complaint."""
    trained = asked.likely_time_format
    parsed = parse_timestamps(texts, asked.time_format, trained)
    if parsed.offsets is not None:
        return parsed.seconds, np.zeros_like(parsed.valid), parsed.time_format
    if asked.time_format or (parsed.problem is None and parsed.valid.all()):
        return parsed.seconds, parsed.valid, parsed.time_format
    forms = (trained, *SHORT_FORMS) if trained and "%y" in trained else SHORT_FORMS
    if parsed.problem is None and forms is SHORT_FORMS and not texts.str.contains(SHORT).any():
        return parsed.seconds, parsed.valid, parsed.time_format
    readings = [parse_timestamps(texts, form) for form in forms]
    best = max(readings, key=lambda reading: (reading.valid.sum(), _evenness(reading.seconds[reading.valid])))
    if parsed.problem is None and parsed.valid.sum() >= best.valid.sum():
        return parsed.seconds, parsed.valid, parsed.time_format
    if parsed.problem is not None and _evenness(best.seconds[best.valid]) < NEARLY_EVEN:
        raise Complaint(
            ("the names of the columns are times: ", *_as_parts(parsed.problem.found)),
            remedy=parsed.problem.remedy,
            for_model=parsed.problem.for_model,
        )
    return best.seconds, best.valid, best.time_format


def _as_parts(text: str | Option | tuple[str | Option, ...]) -> tuple[str | Option, ...]:
    return text if isinstance(text, tuple) else (text,)


def _evenness(seconds: NDArray[np.int64]) -> float:
    """Return the share of the differences between neighbours that are the usual one."""
    differences = np.diff(seconds)
    return float((differences == np.median(differences)).mean()) if differences.size else 0.0


def _read_numbers(
    names: list[str],
    columns: NDArray[np.object_],
    numbers: NDArray[np.int64],
    template: str,
    asked: Asked,
) -> HeaderTimes | None:
    """Return columns called by years, by dates such as 20240131, or by numbers that follow each other."""
    trained = asked.likely_time_format
    time_format = asked.time_format or understand_counts(numbers, trained)
    if time_format != INDEX:
        seconds, valid = parse_counts(numbers, time_format)
        return _in_order(names, columns[valid], seconds[valid], time_format, template)
    is_year = np.array([YEAR.fullmatch(str(number)) is not None for number in numbers], dtype=np.bool_)
    if is_year.sum() >= FEWEST_TIMES or (trained == INDEX and is_year.all()):
        return _in_order(names, columns[is_year], numbers[is_year], INDEX, template)
    if (np.diff(numbers) == 1).all():
        return _in_order(names, columns, numbers, INDEX, template, is_counted=True)
    return None


def _in_order(
    names: list[str],
    columns: NDArray[np.object_],
    seconds: NDArray[np.int64],
    time_format: str,
    template: str,
    *,
    is_counted: bool = False,
) -> HeaderTimes | None:
    """Return the columns in the order of time; None where they are no neighbours."""
    place_of = {name: place for place, name in enumerate(names)}
    places = np.array([place_of[name] for name in columns])
    if not _are_neighbours(names, places.tolist()):
        return None
    order = np.argsort(seconds, kind="stable")
    columns, seconds = columns[order], seconds[order]
    again = np.flatnonzero(np.diff(seconds) == 0)
    if again.size:
        first, second = columns[again[0] : again[0] + 2]
        raise Complaint(
            f'the columns "{first}" and "{second}" are called by one time',
            remedy=("keep one of them; if the rows are times, ", Option("layout", "wide"), " says so"),
            for_model="keep one of them",
        )
    return HeaderTimes(tuple(columns.tolist()), seconds, time_format, template, is_counted)


def _are_neighbours(names: list[str], places: list[int]) -> bool:
    """Return whether nothing stands between columns but flags of these: Y1961, Y1961F, Y1962, Y1962F.

    places: of the columns among the names.
    """
    between = [
        (names[place], names[other])
        for place, end in itertools.pairwise(places)
        for other in range(place + 1, end)
    ]
    return sorted(places) == places and all(flag.startswith(name) for name, flag in between)
