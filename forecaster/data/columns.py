"""The columns that are asked of data, by a model all and by a user some, against those that there are."""

import difflib
import logging
from typing import ClassVar, Self

import pandas as pd

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.data.complaints import Misfit, Option

ACROSS = ("rows", "grid")  # layouts with time across the columns
logger = logging.getLogger("forecaster")


class NoSuchColumn(Misfit):
    """A column that was asked for, by a user or a model, and that data do not have."""


class AskedByModel(Asked):
    """The columns of a model, its step and its time zone, as if a user asked for these and no others."""

    is_complete: ClassVar[bool] = True
    columns: Columns
    fitted_step: TimeStep

    @classmethod
    def of(cls, columns: Columns, step: TimeStep, na: tuple[str, ...] = ()) -> Self:
        """Ask for the columns of a model. na: texts that mean missing."""
        names = ["series", "static", "layout", "timezone", "aggregate"]
        is_across = columns.layout in ACROSS  # neither time nor target is a column
        if not is_across:
            names += ["time", "known", "past", "joint"]
        asked = {name: getattr(columns, name) for name in names}
        asked["target"] = () if is_across else columns.targets
        return build(cls, {**asked, "na": na, "columns": columns, "fitted_step": step})

    @property
    def time_step(self) -> TimeStep:
        """Return the step that the model was fitted on."""
        return self.fitted_step

    @property
    def likely_time_format(self) -> str | None:
        """Return the form of time that the model was fitted on."""
        return self.columns.time_format or None

    @property
    def likely_decimal(self) -> str:
        """Return the decimal sign of the data that the model was fitted on."""
        return self.columns.decimal

    @property
    def texts(self) -> set[str]:
        """Return the keys and the categories."""
        return {*self.series, *self.columns.categories}

    @property
    def numbers(self) -> set[str]:
        """Return all other columns that the model takes."""
        return {*self.target, *self.known, *self.past, *self.static} - self.texts

    def may_use(self, name: str) -> bool:
        """Return whether a column may have a role: all, until times across the columns are found."""
        return super().may_use(name) or (self.layout in ACROSS and not self.target)


def time_columns(asked: Asked, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that are asked for as the time: none, one, or several that are joined.

    names: of all columns.
    """
    if isinstance(asked, AskedByModel) and asked.columns.time_parts and asked.time is not None:
        return tuple(name for name, _ in asked.columns.time_parts)
    parts = tuple(part.strip() for part in (asked.time or "").split(","))
    if asked.time is None or asked.time in names or len(parts) < 2:
        return () if asked.time is None else (asked.time,)
    return parts


def check_asked(asked: Asked, names: tuple[str, ...]) -> None:
    """Raise a Misfit for a column that does not exist or that is given two roles.

    A model's columns that tell series apart may all be missing: what is left may be one series.
    """
    lacking = _lacks_keys(asked, names)
    names = (*names, *(part for name in names for part in (split_name(name) or ((), ""))[0]))
    taken: dict[str, str] = {}
    if asked.aggregate == "count" and asked.target and not asked.is_complete:
        raise Misfit(
            (Option("aggregate", "count"), " counts rows, whatever they hold; leave out ", Option("target"))
        )
    if asked.holidays_of not in (None, *names):
        raise _no_such_column("holidays_of", str(asked.holidays_of), names)
    for role, columns in {**asked.roles, "time": time_columns(asked, names)}.items():
        if asked.aggregate == "count" and role == "target":  # no column of the data
            continue
        for name in columns:
            if name not in names and not (lacking and role == "series"):
                raise _no_such_column(role, name, names)
            if name in taken and {taken[name], role} != {"series", "static"}:  # a key may tell of its series
                again = ("twice as ",) if taken[name] == role else ("as ", Option(taken[name]), " and as ")
                raise Misfit((f'column "{name}" is given ', *again, Option(role)))
            taken[name] = role


def split_name(name: str) -> tuple[tuple[str, ...], str] | None:
    r"""Return the columns that one holds, and what the header calls the time: of "unit,geo\\TIME_PERIOD".

    None for any other name. So Eurostat writes tables of tabs.
    """
    parts, sign, time = name.rpartition("\\")
    return (tuple(part.strip() for part in parts.split(",")), time.strip()) if sign else None


def as_one_series(frame: pd.DataFrame, asked: Asked) -> Asked:
    """Return what is asked of data without any column that tells a model's series apart: one series.

    Raises a Misfit where two rows have one time, so that they are several.
    """
    names = tuple(map(str, frame.columns))
    if not _lacks_keys(asked, names):
        return asked
    if asked.time is not None and frame[asked.time].dropna().duplicated().any():
        raise _no_such_column("series", asked.series[0], names)
    logger.warning('no column "%s": all rows are read as one series', '", "'.join(asked.series))
    return asked.model_copy(update={"series": ()})


def _lacks_keys(asked: Asked, names: tuple[str, ...]) -> bool:
    """Return whether data of these columns have none of those that tell a model's series apart."""
    return (
        asked.is_complete
        and asked.layout not in ACROSS
        and bool(asked.series)
        and not {*asked.series} & {*names}
    )


def _no_such_column(role: str, name: str, names: tuple[str, ...]) -> NoSuchColumn:
    folded = {known.casefold(): known for known in names}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    hint = f'did you mean "{folded[near[0]]}"? ' if near else ""
    option = Option(role, name, is_quoted=True)
    return NoSuchColumn((option, f": no such column; {hint}columns: {', '.join(names)}"))
