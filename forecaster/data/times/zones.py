"""Which time zone: the one that was named, or the one whose clocks show the UTC offsets of a file."""

import difflib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from deploy.time.zones import Zone, find_zone, offset_at
from forecaster.data.complaints import Complaint, Misfit, Option, Text
from forecaster.data.notes import infer
from forecaster.data.row_times import Times
from forecaster.data.times.offsets import write_offsets

# Names of places; others, such as EST5EDT, are of the same clocks.
AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia"),
    *("Europe", "Indian", "Pacific"),
)
# Of zones that fit alike the first of these: about in the order of how many people live by their clocks.
MOST_USED = (
    *("Asia/Shanghai", "Asia/Kolkata", "America/New_York", "America/Sao_Paulo", "America/Chicago"),
    *("Africa/Cairo", "America/Mexico_City", "Europe/Berlin", "Europe/Moscow", "Europe/Istanbul"),
    *("Asia/Tehran", "Europe/London", "America/Los_Angeles", "Asia/Karachi", "Europe/Kyiv"),
    *("America/Bogota", "America/Argentina/Buenos_Aires", "Africa/Casablanca", "America/Denver"),
    *("Asia/Baghdad", "America/Lima", "Australia/Sydney", "America/Santiago", "Asia/Damascus"),
    *("Asia/Amman", "America/Havana", "Asia/Jerusalem", "America/Asuncion", "Asia/Beirut"),
    *("Australia/Adelaide", "Pacific/Auckland", "America/Halifax", "America/Phoenix", "America/Anchorage"),
)
HOUR, YEAR = 3600, 365 * 86400
# Zones that fit are the same to a forecast if their clocks agree for so long after the data.
YEARS_ALIKE = 2
SHOWN_ZONES = 3


@dataclass(frozen=True)
class Written:
    """Moments and the UTC offset that each was written with, as a column of a file has them."""

    column: str
    rows: NDArray[np.int64]  # (cells,) of the source
    utc: Times  # (cells,) seconds since 1970
    offsets: NDArray[np.int64]  # of each of utc.moments: seconds ahead of UTC


def check_zone(name: str | None) -> None:
    """Raise a Misfit for a time zone that does not exist, or that this machine does not know."""
    known = set() if name is None else available_timezones()  # these are read from a folder
    if name is None or name in known:
        return
    option = Option("timezone", name, is_quoted=True)
    if not known:
        raise Misfit((option, ": no time zones are installed here; pip install tzdata adds them"))
    by_place = {zone.rpartition("/")[2].casefold(): zone for zone in sorted(known)}
    folded = {**by_place, **{zone.casefold(): zone for zone in sorted(known)}}
    near = difflib.get_close_matches(name.replace(" ", "_").casefold(), folded, n=1, cutoff=0.5)
    hint = f'did you mean "{folded[near[0]]}"?' if near else "expected an IANA name such as Europe/Berlin"
    raise Misfit((option, f": no such time zone; {hint}"))


def infer_zone(written: Written) -> Zone:
    """Return the zone whose clocks show the offsets at all moments; a note says what was chosen of several.

    Several may do so; if they agree for YEARS_ALIKE more years, it is the first of MOST_USED, else the first
    by name of those in use in the area of most of them. Raises a Complaint if none fits, or if several
    that fit do not agree.
    """
    moments, first = np.unique(written.utc.moments, return_index=True)
    offsets = written.offsets[first]
    zones = _fitting_zones(moments, offsets)
    if not zones:
        raise changing_offset(
            written,
            "as the clocks of no time zone do",
            (Option("timezone", "ZONE"), " reads all moments in the local time of that zone"),
        )
    later = moments[-1] + np.arange(0, YEARS_ALIKE * YEAR, HOUR)
    kinds: dict[bytes, list[str]] = {}
    for zone in zones:
        kinds.setdefault(zone.offsets(later).tobytes(), []).append(zone.name)
    chosen = [_choose(names) for names in kinds.values()]
    if len(chosen) > 1:
        listed = ", ".join(sorted(chosen)[:SHOWN_ZONES]) + (", ..." if len(chosen) > SHOWN_ZONES else "")
        found = f"its UTC offsets are those of several time zones that differ later: {listed}"
        raise Complaint(found, remedy=(Option("timezone", "ZONE"), " decides"), column=written.column)
    if len(zones) > 1:
        found = f'column "{written.column}": {len(zones)} time zones have its UTC offsets'
        until = f"and are alike until {_year(int(later[-1]))}; took {chosen[0]}, "
        infer(f"{found}, {until}", Option("timezone"), alternative="names another")
    return find_zone(chosen[0])


def _fitting_zones(moments: NDArray[np.int64], offsets: NDArray[np.int64]) -> list[Zone]:
    """Return the places whose clocks are `offsets` ahead at `moments`, rising: both (moments,)."""
    before = np.flatnonzero(np.diff(offsets))
    # Most zones fail at the first change, before their tables are made.
    telling = np.unique(np.concatenate([[0], before, before + 1, [len(moments) - 1]]))
    expected = [
        (int(moment), timedelta(seconds=int(ahead)))
        for moment, ahead in zip(moments[telling], offsets[telling], strict=True)
    ]
    zones = []
    for name in sorted(available_timezones()):
        if not name.startswith(AREAS):
            continue
        rules = ZoneInfo(name)
        if all(offset_at(rules, moment) == ahead for moment, ahead in expected):
            zones.append(find_zone(name))
    return [zone for zone in zones if (zone.offsets(moments) // 60 * 60 == offsets).all()]


def _choose(names: list[str]) -> str:
    """Return one of several names: the most used, else of the area of most one that a country uses."""
    most_used = next((name for name in MOST_USED if name in names), None)
    if most_used is not None:
        return most_used
    areas = Counter(name.partition("/")[0] for name in sorted(names))
    area, in_use = areas.most_common(1)[0][0], _names_in_use()
    return min(
        (name for name in names if name.startswith(area)),
        key=lambda name: (name not in in_use, name.count("/"), name),
    )


@lru_cache(maxsize=1)
def _names_in_use() -> frozenset[str]:
    """Return the zones that IANA lists by country, none under two names.

    Empty where there is no such list.
    """
    folders = [Path(folder) for folder in TZPATH]
    with suppress(ModuleNotFoundError):
        folders.append(Path(str(files("tzdata.zoneinfo"))))
    for folder in folders:
        with suppress(OSError):
            lines = (folder / "zone.tab").read_text(encoding="utf-8").splitlines()
            return frozenset(line.split("\t")[2] for line in lines if not line.startswith("#"))
    return frozenset()


def changing_offset(written: Written, reason: str, remedy: Text) -> Complaint:
    """Return the complaint that names the first two offsets, why they cannot be, and what to do."""
    offsets = replace(written.utc, moments=written.offsets)
    other = int((offsets.all() != offsets[0]).argmax())
    first, second = write_offsets(offsets[[0, other]], ":z")
    found = f"the UTC offset changes, from {first} to {second}, {reason}"
    return Complaint(found, written.rows[[0, other]], remedy, column=written.column)


def _year(moment: int) -> str:
    return str(np.int64(moment).astype("datetime64[s]").astype("datetime64[Y]"))
