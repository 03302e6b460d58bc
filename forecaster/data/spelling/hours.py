"""The time of day in a timestamp, by its shape: where it stands, and the forms that it may have."""

import re
from dataclasses import dataclass
from functools import lru_cache

from forecaster.data.spelling.candidates import forms_of_date
from forecaster.data.spelling.vocabulary import HALVES, ZONE_NAMES, words_of

PLACE = "\0"  # in a form of the date: where the time stands, unless at the end
SECONDS_PART = re.compile("[:.-]?%S")
CLOCK = re.compile(r"9{1,2}:99(?::99)?")
HALF = r"(?P<half>[AaPp][Mm]|[AaPp]\. ?[Mm]\.)"
TIME = (
    r"(?P<time>(?P<hours>9{1,2}(?:(?P<sign>[:.h]|(?<=_99)-|(?<=99-99-99-99)-)99(?:(?P=sign)99)?"
    r"|(?= ?[AaPp][Mm.])))"
    rf"(?: ?{HALF})?"
    r"|(?<=[T_ ])9999(?:99)?|99|9{1,2}[時时시](?: ?99[分分])?)"
    r"(?P<fraction>[.,]9{1,9})?"
    rf"(?P<offset> ?(?:\(?(?:{'|'.join(ZONE_NAMES)}|Z|UTC)\)?|[+-]99(?::?99)?| (?:Uhr|h|hrs)|h))?"
)
TIMED = re.compile(
    rf"(?P<date>.+?)(?P<separator>[T_]|(?<![-–]) {{1,3}}|, ?| - (?=9{{1,2}}(?:[:h]|\.99(?![.9])| ?[AaPp]))"
    rf"| at | um |:(?=99:99:99)|(?<=99-99-99)-(?=99[:-]99)){TIME}"
)
TIME_FIRST = re.compile(rf"{TIME}(?P<date>,? .+)")
TIME_INSIDE = re.compile(rf"(?P<date>\S.*?)(?P<separator> ){TIME}(?P<tail> 9999)")  # ctime's


@dataclass(frozen=True)
class Timed:
    """A shape with a time of day."""

    dates: tuple[str, ...]  # forms of its date, with PLACE where the time stands unless at the end
    separator: str  # between date and time
    times: tuple[str, ...]  # forms of the time, those that continue to seconds too
    time: slice  # where it stands
    fraction: slice  # where the fraction of a second stands, with its sign
    offset: slice  # where the UTC offset stands, or what else follows


def find_hours(shape: str) -> Timed | None:
    """Return the date and the time of day of a shape; None where it has no such two."""
    for pattern in (TIMED, TIME_INSIDE, TIME_FIRST):
        match = pattern.fullmatch(shape)
        if match is None or (pattern is TIME_FIRST and ":" not in match["time"]):
            continue
        found = match.groupdict()
        date, tail = found["date"].lstrip(", "), found.get("tail", "")
        dates = forms_of_date(date + tail, is_timed=True)
        if pattern is TIME_INSIDE:
            dates = tuple(form[:-3] + PLACE + form[-3:] for form in dates if form.endswith(" %Y"))
        if pattern is TIME_FIRST:
            between = found["date"][: len(found["date"]) - len(date)]
            dates = tuple(PLACE + between + form for form in dates)
        if dates:
            end = match.end("time")
            split = end + len(found["fraction"] or "")
            stop = split + len(found["offset"] or "")
            times = forms_of_time(found["time"])
            place = slice(match.start("time"), end)
            separator = found.get("separator") or ""
            return Timed(dates, separator, times, place, slice(end, split), slice(split, stop))
    return None


@lru_cache(maxsize=256)
def forms_of_time(time: str) -> tuple[str, ...]:
    """Return the forms that a time of this shape may have, with zeros and without, and with seconds."""
    match = re.fullmatch(rf"(?P<clock>9[^AaPp]*?)(?P<blank> ?)(?:{HALF})?", time)
    if match is None:
        return ()
    halves = [name for name in HALVES if match["half"] in words_of(name)]
    numbers, signs = re.findall("9+", match["clock"]), re.split("9+", match["clock"])[1:]
    hour = "%I" if halves else "%H"
    if len(numbers[0]) > 2:
        forms = [f"{hour}%M"] if len(numbers[0]) == 4 else []
        forms.append(f"{hour}%M%S")
    else:
        form = "".join(f"{name}{sign}" for name, sign in zip((hour, "%M", "%S"), signs, strict=False))
        forms = [form, f"{form}{signs[0]}%S"] if len(numbers) == 2 and not signs[-1] else [form]
        short = [form.replace(hour, hour.replace("%", "%-")) for form in forms]
        pairs = zip(forms, short, strict=True)
        forms = short if len(numbers[0]) == 1 else [form for pair in pairs for form in pair]
    return (
        tuple(f"{form}{match['blank']}%{half}" for form in forms for half in halves)
        if halves
        else tuple(forms)
    )
