"""Timestamps of a file: the form of a column by the evidence of all its cells, and back to texts.

Timestamps are int64 seconds since 1970-01-01, of local wall-clock time unless a clock says otherwise, or
plain counts without a calendar. Only distinct texts are read and written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.time.clock import Clock
from forecaster.data.complaints import Complaint
from forecaster.data.table import Texts
from forecaster.data.times.counts import parse_counts, write_counts
from forecaster.data.times.forms import INDEX, compile_form, has_offset, without_zeros
from forecaster.data.times.grid import grid_positions
from forecaster.data.times.offsets import FARTHEST, directive_of, literal_offset, read_offsets
from forecaster.data.times.problems import ambiguous_forms, changing_fraction, missing_offset, mixed_forms
from forecaster.data.times.shapes import DATE_FORMS, Agreed, Shape, agree, group_by_shape
from forecaster.data.times.steps import infer_step

EXPECTED_ONE = "expected one form in all cells, such as 2024-01-31 or 2024-01-31 13:00"
HAS_DIGITS = re.compile(r"\d")
SAMPLE_CELLS = 1000  # enough to tell a column of timestamps from one of words


@dataclass(frozen=True)
class ParsedTimestamps:
    """Timestamps that were texts, and the form to write them back in."""

    seconds: NDArray[np.int64]  # (cells,), meaningless where not valid
    valid: NDArray[np.bool_]  # (cells,)
    time_format: str
    problem: Complaint | None = None  # its rows are those of `cells`
    offsets: NDArray[np.int64] | None = None  # (cells,) seconds ahead of UTC, where each has its own


def parse_timestamps(
    cells: "pd.Series[str]", time_format: str | None = None, trained: str | None = None
) -> ParsedTimestamps:
    """Return the local times written in `cells`.

    A cell that is missing or not of the column's form is not valid.
    A date among dates with times is its midnight. time_format: the only form to read, a strftime format;
    trained: the form to choose where the cells do not decide. Raises ConfigError for a bad format.
    """
    column = Texts.of(cells)
    codes, texts = column.codes, column.values
    if not len(texts):
        return ParsedTimestamps(np.zeros(len(codes), dtype=np.int64), codes >= 0, DATE_FORMS[0])
    parsed = _parse_as(texts, time_format) if time_format else _parse_texts(texts, trained)
    problem = parsed.problem and replace(
        parsed.problem, rows=[int((codes == text).argmax()) for text in parsed.problem.rows]
    )
    return ParsedTimestamps(
        seconds=parsed.seconds[codes],
        valid=parsed.valid[codes] & (codes >= 0),
        time_format=parsed.time_format,
        problem=problem,
        offsets=None if parsed.offsets is None else parsed.offsets[codes],
    )


def looks_like_timestamps(cells: "pd.Series[str]", time_format: str | None = None) -> bool:
    """Return whether most of the non-missing cells are timestamps of some form (from a sample)."""
    present = cells.dropna()
    sample = present.iloc[:: max(1, len(present) // SAMPLE_CELLS)]
    if sample.empty:
        return False
    if time_format:
        return bool(parse_timestamps(sample, time_format).valid.mean() > 0.5)
    shapes = group_by_shape(sample.to_numpy(dtype=object))
    most = [
        max(shape.read(date, shape.times[0] if shape.times else "")[1].sum() for date in shape.dates)
        for shape in shapes
        if shape.is_timestamp
    ]
    return bool(sum(most) > 0.5 * len(sample))


def write_timestamps(
    timestamps: NDArray[np.int64], time_format: str, clock: Clock | None = None
) -> list[str]:
    """Return the text of each timestamp, in the form that it was read in.

    clock: of a time zone, if there is one.
    """
    codes, distinct = pd.factorize(timestamps)
    if time_format == INDEX or time_format.startswith("%s"):
        texts = write_counts(distinct if clock is None else clock.to_utc(distinct), time_format)
    else:
        texts = _write_times(distinct, time_format, clock)
    return np.array(texts, dtype=object)[codes].tolist() if texts else []


def read_timestamps(texts: Sequence[str], time_format: str, clock: Clock | None = None) -> NDArray[np.int64]:
    """Return the timestamps that were written so: write_timestamps backwards.

    A time that a clock shows twice is the later one.
    Raises ValueError for a text of another form.
    """
    if time_format == INDEX or time_format.startswith("%s"):
        counts = np.array([int(text) for text in texts], dtype=np.int64)
        seconds, valid = parse_counts(counts, time_format)
        ahead: NDArray[np.int64] | int | None = None if time_format == INDEX else 0
    else:
        parsed = parse_timestamps(pd.Series(texts, dtype="str"), time_format)
        seconds, valid = parsed.seconds, parsed.valid
        ahead = literal_offset(time_format) if parsed.offsets is None else parsed.offsets
    if not valid.all():
        raise ValueError(f"{texts[int(valid.argmin())]!r} is no time of the form {time_format}")
    if clock is None:
        return seconds
    if ahead is not None:
        return clock.from_utc(seconds - ahead)
    if not clock.in_utc:
        return seconds
    moments: NDArray[np.int64] = np.maximum(*clock.zone.to_utc(seconds))
    return moments


def _write_times(distinct: NDArray[np.int64], time_format: str, clock: Clock | None) -> list[str]:
    form, literal = compile_form(time_format), literal_offset(time_format)
    if clock is None:
        return form.write(distinct)
    if has_offset(time_format):
        moments = clock.to_utc(distinct)
        offsets = clock.zone.offsets(moments) // 60 * 60  # before 1900 they had seconds, which no form has
        return form.write(moments + offsets, offsets)
    return form.write(clock.to_wall(distinct) if literal is None else clock.to_utc(distinct) + literal)


def _parse_as(texts: NDArray[Any], time_format: str) -> ParsedTimestamps:
    """Return the distinct texts in one form, or in the same form without zeros."""
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
        if HAS_DIGITS.search(written):  # a shape does not say which digits they were
            valid &= np.array(form.write(seconds, offsets), dtype=object) == texts
        readings.append(ParsedTimestamps(seconds, valid, written, offsets=offsets))
    return max(readings, key=lambda reading: int(reading.valid.sum()))


def _parse_texts(texts: NDArray[Any], trained: str | None) -> ParsedTimestamps:
    """Return the distinct texts in the form that all of them may be in."""
    shapes = [shape for shape in group_by_shape(texts) if shape.is_timestamp]
    nothing = ParsedTimestamps(
        np.zeros(len(texts), dtype=np.int64), np.zeros(len(texts), dtype=np.bool_), DATE_FORMS[0]
    )
    if not shapes:
        return nothing
    agreed = agree(shapes)
    if agreed.other is not None:
        return replace(nothing, problem=mixed_forms(texts, shapes[0], agreed.other))
    readings = [_read_all(nothing, shapes, date, agreed) for date in agreed.readings]
    most = max(int(reading.valid.sum()) for reading in readings)
    likely = [reading for reading in readings if reading.valid.sum() == most]
    if len(likely) > 1:
        trained_alike = [reading for reading in likely if _is_like(reading.time_format, trained)]
        regular = [reading for reading in likely if _is_regular(reading.seconds[reading.valid])]
        likely = trained_alike or regular or likely
    likely = [_with_suffix(reading, shapes) for reading in likely]
    if len(likely) > 1:
        return replace(
            likely[0],
            problem=ambiguous_forms(texts, {reading.time_format: reading.seconds for reading in likely}),
        )
    return likely[0]


def _read_all(nothing: ParsedTimestamps, shapes: list[Shape], date: str, agreed: Agreed) -> ParsedTimestamps:
    """Return the texts of all shapes with their dates in one form."""
    seconds, valid = nothing.seconds.copy(), nothing.valid.copy()
    for shape in shapes:
        seconds[shape.texts], valid[shape.texts] = shape.read(date, agreed.times[0] if agreed.times else "")
    return ParsedTimestamps(seconds, valid, date + agreed.time)


def _is_like(time_format: str, trained: str | None) -> bool:
    """Return whether two forms have day and month in the same order."""
    return trained is not None and trained.replace("%-", "%").startswith(
        time_format.replace("%-", "%").split("%H")[0].split("%I")[0].rstrip(" T")
    )


def _is_regular(seconds: NDArray[np.int64]) -> bool:
    """Return whether the moments follow each other by one step, without gaps; two or fewer always do."""
    moments = np.unique(seconds)
    if len(moments) < 3:
        return True
    ends = np.array([0, len(moments)])
    step = infer_step(moments, ends, has_calendar=True)
    positions, on_grid = grid_positions(moments, ends, step)
    return bool(on_grid.all() and (np.diff(positions) == 1).all())


def _with_suffix(parsed: ParsedTimestamps, shapes: list[Shape]) -> ParsedTimestamps:
    """Add the fraction of a second, which has to be that of all cells, and the UTC offset or offsets."""
    timed = [shape for shape in shapes if shape.separator is not None]
    if not any(len(shape.shape) > shape.fraction.start for shape in timed):
        return parsed
    texts = np.concatenate([shape.texts for shape in timed])
    order = np.argsort(texts)
    texts = texts[order]
    fractions = np.concatenate([shape.part(shape.fraction) for shape in timed])[order]
    offsets = np.concatenate([shape.part(shape.offset) for shape in timed])[order]
    problem = changing_fraction(texts, fractions)
    form = parsed.time_format + max(fractions.tolist(), key=len)
    if (offsets == offsets[0]).all():
        return replace(parsed, time_format=form + str(offsets[0]), problem=problem)
    dates = [shape.texts for shape in shapes if shape.separator is None]
    problem = missing_offset(texts, offsets, dates) or problem
    ahead, valid = np.zeros_like(parsed.seconds), parsed.valid.copy()
    ahead[texts] = read_offsets(offsets)
    valid[texts] &= np.abs(ahead[texts]) <= FARTHEST
    form += directive_of(np.unique(offsets).tolist())
    return replace(parsed, time_format=form, problem=problem, offsets=ahead, valid=valid)
