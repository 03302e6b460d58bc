"""The times of rows as tensors: by arithmetic where steps are even, else looked up in a table of few."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from deploy.time.timestep import SECONDS
from forecaster.data import Panel


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
