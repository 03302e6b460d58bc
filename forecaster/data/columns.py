"""What each column of a file is: time, target, series key, covariate or static."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import pandas as pd

from deploy.errors import ConfigError
from deploy.time.timestep import TimeStep
from forecaster.data.times.counts import looks_like_dates
from forecaster.data.times.timestamps import looks_like_timestamps

DATE_NAMES = ("timestamp", "datetime", "date", "time", "ds")  # a column of text named so has to be the time
TIME_NAMES = (*DATE_NAMES, "t", "period", "year", "quarter", "month", "week", "day", "hour")
# What German, French, Spanish and Italian files call it: of no use but to warn where it was not understood.
FOREIGN_NAMES = (
    *("datum", "zeit", "zeitpunkt", "zeitstempel", "uhrzeit", "jahr", "quartal", "monat", "woche", "tag"),
    *(
        "heure",
        "horodatage",
        "jour",
        "semaine",
        "mois",
        "trimestre",
        "année",
        "fecha",
        "hora",
        "día",
        "semana",
    ),
    *("mes", "año", "data", "ora", "giorno", "settimana", "mese", "anno"),
)
# Numbers named month or hour are covariates more often than time.
INDEX_NAMES = (*DATE_NAMES, "t", "step", "index", "period", "year")
UNNAMED = "unnamed column "  # and its number from 1: how a column without a name is called


@dataclass(frozen=True)
class ColumnChoice:
    """What the user said on the command line; empty = find out."""

    time: str | None = None
    targets: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    na: tuple[str, ...] = ()  # extra texts that mean missing
    step: TimeStep | None = None
    layout: str = "auto"  # one of layout.LAYOUTS
    time_format: str | None = None  # a strftime format, or "index" for counts
    timezone: str | None = None  # an IANA name
    trained_time_format: str | None = None  # of the file that was trained on: decides where the cells do not
    past: tuple[str, ...] = ()
    categories: tuple[str, ...] | None = None  # those of static that are texts; None = their cells decide
    keeps_level: bool = False  # values as they are, though float32 may not hold them
    is_for_model: bool = False  # all of this is what a model was fitted on, and no option can change it
    joint: bool = False  # the targets are the channels of one series

    def roles(self) -> dict[str, tuple[str, ...]]:
        """The option of each role and the columns given with it."""
        time = () if self.time is None else (self.time,)
        return {
            "--time": time,
            "--target": self.targets,
            "--series": self.series,
            "--known": self.known,
            "--past": self.past,
            "--static": self.static,
        }

    def may_use(self, name: str) -> bool:
        """Whether a column may have a role; of what a model was fitted on, those that were given one."""
        return not self.is_for_model or any(name in columns for columns in self.roles().values())

    @property
    def texts(self) -> set[str]:
        """Columns that are text, whatever their cells are."""
        return {*self.series, *(self.categories or ())}

    @property
    def numbers(self) -> set[str]:
        """Columns that are numbers, so that any other cell is a mistake."""
        static = () if self.categories is None else self.static
        return {*self.targets, *self.known, *self.past, *static} - self.texts


def check_choice(choice: ColumnChoice, names: tuple[str, ...]) -> None:
    """Raises ConfigError for a column that does not exist or that is given two roles."""
    taken: dict[str, str] = {}
    for option, columns in choice.roles().items():
        for name in columns:
            if name not in names:
                folded = {known.casefold(): known for known in names}
                near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
                hint = f'did you mean "{folded[near[0]]}"? ' if near else ""
                raise ConfigError(f'{option} "{name}": no such column; {hint}columns: {", ".join(names)}')
            if name in taken:
                twice = f"twice as {option}" if taken[name] == option else f"as {taken[name]} and as {option}"
                raise ConfigError(f'column "{name}" is given {twice}')
            taken[name] = option


def find_time(frame: pd.DataFrame, choice: ColumnChoice) -> str | None:
    """The time column; None: the rows are numbered."""
    if choice.time is not None or choice.is_for_model:
        return choice.time
    taken = {name for role in choice.roles().values() for name in role}
    free = [name for name in map(str, frame.columns) if name not in taken]
    words = [name for name in free if is_text(frame[name])]
    dates = [name for name in words if looks_like_timestamps(frame[name], choice.time_format)]
    # Databases write the bounds of a query into every row.
    dates = [name for name in dates if frame[name].nunique() > 1] or dates
    named = [name for name in dates if name.casefold().strip("_ ") in TIME_NAMES]
    # A text column called "date" that does not parse: taken all the same, so that the reader says why not.
    claimed = [name for name in words if name.casefold() in DATE_NAMES]
    counts = [name for name in free if name.casefold() in INDEX_NAMES and _is_integer(frame[name])]
    stamps = [name for name in free if looks_like_dates(frame[name])]
    known = [name for name in stamps if name.casefold() in TIME_NAMES]
    return next(iter([*named, *dates, *claimed, *known, *counts, *stamps]), None)


def find_unread_time(frame: pd.DataFrame, choice: ColumnChoice) -> str | None:
    """A column of text that is called like time, and was not understood."""
    taken = {name for role in choice.roles().values() for name in role}
    free = [name for name in map(str, frame.columns) if name not in taken]
    names = {*TIME_NAMES, *FOREIGN_NAMES}
    return next((name for name in free if name.casefold() in names and is_text(frame[name])), None)


def is_text(column: pd.Series[str]) -> bool:
    """Whether a column that was read holds words (at least one cell is neither a number nor missing)."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return is_text(column.cat.categories.to_series())
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "mixed", "mixed-integer")


def _is_integer(column: pd.Series[str]) -> bool:
    """Whether a column of numbers holds whole ones only; missing cells do not count."""
    if is_text(column) or pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        return False
    present = column.dropna()
    return len(present) > 0 and bool((present % 1 == 0).all())
