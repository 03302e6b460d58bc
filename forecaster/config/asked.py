"""The columns, step and time zone that are asked of data: by a user some, the rest is found."""

import re
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from deploy import TimeStep
from deploy.time.timestep import MONTH_PARTS
from forecaster.config.building import Config

Layout = Literal["auto", "long", "wide", "rows", "grid"]
Aggregate = Literal["sum", "mean", "count", "last", "min", "max"]

STEP_UNITS = {
    **{"": TimeStep(1, "index"), "s": TimeStep(1, "second"), "min": TimeStep(1, "minute")},
    **{"h": TimeStep(1, "hour"), "d": TimeStep(1, "day"), "b": TimeStep(1, "business-day")},
    **{"w": TimeStep(1, "week"), "month": TimeStep(1, "month"), "month-end": TimeStep(1, "month-end")},
    **{unit: TimeStep(1, unit) for unit in ("business-month-start", "business-month-end")},
    **{unit: TimeStep(1, unit) for unit in MONTH_PARTS},
    **{"quarter": TimeStep(3, "month"), "y": TimeStep(12, "month")},
}


class Asked(Config):
    """The section [data], by the names of the options: what a user asks of data; the rest is found."""

    time: str | None = Field(
        default=None, description="time column, or the columns that are the time together"
    )
    time_format: str | None = Field(default=None, description="how times are written: strftime, or index")
    timezone: str | None = Field(default=None, description="IANA name, such as Europe/Berlin")
    target: tuple[str, ...] = Field(default=(), description="columns to forecast")
    joint: bool = Field(default=False, description="the targets of a series are forecast together")
    series: tuple[str, ...] = Field(default=(), description="columns that tell series apart")
    known: tuple[str, ...] = Field(default=(), description="covariates known ahead")
    past: tuple[str, ...] = Field(default=(), description="covariates known up to the last value")
    static: tuple[str, ...] = Field(default=(), description="categories and numbers of a series")
    layout: Layout = Field(default="auto", description="how the file holds its series")
    no_header: bool = Field(default=False, description="the file has no header; columns are c1, c2, ...")
    sheet: str | None = Field(default=None, description="sheet of a workbook")
    na: tuple[str, ...] = Field(default=(), description="texts that mean missing")
    step: str | None = Field(default=None, description="such as 15min, 1h, 1d, 1w, 1month, or 1 for rows")
    aggregate: Aggregate | None = Field(default=None, description="how rows of one step become one")
    holidays: tuple[str, ...] = Field(default=(), description="countries or markets whose holidays count")
    holidays_of: str | None = Field(default=None, description="static column of the country of each series")

    unsaid: ClassVar[dict[str, Any]] = {
        "no_header": False,
        "sheet": None,
        "aggregate": None,
        "holidays": (),
        "holidays_of": None,
    }
    is_complete: ClassVar[bool] = False  # whether nothing else is to be found in the data

    @field_validator("target", "series", "known", "past", "static", "na", "holidays", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
            raise ValueError("expected a text or a list of texts")
        return value

    @field_validator("time", mode="before")
    @classmethod
    def _joined(cls, value: Any) -> Any:
        is_list = isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)
        return ", ".join(value) if is_list else value

    @field_validator("step", mode="before")
    @classmethod
    def _counted(cls, value: Any) -> Any:
        return str(value) if type(value) is int else value

    @field_validator("step")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value:
            parse_step(value)
        return value

    @property
    def time_step(self) -> TimeStep | None:
        """Return the step as a value."""
        return parse_step(self.step) if self.step else None

    @property
    def likely_time_format(self) -> str | None:
        """Return the form of time to choose where the cells do not decide."""
        return None

    @property
    def likely_decimal(self) -> str:
        """Return the decimal sign where no number tells; "" if none is known."""
        return ""

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """Return the columns that are asked for in each role."""
        columns = {"time": () if self.time is None else (self.time,), "target": self.target}
        others = {"series": self.series, "known": self.known, "past": self.past, "static": self.static}
        return {**columns, **others}

    @property
    def named(self) -> set[str]:
        """Return all columns that have a role."""
        return {name for columns in self.roles.values() for name in columns}

    @property
    def texts(self) -> set[str]:
        """Return the columns that are text, whatever their cells are."""
        return set(self.series)

    @property
    def numbers(self) -> set[str]:
        """Return the columns that are numbers, so that any other cell is a mistake."""
        return {*self.target, *self.known, *self.past} - self.texts

    def may_use(self, name: str) -> bool:
        """Return whether a column may have a role."""
        return not self.is_complete or name in self.named


def parse_step(text: str) -> TimeStep:
    """Return the step that a text such as 1h, 15min, 1month or 1 (rows) names. Raises ValueError."""
    match = re.fullmatch(r"(\d*) ?([a-z-]*)", text.strip().lower())
    count = int(match[1] or bool(match[2])) if match else 0
    if match is None or match[2] not in STEP_UNITS or count == 0:
        known = ", ".join(f"1{suffix}" for suffix in STEP_UNITS)
        raise ValueError(f"expected {known}, or a multiple such as 15min")
    unit = STEP_UNITS[match[2]]
    return TimeStep(count * unit.count, unit.unit)
