"""The form of a column of texts by the evidence of all its cells, or a complaint why there is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.complaints import Complaint
from forecaster.data.spelling.candidates import proposed_forms
from forecaster.data.spelling.fields import length_of
from forecaster.data.spelling.hours import PLACE, forms_of_time
from forecaster.data.spelling.measures import compile_measure, is_measure
from forecaster.data.times.forms import DIRECTIVE, compile_form, has_offset, without_zeros
from forecaster.data.times.grid import DAY, months_since_1970
from forecaster.data.times.offsets import FARTHEST, directive_of, read_offsets
from forecaster.data.times.problems import (
    ambiguous_forms,
    both_orders,
    changing_fraction,
    missing_offset,
    mixed_forms,
    no_year,
)
from forecaster.data.times.shapes import Agreed, Shape, agree, cut_interval, group_by_shape, one_of_each_kind
from forecaster.data.times.steps import is_regular

DATE = "%Y-%m-%d"  # the form where there is nothing to read
HAS_DIGITS = re.compile(r"\d")
MONTH_AND_YEAR = re.compile(r"%[\^_]?(?:\[[^\]]*\])?[bB][ /._]+%y")
MOST_OFFSETS = 2  # a time zone has no more in a few years: 01:00-02:00 and the like are intervals
FEWEST_IN_ORDER = 3  # of two times one is always the later
MOST_PROPOSED = 2


@dataclass(frozen=True)
class ParsedTimestamps:
    """Timestamps that were texts, and the form to write them back in."""

    seconds: NDArray[np.int64]  # (cells,), meaningless where not valid
    valid: NDArray[np.bool_]  # (cells,)
    time_format: str
    problem: Complaint | None = None  # its rows are those of `cells`
    offsets: NDArray[np.int64] | None = None  # (cells,) seconds ahead of UTC, where each has its own
    doubt: str = ""  # why this form and no other, where others fit


def parse_in_form(texts: NDArray[Any], time_format: str) -> ParsedTimestamps:
    """Return the distinct texts in one form, or in the same form without zeros."""
    if is_measure(time_format):
        return ParsedTimestamps(*compile_measure(time_format).read(texts), time_format)
    readings = []
    for written in (time_format, without_zeros(time_format)):
        form = compile_form(written)
        seconds, valid = np.zeros(len(texts), dtype=np.int64), np.zeros(len(texts), dtype=np.bool_)
        offsets = np.zeros(len(texts), dtype=np.int64) if has_offset(written) else None
        for shape in group_by_shape(texts):
            if form.pattern.fullmatch(shape.shape):
                seconds[shape.texts], valid[shape.texts] = form.read(shape.letters, shape.shape)
                if offsets is not None:
                    offsets[shape.texts] = form.read_offsets(shape.letters, shape.shape)
        if offsets is not None:
            valid &= np.abs(offsets) <= FARTHEST
        if HAS_DIGITS.search(DIRECTIVE.sub("", written)):  # a shape does not say which digits they were
            valid &= np.array(form.write(seconds, offsets), dtype=object) == texts
        readings.append(ParsedTimestamps(seconds, valid, written, offsets=offsets))
    return max(readings, key=lambda reading: int(reading.valid.sum()))


def find_form(texts: NDArray[Any], trained: str | None = None) -> ParsedTimestamps:
    """Return the distinct texts in the form that all of them may be in.

    trained: the form to choose where they do not decide.
    """
    shapes = [shape for shape in group_by_shape(texts) if shape.is_timestamp]
    nothing = ParsedTimestamps(
        np.zeros(len(texts), dtype=np.int64), np.zeros(len(texts), dtype=np.bool_), DATE
    )
    if not shapes:
        return _find_intervals(texts, trained) or nothing
    agreed = agree(shapes)
    if agreed.other is not None:
        return replace(nothing, problem=mixed_forms(texts, shapes[0], agreed.other))
    readings = [_read_all(nothing, shapes, date, agreed) for date in agreed.readings(trained)]
    whole = sum(len(shape.texts) for shape in shapes)
    if agreed.times and ("[24]" in (trained or "") or max(_count(reading) for reading in readings) < whole):
        to_midnight = [
            _read_all(nothing, shapes, date, agreed.to_midnight()) for date in agreed.readings(trained)
        ]
        readings = [*to_midnight, *readings] if "[24]" in (trained or "") else [*readings, *to_midnight]
    most = max(_count(reading) for reading in readings)
    likely = [reading for reading in readings if _count(reading) == most]
    if most < whole and (problem := _find_both_orders(texts, likely[0], readings)):
        return replace(likely[0], problem=problem)
    likely = _choose(likely, trained)
    likely = [_with_suffix(reading, shapes) for reading in likely]
    if likely[0].offsets is not None and len(np.unique(likely[0].offsets)) > MOST_OFFSETS:
        intervals = _find_intervals(texts, trained)
        return intervals if intervals is not None and intervals.valid.all() else likely[0]
    if len(likely) > 1:
        forms = {reading.time_format: reading.seconds for reading in likely}
        return replace(likely[0], problem=ambiguous_forms(texts, forms))
    if _may_lack_year(likely[0]) and trained != likely[0].time_format:
        return replace(likely[0], problem=no_year(str(texts[0]), likely[0].time_format))
    return likely[0]


def propose_forms(texts: Sequence[str] | NDArray[Any]) -> list[str]:
    """Return forms that all distinct texts may be in, though nothing tells so; regular ones before others."""
    if not len(texts):
        return []
    texts = np.array(texts, dtype=object)
    shapes = group_by_shape(texts)
    common = [form for form in proposed_forms(shapes[0].shape) if all(_fits(form, shape) for shape in shapes)]
    readings = [parse_in_form(texts, form) for form in one_of_each_kind(tuple(common))]
    fitting = [reading for reading in readings if reading.valid.all()]
    fitting.sort(key=lambda reading: not is_regular(reading.seconds))
    return list(dict.fromkeys(reading.time_format for reading in fitting))[:MOST_PROPOSED]


def _fits(form: str, shape: Shape) -> bool:
    return any(compile_form(each).pattern.fullmatch(shape.shape) for each in (form, without_zeros(form)))


def _read_all(nothing: ParsedTimestamps, shapes: list[Shape], date: str, agreed: Agreed) -> ParsedTimestamps:
    """Return the texts of all shapes with their dates in one form."""
    seconds, valid = nothing.seconds.copy(), nothing.valid.copy()
    for shape in shapes:
        seconds[shape.texts], valid[shape.texts] = shape.read(date, agreed.times[0] if agreed.times else "")
    return ParsedTimestamps(seconds, valid, agreed.with_date(date))


def _count(reading: ParsedTimestamps) -> int:
    return int(reading.valid.sum())


def _choose(likely: list[ParsedTimestamps], trained: str | None) -> list[ParsedTimestamps]:
    """Return those of several readings, of as many cells each, that something speaks for."""
    # Days that all have one digit have a blank before it, and the next one may have two.
    likely.sort(key=lambda reading: "%e" not in reading.time_format)
    plain = [re.sub(r"\[24\]", "", each.time_format).replace("%e", " %-d") for each in likely]
    likely = [reading for place, reading in enumerate(likely) if plain[place] not in plain[:place]]
    if len(likely) < 2:
        return likely
    if alike := [reading for reading in likely if _is_like(reading.time_format, trained)]:
        return alike
    fiscal = [reading for reading in likely if "[+1]" in reading.time_format]
    if fiscal and len(fiscal) < len(likely):
        # 2009-10, 2010-11 and 2011-12 are years; so many months are no more than one by chance.
        return (
            fiscal
            if _count(likely[0]) >= FEWEST_IN_ORDER
            else [each for each in likely if each not in fiscal]
        )
    if regular := [reading for reading in likely if is_regular(reading.seconds[reading.valid])]:
        return regular
    in_order = [reading for reading in likely if _is_in_order(reading.seconds[reading.valid])]
    if len(in_order) == 1:
        form, other = (
            in_order[0].time_format,
            next(each for each in likely if each is not in_order[0]).time_format,
        )
        doubt = f"read as {form}, in which the rows are in order of time; as {other} they are not"
        return [replace(in_order[0], doubt=doubt.replace(PLACE, ""))]
    return likely


def _find_both_orders(
    texts: NDArray[Any], likely: ParsedTimestamps, readings: list[ParsedTimestamps]
) -> Complaint | None:
    """Find whether some cells are valid in one form only, and others only in another."""
    for other in readings:
        here, there = likely.valid & ~other.valid, other.valid & ~likely.valid
        if here.any() and there.any():
            cells = int(here.argmax()), int(there.argmax())
            forms = [reading.time_format.replace(PLACE, "") for reading in (likely, other)]
            return both_orders(texts, cells, forms)
    return None


def _may_lack_year(reading: ParsedTimestamps) -> bool:
    """Return whether what was read as months of years of two digits may be days: of Jan 01, Jan 02 ..."""
    if not MONTH_AND_YEAR.fullmatch(reading.time_format) or _count(reading) < 2:
        return False
    months = np.abs(np.diff(months_since_1970(reading.seconds[reading.valid])))
    return int(np.bincount(months).argmax()) % 12 == 0


def _find_intervals(texts: NDArray[Any], trained: str | None) -> ParsedTimestamps | None:
    """Return intervals by their starts, all of one length; None where the texts are no intervals."""
    cut = cut_interval(str(texts[0]))
    if cut is None:
        return None
    parts = [cut.apply(str(text)) for text in texts]
    starts = find_form(np.array([start for start, _ in parts], dtype=object), trained)
    if starts.problem is not None or not starts.valid.any():
        return starts
    rights = np.array([end for _, end in parts], dtype=object)
    readings = [parse_in_form(rights, form) for form in (starts.time_format, *forms_of_time(cut.end_shape))]
    readings += [parse_in_form(rights, form.replace("H", "[24]H")) for form in forms_of_time(cut.end_shape)]
    ends = max(readings, key=_count)
    both = starts.valid & ends.valid
    seconds = ends.seconds
    if ends.time_format != starts.time_format:  # a time of day alone, of the day of the start or of the next
        seconds = starts.seconds // DAY * DAY + ends.seconds % DAY
        seconds = np.where(seconds <= starts.seconds, seconds + DAY, seconds)
    length = length_of(starts.seconds[both], seconds[both]) if both.any() else None
    if length is None:
        return None
    return parse_in_form(texts, f"{starts.time_format}{cut.separator}%{length}({ends.time_format})")


def _is_like(time_format: str, trained: str | None) -> bool:
    """Return whether two forms have day and month in the same order."""
    return trained is not None and trained.replace("%-", "%").startswith(
        time_format.replace("%-", "%").split("%H")[0].split("%I")[0].rstrip(" T")
    )


def _is_in_order(seconds: NDArray[np.int64]) -> bool:
    """Return whether the moments rise or fall, as those of a file do. seconds: (texts,), in its order."""
    differences = np.diff(seconds)
    is_sorted = bool((differences > 0).all() or (differences < 0).all())
    return is_sorted and len(seconds) >= FEWEST_IN_ORDER


def _with_suffix(parsed: ParsedTimestamps, shapes: list[Shape]) -> ParsedTimestamps:
    """Add the fraction of a second, which has to be that of all cells, and the UTC offset or offsets."""
    timed = [shape for shape in shapes if shape.separator is not None]
    if not any(shape.fraction.start < shape.offset.stop for shape in timed):
        return replace(parsed, time_format=parsed.time_format.replace(PLACE, ""))
    texts = np.concatenate([shape.texts for shape in timed])
    order = np.argsort(texts)
    texts = texts[order]
    fractions = np.concatenate([shape.part(shape.fraction) for shape in timed])[order]
    offsets = np.concatenate([shape.part(shape.offset) for shape in timed])[order]
    problem = changing_fraction(texts, fractions)
    suffix = max(fractions.tolist(), key=len)
    if (offsets == offsets[0]).all():
        form = parsed.time_format.replace(PLACE, suffix + str(offsets[0]))
        return replace(parsed, time_format=form, problem=problem)
    dates = [shape.texts for shape in shapes if shape.separator is None]
    problem = missing_offset(texts, offsets, dates) or problem
    ahead, valid = np.zeros_like(parsed.seconds), parsed.valid.copy()
    directive = directive_of(np.unique(offsets).tolist())
    ahead[texts] = read_offsets(offsets, directive.strip(" ()%"))
    valid[texts] &= np.abs(ahead[texts]) <= FARTHEST
    form = parsed.time_format.replace(PLACE, suffix + directive)
    return replace(parsed, time_format=form, problem=problem, offsets=ahead, valid=valid)
