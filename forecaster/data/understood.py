"""The facts of data: for machines a value, for people a block of lines."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer, model_validator

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.data.complaints import Option
from forecaster.data.notes import Inference
from forecaster.data.panel.panel import Panel, count_observed
from forecaster.data.times.timestamps import write_timestamps

# Longer lists of columns are cut in the block, and whole in JSON.
SHOWN_CHARACTERS = 60
LABEL = 8  # characters before what a line says
LAYOUTS = {
    **{"long": "a column tells series apart", "wide": "a column a series", "rows": "a row a series"},
    "grid": "a row a period, a column each part of it",
}
# Forms whose texts leave no doubt about day and month.
CLEAR_FORMS = ("%Y", "index")
# In JSON the columns stand in a row with two facts of them, in this order; "series" is a number there.
IN_ROW = (
    *("time", "time_parts", "time_format", "timezone", "targets", "joint", "series_columns", "known"),
    *("known_ahead", "past", "static", "vocabularies", "ignored", "unused_numbers", "layout", "aggregate"),
    "decimal",
)
UNSAID = ("source", "inferences", "holidays")  # where there are none
NOTHING: tuple[tuple[str, Any], ...] = (
    ("aggregate", None),
    ("time_parts", {}),
    ("decimal", ""),
)  # what JSON does not say
NAME_IN_COLUMNS = {name: name for name in IN_ROW if name not in ("known_ahead", "vocabularies")}
NAME_IN_COLUMNS["series_columns"] = "series"


class Understood(BaseModel):
    """The facts of a file and its columns. Written flat into every run, so the names in JSON are fixed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    series: int
    values: int  # of all series, from the first to the last observed one of each
    missing: int  # of these
    shortest: int  # values of a series
    longest: int
    first: str  # time of the first and of the last value, as the file writes it
    last: str
    step: dict[str, int | str]  # {"count", "unit"}
    season: int  # steps; 1 = none
    columns: Columns
    known_ahead: int = 0  # steps that nearly all series know beyond their last value
    vocabularies: dict[str, list[str]]  # of the categories
    reasons: dict[str, str] = {}  # why columns of numbers are ignored that are nothing to forecast
    # What was inferred though something else was plausible, each with the option that says otherwise.
    notes: tuple[str, ...] = ()
    inferences: tuple[Inference, ...] = ()  # those of the notes, each with its alternative
    source: dict[str, str] | None = None  # of a URL or a query, without passwords
    holidays: dict[str, Any] | None = None  # covariates that are found by date, as a manifest has them

    @classmethod
    def of(cls, file: Path | str, panel: Panel, season: int, source: dict[str, str] | None = None) -> Self:
        """Describe a panel. file: what it was read from; season: in steps, found or chosen."""
        columns, lengths = panel.columns, panel.lengths()
        firsts = panel.times(np.arange(panel.series_count), panel.offsets[:-1])
        ends = np.array([firsts.min(), panel.last_times().max()])
        first, last = write_timestamps(ends, columns.time_format, panel.clock)
        values = int(lengths.sum()) * panel.target_size
        return cls(
            file=Path(file).name,
            series=panel.series_count,
            values=values,
            missing=values - count_observed(panel)[1],
            shortest=int(lengths.min()),
            longest=int(lengths.max()),
            first=first,
            last=last,
            step=asdict(panel.step),
            season=season,
            columns=columns,
            known_ahead=(panel.known_reach() or 0) if columns.known else 0,
            vocabularies=dict(zip(columns.categories, map(list, panel.vocabularies), strict=True)),
            reasons=panel.reasons,
            notes=panel.notes,
            inferences=panel.inferences,
            source=source,
            holidays=panel.holidays.to_json() if panel.holidays else None,
        )

    @model_validator(mode="before")
    @classmethod
    def _gather_columns(cls, content: Any) -> Any:
        """Take what JSON says of the columns as one value. Early runs lack some of it."""
        if not isinstance(content, dict) or "columns" in content:
            return content
        facts = {name: value for name, value in content.items() if name not in NAME_IN_COLUMNS}
        columns = {NAME_IN_COLUMNS[name]: content[name] for name in NAME_IN_COLUMNS if name in content}
        vocabularies, static = content.get("vocabularies"), columns.get("static")
        if isinstance(static, list | tuple) and isinstance(vocabularies, dict):
            columns["static_numbers"] = tuple(name for name in static if name not in vocabularies)
        if isinstance(parts := columns.get("time_parts"), dict):
            columns["time_parts"] = tuple(parts.items())
        return {**facts, "columns": columns}

    @model_serializer(mode="wrap")
    def _write_flat(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = write(self)
        columns = {**content["columns"], "time_parts": dict(content["columns"]["time_parts"])}
        row = {name: content.get(name, columns.get(NAME_IN_COLUMNS.get(name))) for name in IN_ROW}
        row = {name: value for name, value in row.items() if (name, value) not in NOTHING}
        flat: dict[str, Any] = {}
        for name, value in content.items():
            is_said = name not in row and not (name in UNSAID and not value)
            flat |= row if name == "columns" else {name: value} if is_said else {}
        return flat

    @property
    def time_step(self) -> TimeStep:
        """Return the step as a value."""
        return TimeStep(int(self.step["count"]), str(self.step["unit"]))

    def lines(self) -> list[str]:
        """Return the headline, a line for each role that some column has, and one for each note."""
        facts = [*self.roles().items(), *(("WARNING", said) for said in self.notes)]
        return [self.headline, *(f"  {name:<{LABEL}}{said}" for name, said in facts)]

    @property
    def headline(self) -> str:
        """Return how much there is, and from when to when."""
        span = f"{self.longest}" if self.shortest == self.longest else f"{self.shortest} to {self.longest}"
        gaps = f" ({self.missing} missing)" if self.missing else ""
        return f"{self.file}: {self.series} series of {span} values{gaps}, {self.first} to {self.last}"

    def roles(self, write: Callable[[Option], str] = str) -> dict[str, str]:
        """Return each role that some column has, and which ones have it. write: writes options."""
        roles = {
            "time": self._time(),
            "target" if len(self.columns.targets) == 1 else "targets": self._targets(),
            "series": _list(self.columns.series),
            "known": self._known(),
            "past": _list(self.columns.past),
            "holiday": self._holidays(),
            "static": _list([self._static(name) for name in self.columns.static]),
            "ignored": self._ignored(write),
            "layout": LAYOUTS.get(self.columns.layout, ""),
        }
        return {role: said for role, said in roles.items() if said}

    def _time(self) -> str:
        season = f"season {self.season}" if self.season > 1 else "no season"
        columns = self.columns
        form = "" if columns.time_format.startswith(CLEAR_FORMS) else columns.time_format
        facts = [str(self.time_step), season, form, columns.timezone]
        return f"{columns.time or 'none, values are counted'} ({'; '.join(fact for fact in facts if fact)})"

    def _targets(self) -> str:
        how = ["joint"] if self.columns.joint else []
        how += [f"{self.columns.aggregate} of each step"] if self.columns.aggregate else []
        return _list(self.columns.targets) + (f" ({'; '.join(how)})" if how else "")

    def _known(self) -> str:
        ahead = f"{self.known_ahead} step{'' if self.known_ahead == 1 else 's'} ahead"
        return f"{_list(self.columns.known)} ({ahead})" if self.columns.known else ""

    def _holidays(self) -> str:
        if self.holidays is None:
            return ""
        regions, names = self.holidays["days"], self.holidays["names"]
        return f"{_list(list(regions))} (known to {self.holidays['last']}): {_list(names)}"

    def _static(self, name: str) -> str:
        if name not in self.vocabularies:
            return f"{name} (number)"
        count = len(self.vocabularies[name])
        return f"{name} ({count} value{'' if count == 1 else 's'})"

    def _ignored(self, write: Callable[[Option], str]) -> str:
        unused = self.columns.unused_numbers
        others = [
            f"{name} ({self.reasons[name].replace('--known', write(Option('known')))})"
            if name in self.reasons
            else name
            for name in self.columns.ignored
            if name not in unused
        ]
        numbers = f"{_list(unused)} (numbers: {write(Option('past'))} uses them)" if unused else ""
        return "; ".join(part for part in (_list(others), numbers) if part)


def _list(names: Sequence[str]) -> str:
    """Return the names between commas; of many as many as a line takes, and how many there are."""
    shown: list[str] = []
    for name in names:
        if shown and len(", ".join([*shown, name])) > SHOWN_CHARACTERS:
            return f"{', '.join(shown)}, … ({len(names)} in all)"
        shown.append(name)
    return ", ".join(shown)
