"""Timestamps of a time zone: as they were written, as moments, and on the clock that the steps run on."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.time.clock import UNITS_IN_UTC, Clock
from deploy.time.zones import DAY, Zone, find_zone
from forecaster.config import Asked
from forecaster.data.complaints import BadCells, Complaint, Misfit, Option
from forecaster.data.row_times import Times
from forecaster.data.table import Table, series_codes, sort_table
from forecaster.data.times.forms import INDEX, has_time
from forecaster.data.times.offsets import literal_offset, with_directive, with_literal
from forecaster.data.times.steps import infer_step
from forecaster.data.times.zones import Written, changing_offset, infer_zone


@dataclass(frozen=True)
class Stamps:
    """A column of timestamps."""

    times: Times  # (rows,) seconds of the clock, or of the wall clock or counts without one
    time_format: str  # to write them as they were written
    clock: Clock | None = None  # of the time zone; None: nothing is known of one


def place_in_zone(written: Written, time_format: str, asked: Asked) -> Stamps:
    """Return timestamps with UTC offsets of their own, in the zone that was chosen or that fits.

    Where all have one offset and no zone is chosen it is a part of the form. Raises a Complaint.
    """
    offsets, timezone = written.offsets, asked.timezone
    if timezone is None and (offsets == offsets[0]).all():
        ahead = int(offsets[0])
        return Stamps(written.utc.map(lambda utc: utc + ahead), with_literal(time_format, ahead))
    if timezone is None and asked.is_complete:
        raise changing_offset(
            written,
            "and the model has no time zone",
            ("write all times with one UTC offset, or fit again with ", Option("timezone")),
        )
    zone = infer_zone(written) if timezone is None else find_zone(timezone)
    return Stamps(written.utc, time_format, Clock(zone, in_utc=True))


def place_at_offset(times: Times, time_format: str, timezone: str | None) -> Stamps:
    """Return timestamps of one form in the zone that was chosen. times: (rows,) as the form reads them.

    Texts that all end in one UTC offset and seconds since 1970 are moments. Raises a Misfit for counts.
    """
    if timezone is None:
        return Stamps(times, time_format)
    if time_format == INDEX:
        raise Misfit((Option("timezone"), f" is {timezone}, but the timestamps are plain counts"))
    zone, ahead = find_zone(timezone), literal_offset(time_format)
    if time_format.startswith("%s"):
        return Stamps(times, time_format, Clock(zone, in_utc=True))
    if ahead is None:
        return Stamps(times, time_format, Clock(zone, in_utc=False))
    utc = times.map(lambda seconds: seconds - ahead)
    if (zone.offsets(utc.moments) == ahead).all():
        time_format = with_directive(time_format)  # a part of the year, which continues with another offset
    return Stamps(utc, time_format, Clock(zone, in_utc=True))


def settle_clock(table: Table, series: tuple[str, ...], step: TimeStep | None) -> Table:
    """Return the table on the clock that its steps run on: UTC below a day, the wall clock from a day on.

    step: the one that was asked for. Raises a Complaint for local times that no moment has.
    """
    if table.clock is None:
        return table
    on_wall = Clock(table.clock.zone, in_utc=False)
    wall = table.times.map(on_wall.from_utc) if table.clock.in_utc else table.times
    local = replace(table, times=wall, clock=on_wall)
    unit = (step or _local_step(local, series)).unit
    if unit not in UNITS_IN_UTC:
        return local
    if table.clock.in_utc:
        return table
    _refuse_skipped(local)
    moments = _localise(local, series, on_wall.zone)
    return replace(table, times=Times(moments), clock=Clock(on_wall.zone, in_utc=True))


def on_clock(step: TimeStep, clock: Clock | None) -> TimeStep:
    """Return the step in a unit of the clock: a day of UTC is 24 hours."""
    if clock is None or not clock.in_utc or step.unit in UNITS_IN_UTC:
        return step
    return TimeStep(int(step.mean_seconds) // 3600, "hour")


def without_doubles(table: Table) -> Table:
    """Return the rows whose local time is the time of one moment: those that tell whether times repeat."""
    if table.clock is None or table.clock.in_utc:
        return table
    early, late = table.clock.zone.to_utc(table.timestamps)
    single = np.flatnonzero(early >= late)
    if not 0 < len(single) < len(early):
        return table
    return replace(table.take(single), distinct_times=len(single))


def may_be_doubles(times: NDArray[np.int64], time_format: str) -> bool:
    """Return whether local times that occur twice may be those of a clock put back: once a year, at most.

    times: (doubles,) of a file without a time zone.
    """
    if not has_time(time_format) or literal_offset(time_format) is not None:
        return False
    days = np.unique((times // DAY).astype("datetime64[D]"))
    return len(days) == len(np.unique(days.astype("datetime64[Y]")))


def _local_step(local: Table, series: tuple[str, ...]) -> TimeStep:
    """Return the step of local times, of which those that occur twice count once."""
    rows = sort_table(local, series)
    times = rows.table.timestamps
    new = np.ones(len(times), dtype=np.bool_)
    new[1:] = (times[1:] != times[:-1]) | ~rows.within()
    offsets = np.concatenate([[0], np.cumsum(new)])[rows.offsets]
    return infer_step(times[new], offsets, has_calendar=True)


def _localise(table: Table, series: tuple[str, ...], zone: Zone) -> NDArray[np.int64]:
    """Return the moments of local times: (rows,).

    Where a time has two, the order of its series tells which: the first comes first.
    """
    early, late = zone.to_utc(table.timestamps)
    double = np.flatnonzero(early < late)
    if not double.size:
        return early
    codes = series_codes(table, series)
    order = _order_in_file(table.timestamps, codes, double)
    if order == 0:
        raise Complaint(
            f"the clocks of {zone.name} show this time twice, and the rows are not in order of time, which "
            "would tell which it is",
            np.sort(table.rows_of(double))[:1],
            "sort the rows by time, or write the UTC offset of each",
            column=table.time,
        )
    double = double[::order]
    later = double[_repeats(table.times[double], codes[double])]
    moments = early.copy()
    moments[later] = late[later]
    return moments


def _refuse_skipped(table: Table) -> None:
    """Raise a Complaint for local times that no clock of the zone shows."""
    if table.clock is None or table.time is None:
        return
    early, late = table.clock.zone.to_utc(table.timestamps)
    skipped = np.flatnonzero(early > late)
    if not skipped.size:
        return
    rows = np.sort(table.rows_of(skipped))
    found = f"is a time that the clocks of {table.clock.zone.name} skip"
    remedy = ("correct it, or name the zone that the file is in with ", Option("timezone"))
    position = table.names.index(table.time)
    raise BadCells(found, rows, remedy, "correct it", table.time, position=position)


def _order_in_file(times: NDArray[np.int64], codes: NDArray[np.int64], double: NDArray[np.int64]) -> int:
    """Return 1 if the single times of every series rise, -1 if they fall, 0 if they do neither.

    times, codes: (rows,); double: the rows whose times are not single.
    """
    single = np.ones(len(times), dtype=np.bool_)
    single[double] = False
    rows = np.flatnonzero(single)
    rows = rows[np.argsort(codes[rows], kind="stable")]
    differences = np.diff(times[rows])[np.diff(codes[rows]) == 0]
    if (differences >= 0).all():
        return 1
    return -1 if (differences <= 0).all() else 0


def _repeats(times: NDArray[np.int64], codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether a time comes after one of its series that is as late or later: (doubles,).

    times and codes of the series: (doubles,), in the order of the file.
    """
    distinct = np.unique(times)
    changes = np.concatenate([[0], np.cumsum(np.diff(distinct) > DAY)])  # clocks go back once in a while
    frame = pd.DataFrame(
        {"series": codes, "change": changes[np.searchsorted(distinct, times)], "time": times}
    )
    keys = [frame["series"], frame["change"]]
    latest = frame.groupby(["series", "change"])["time"].cummax()
    before = latest.groupby(keys).shift(fill_value=np.iinfo(np.int64).min)
    repeats: NDArray[np.bool_] = before.to_numpy() >= times
    return repeats
