"""Holidays as covariates of a panel: chosen once, by the library `holidays`, and frozen for its model."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from deploy.errors import ConfigError, ExtraMissingError
from deploy.time.holidays import DAY, MAX_NAMES, Holidays, days_of_steps
from forecaster.config import Asked
from forecaster.data.complaints import Option, with_options
from forecaster.data.panel.panel import Panel

AHEAD = 10  # years after the data and the longest horizon: so long a model may serve
BACK = 1  # years before the data: histories may begin there
LANGUAGES = ("en_US", "en")  # of the names, so that regions share them; else the country's own
OTHERS = "other holiday"
SEEN = 2  # times that a holiday is in the data, from which on it is a covariate of its own
FIRST_YEAR, LAST_YEAR = 1900, 2200

Days = dict[str, set[int]]  # name -> days since 1970


def with_holidays(panel: Panel, holidays: Holidays | None) -> Panel:
    """Return the panel with its holidays as the last known covariates; as it is where there are none.

    Raises InputError for rows after the days that are known.
    """
    if holidays is None:
        return panel
    wall = panel.clock.to_wall(panel.timestamps) if panel.clock else panel.timestamps
    lengths = np.diff(panel.offsets)
    regions = np.repeat(regions_of(panel, holidays), lengths)
    known = np.concatenate([panel.known, holidays.count(panel.step, wall, regions)], axis=1)
    return replace(panel, known=known, holidays=holidays)


def regions_of(panel: Panel, holidays: Holidays) -> NDArray[np.int64]:
    """Return the number of the region of each series: (series,)."""
    if holidays.column is None:
        return np.zeros(panel.series_count, dtype=np.int64)
    place = panel.columns.categories.index(holidays.column)
    return holidays.region_of(list(panel.vocabularies[place]))[panel.categories[:, place]]


def choose_holidays(panel: Panel, asked: Asked, longest: int) -> Holidays | None:
    """Return what is asked for, of all years that the data and their model may reach; None if nothing is.

    longest: steps that may be forecast. A holiday that the data have twice is a covariate by its name, all
    others are one together. Raises ConfigError for regions that are not known, ExtraMissingError without the
    library.
    """
    if not asked.holidays and asked.holidays_of is None:
        return None
    if not panel.step.has_calendar:
        raise with_options(
            ConfigError,
            *(Option("holidays"), " needs dates, and the rows of these data are counted; name their "),
            Option("time"),
        )
    column, codes = _regions(panel, asked)
    begin, end = _seen_days(panel)
    ahead = int(longest * panel.step.mean_seconds / DAY)
    first, last = (
        int(np.clip(y, FIRST_YEAR, LAST_YEAR)) for y in (_year(begin) - BACK, _year(end + ahead) + AHEAD)
    )
    found = {
        region: _merged(_days(code, range(first, last + 1)) for code in own) for region, own in codes.items()
    }
    names = _names(found.values(), begin, end)
    if not names:
        raise ConfigError(f"no holidays are known of {', '.join(found)} from {first} to {last}")
    days = {region: tuple(_of_names(own, names)) for region, own in found.items()}
    return Holidays(column, names, _number(date(first, 1, 1)), _number(date(last, 12, 31)), days)


def _regions(panel: Panel, asked: Asked) -> tuple[str | None, dict[str, tuple[str, ...]]]:
    """Return the column that tells regions apart, and the codes of each region."""
    if asked.holidays_of is None:
        return None, {"+".join(asked.holidays): asked.holidays}
    if asked.holidays:
        both = (Option("holidays"), " and ", Option("holidays_of"))
        raise with_options(ConfigError, *both, " both say which holidays there are; leave out one")
    column = asked.holidays_of
    if column not in panel.columns.categories:
        known = ", ".join(panel.columns.categories) or "none"
        raise with_options(
            ConfigError,
            Option("holidays_of", column),
            ": expected a column of texts that stay the same in a series (",
            *(Option("static"), f"), of which there are: {known}"),
        )
    texts = panel.vocabularies[panel.columns.categories.index(column)]
    if len(texts) == 1:
        return None, {texts[0]: (texts[0],)}
    return column, {text: (text,) for text in texts}


def _days(code: str, years: range) -> Days:
    """Return the holidays of a country (DE), a part of it (DE-BY) or a market (NYSE)."""
    try:
        import holidays
    except ModuleNotFoundError as error:
        if error.name != "holidays":
            raise
        raise with_options(
            ExtraMissingError,
            Option("holidays"),
            " needs the library holidays, which is not installed; install the extra: "
            "pip install 'lstm-forecaster[train,cpu,holidays]'",
        ) from None
    country, _, part = code.strip().upper().partition("-")
    markets = holidays.list_supported_financial()
    languages = holidays.list_localized_countries().get(country, [])
    language = next((name for name in LANGUAGES if name in languages), None)
    try:
        if country in markets and not part:
            found = holidays.financial_holidays(country, years=years)
        else:
            found = holidays.country_holidays(country, subdiv=part or None, years=years, language=language)
    except NotImplementedError as error:
        raise ConfigError(
            f"no holidays are known of {code!r} ({error}); expected a country such as DE, a part of one such "
            "as DE-BY, or a market such as NYSE"
        ) from None
    days: Days = {}
    for day, names in found.items():
        for name in names.split("; "):
            days.setdefault(name, set()).add(_number(day))
    return days


def _merged(several: Iterable[Days]) -> Days:
    merged: Days = {}
    for days in several:
        for name, own in days.items():
            merged.setdefault(name, set()).update(own)
    return merged


def _names(regions: Iterable[Days], begin: int, end: int) -> tuple[str, ...]:
    """Return the names of the covariates: those that one region has often enough, and one for all others."""
    every, often = set[str](), set[str]()
    for days in regions:
        every.update(days)
        often.update(name for name, own in days.items() if sum(begin <= day <= end for day in own) >= SEEN)
    kept = sorted(often)[: MAX_NAMES - 1]
    return (*kept, OTHERS) if every - set(kept) else tuple(kept)


def _of_names(days: Days, names: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """Yield the days of each covariate of a region."""
    for name in names:
        if name == OTHERS:
            rest = (own for other, own in days.items() if other not in names)
            yield tuple(sorted(set[int]().union(*rest)))
        else:
            yield tuple(sorted(days.get(name, ())))


def _seen_days(panel: Panel) -> tuple[int, int]:
    """Return the first and the last day of the data."""
    firsts = panel.times(np.arange(panel.series_count), panel.offsets[:-1])
    begin, _ = days_of_steps(panel.step, firsts)
    _, end = days_of_steps(panel.step, panel.last_times())
    return int(begin.min()), int(end.max()) - 1


def _year(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[Y]").astype(np.int64)) + 1970


def _number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))
