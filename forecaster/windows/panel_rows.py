"""A panel as tensors, the times of its rows by arithmetic where steps are even, else looked up in a table."""

import warnings
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from deploy.time.timestep import SECONDS
from forecaster.data import Panel
from forecaster.windows.runs import Runs


@dataclass(frozen=True)
class RowTimes:
    """The times on the wall clock of the rows of every series."""

    first: Tensor  # int64 (series,) of its first row: the time, or the place in the table
    step: int  # seconds or counts from row to row, or places in the table
    table: Tensor | None = None  # int64 (places,) times

    def at(self, series: Tensor, places: Tensor) -> Tensor:
        """Return times, int64 (batch, time). series: (batch,); places: (batch, time), rows after the first.

        Of places behind a series any time.
        """
        found: Tensor = self.first[series].unsqueeze(1) + self.step * places
        return found if self.table is None else self.table[found.clamp(max=len(self.table) - 1)]

    def to(self, device: torch.device) -> "RowTimes":
        """Return the same on a device."""
        table = None if self.table is None else self.table.to(device)
        return replace(self, first=self.first.to(device), table=table)


def times_of(panel: Panel) -> RowTimes:
    """Return the times of a panel's rows.

    Steps of a calendar and clocks that change need a table: series that lie on one grid share its part.
    """
    step, clock = panel.step, panel.clock
    is_even = step.unit in SECONDS or step.unit == "index"
    if is_even and (clock is None or not clock.in_utc):
        first = panel.times(np.arange(panel.series_count), panel.offsets[:-1])
        return RowTimes(torch.from_numpy(first), step.count * SECONDS.get(step.unit, 1))
    starts, grid = np.unique(panel.starts, return_inverse=True)
    lengths = np.zeros(len(starts), np.int64)
    np.maximum.at(lengths, grid, panel.leads + np.diff(panel.offsets))
    offsets = np.cumsum(lengths) - lengths
    steps = np.arange(lengths.sum()) - np.repeat(offsets, lengths)
    times = step.shift(np.repeat(starts, lengths), steps)
    wall = clock.to_wall(times) if clock else times
    return RowTimes(torch.from_numpy(offsets[grid] + panel.leads), 1, torch.from_numpy(wall))


def shared(array: np.ndarray[Any, Any]) -> Tensor:
    """Return a tensor that shares an array's memory; of one that may not be written, it is only read."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable", UserWarning)
        return torch.from_numpy(array)


@dataclass(frozen=True)
class PanelRows:
    """A panel as tensors, which share its memory on the processor, and the runs of origins in it."""

    values: Tensor
    times: RowTimes
    known: Tensor
    past: Tensor
    static: Tensor
    categories: Tensor
    first: Tensor  # (series,) its first row
    end: Tensor  # (series,) the row after its last observed value
    run_series: Tensor  # (runs,)
    run_first: Tensor  # (runs,)
    run_ends: Tensor | None  # (runs,) windows up to the last one of each; None: each is one

    @classmethod
    def of(cls, panel: Panel, runs: Runs) -> Self:
        """Return the tensors in main memory."""
        arrays = {name: getattr(panel, name) for name in ("values", "known", "past", "static", "categories")}
        arrays |= {"first": panel.offsets[:-1], "end": panel.ends}
        arrays |= {"run_series": runs.series, "run_first": runs.first}
        tensors = {name: shared(array) for name, array in arrays.items()}
        ends = None if runs.counts is None else torch.from_numpy(runs.ends)
        return cls(**tensors, times=times_of(panel), run_ends=ends)

    def to(self, device: torch.device) -> Self:
        """Return the same on a device."""
        moved: dict[str, Any] = {
            n: None if part is None else part.to(device) for n, part in vars(self).items()
        }
        return type(self)(**moved)

    def origins_of(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Return the series and the origin of some windows: int64 (batch,) each."""
        if self.run_ends is None:
            return self.run_series[index], self.run_first[index]
        run = torch.searchsorted(self.run_ends, index, right=True)
        before = torch.where(run > 0, self.run_ends[run - 1], 0)
        return self.run_series[run], self.run_first[run] + index - before
