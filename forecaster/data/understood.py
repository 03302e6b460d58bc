"""What was understood of a data file, for machines as a value and for people as a block of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict

from deploy.time.timestep import TimeStep
from forecaster.data.panel.panel import Panel
from forecaster.data.times.timestamps import write_timestamps
from forecaster.workflows.recipe import known_reach

# Longer lists of columns are cut in the block, and whole in JSON.
SHOWN_CHARACTERS = 60
LABEL = 8  # characters before what a line says
LAYOUTS = {"long": "a column tells series apart", "wide": "a column a series", "rows": "a row a series"}
# Forms whose texts leave no doubt about day and month.
CLEAR_FORMS = ("%Y", "index")


class Understood(BaseModel):
    """What a file holds and what each of its columns is. Written into every run, so JSON names are fixed."""

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
    time: str | None  # None: the rows are numbered
    time_format: str
    timezone: str | None = None
    targets: tuple[str, ...]
    joint: bool = False  # the targets of a series are forecast together
    series_columns: tuple[str, ...]
    known: tuple[str, ...]
    known_ahead: int = 0  # steps that nearly all series know beyond their last value
    past: tuple[str, ...] = ()
    static: tuple[str, ...]  # categories and numbers
    vocabularies: dict[str, list[str]]  # of the categories
    ignored: tuple[str, ...] = ()
    unused_numbers: tuple[str, ...] = ()  # those of ignored that could be past covariates
    layout: str = "auto"  # how the file holds its series

    @classmethod
    def of(cls, file: Path | str, panel: Panel, season: int) -> Self:
        """What a panel says. file: what it was read from; season: in steps, found or chosen."""
        columns, lengths = panel.columns, panel.lengths()
        ends = np.array([panel.timestamps[panel.offsets[:-1]].min(), panel.timestamps[panel.ends - 1].max()])
        first, last = write_timestamps(ends, columns.time_format, panel.clock)
        values = int(lengths.sum()) * panel.target_size
        return cls(
            file=Path(file).name,
            series=panel.series_count,
            values=values,
            missing=values - int(np.isfinite(panel.values).sum()),
            shortest=int(lengths.min()),
            longest=int(lengths.max()),
            first=first,
            last=last,
            step=asdict(panel.step),
            season=season,
            time=columns.time,
            time_format=columns.time_format,
            timezone=columns.timezone,
            targets=columns.targets,
            joint=columns.joint,
            series_columns=columns.series,
            known=columns.known,
            known_ahead=(known_reach(panel) or 0) if columns.known else 0,
            past=columns.past,
            static=columns.static,
            vocabularies=dict(zip(columns.categories, map(list, panel.vocabularies), strict=True)),
            ignored=columns.ignored,
            unused_numbers=columns.unused_numbers,
            layout=columns.layout,
        )

    @property
    def time_step(self) -> TimeStep:
        """The step as a value."""
        return TimeStep(int(self.step["count"]), str(self.step["unit"]))

    def lines(self) -> list[str]:
        """The headline, and a line for each role that some column has."""
        return [self.headline, *(f"  {role:<{LABEL}}{said}" for role, said in self.roles().items())]

    @property
    def headline(self) -> str:
        """How much there is, and of which time."""
        span = f"{self.longest}" if self.shortest == self.longest else f"{self.shortest} to {self.longest}"
        gaps = f" ({self.missing} missing)" if self.missing else ""
        return f"{self.file}: {self.series} series of {span} values{gaps}, {self.first} to {self.last}"

    def roles(self) -> dict[str, str]:
        """What the columns are: each role that some column has, and which ones have it."""
        roles = {
            "time": self._time(),
            "target" if len(self.targets) == 1 else "targets": self._targets(),
            "series": _list(self.series_columns),
            "known": self._known(),
            "past": _list(self.past),
            "static": _list([self._static(name) for name in self.static]),
            "ignored": self._ignored(),
            "layout": LAYOUTS.get(self.layout, ""),
        }
        return {role: said for role, said in roles.items() if said}

    def _time(self) -> str:
        season = f"season {self.season}" if self.season > 1 else "no season"
        form = "" if self.time_format.startswith(CLEAR_FORMS) else self.time_format
        facts = [str(self.time_step), season, form, self.timezone]
        return f"{self.time or 'none, values are counted'} ({'; '.join(fact for fact in facts if fact)})"

    def _targets(self) -> str:
        return _list(self.targets) + (" (joint)" if self.joint else "")

    def _known(self) -> str:
        ahead = f"{self.known_ahead} step{'' if self.known_ahead == 1 else 's'} ahead"
        return f"{_list(self.known)} ({ahead})" if self.known else ""

    def _static(self, name: str) -> str:
        if name not in self.vocabularies:
            return f"{name} (number)"
        count = len(self.vocabularies[name])
        return f"{name} ({count} value{'' if count == 1 else 's'})"

    def _ignored(self) -> str:
        others = [name for name in self.ignored if name not in self.unused_numbers]
        numbers = f"{_list(self.unused_numbers)} (numbers: --past uses them)" if self.unused_numbers else ""
        return "; ".join(part for part in (_list(others), numbers) if part)


def _list(names: Sequence[str]) -> str:
    """The names between commas; of many as many as a line takes, and how many there are."""
    shown: list[str] = []
    for name in names:
        if shown and len(", ".join([*shown, name])) > SHOWN_CHARACTERS:
            return f"{', '.join(shown)}, … ({len(names)} in all)"
        shown.append(name)
    return ", ".join(shown)
