"""What each column of a file is: time, target, series key, covariate or static."""

from __future__ import annotations

import difflib
from typing import ClassVar, Self

import pandas as pd

from deploy.columns import Columns
from deploy.errors import ConfigError
from deploy.time.timestep import TimeStep
from forecaster.config import Asked
from forecaster.config.building import build
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


class AskedByModel(Asked):
    """The columns of a model, its step and its time zone, as if a user asked for these and no others."""

    is_complete: ClassVar[bool] = True
    columns: Columns
    fitted_step: TimeStep

    @classmethod
    def of(cls, columns: Columns, step: TimeStep, na: tuple[str, ...] = ()) -> Self:
        """Ask for the columns of a model. na: texts that mean missing."""
        names = ["time", "series", "layout", "timezone"]
        if columns.layout != "rows":  # where every row is a series, the target is no column
            names += ["known", "past", "static", "joint"]
        asked = {name: getattr(columns, name) for name in names}
        asked["target"] = columns.targets if columns.layout != "rows" else ()
        return build(cls, {**asked, "na": na, "columns": columns, "fitted_step": step})

    @property
    def time_step(self) -> TimeStep:
        """The step that the model was fitted on."""
        return self.fitted_step

    @property
    def likely_time_format(self) -> str | None:
        """The form of time that the model was fitted on."""
        return self.columns.time_format or None

    @property
    def texts(self) -> set[str]:
        """The keys and the categories."""
        return {*self.series, *self.columns.categories}

    @property
    def numbers(self) -> set[str]:
        """All other columns that the model takes."""
        return {*self.target, *self.known, *self.past, *self.static} - self.texts


def check_asked(asked: Asked, names: tuple[str, ...]) -> None:
    """Raises ConfigError for a column that does not exist or that is given two roles."""
    taken: dict[str, str] = {}
    for role, columns in asked.roles.items():
        for name in columns:
            if name not in names:
                folded = {known.casefold(): known for known in names}
                near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
                hint = f'did you mean "{folded[near[0]]}"? ' if near else ""
                raise ConfigError(f'--{role} "{name}": no such column; {hint}columns: {", ".join(names)}')
            if name in taken:
                again = f"twice as --{role}" if taken[name] == role else f"as --{taken[name]} and as --{role}"
                raise ConfigError(f'column "{name}" is given {again}')
            taken[name] = role


def find_time(frame: pd.DataFrame, asked: Asked) -> str | None:
    """The time column; None: the rows are numbered."""
    if asked.time is not None or asked.is_complete:
        return asked.time
    taken = asked.named
    free = [name for name in map(str, frame.columns) if name not in taken]
    words = [name for name in free if is_text(frame[name])]
    dates = [name for name in words if looks_like_timestamps(frame[name], asked.time_format)]
    # Databases write the bounds of a query into every row.
    dates = [name for name in dates if frame[name].nunique() > 1] or dates
    named = [name for name in dates if name.casefold().strip("_ ") in TIME_NAMES]
    # A text column called "date" that does not parse: taken all the same, so that the reader says why not.
    claimed = [name for name in words if name.casefold() in DATE_NAMES]
    counts = [name for name in free if name.casefold() in INDEX_NAMES and _is_integer(frame[name])]
    stamps = [name for name in free if looks_like_dates(frame[name])]
    known = [name for name in stamps if name.casefold() in TIME_NAMES]
    return next(iter([*named, *dates, *claimed, *known, *counts, *stamps]), None)


def find_unread_time(frame: pd.DataFrame, asked: Asked) -> str | None:
    """A column of text that is called like time, and was not understood."""
    taken = asked.named
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
