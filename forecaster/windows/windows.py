"""Windows of a panel: where forecasts start, and whole batches gathered by indexing."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from forecaster.data import Panel
from forecaster.windows.window import Window

CPU = torch.device("cpu")


@dataclass(frozen=True)
class WindowSet:
    """Forecast origins in a panel; `gather` turns some of them into a batch of windows."""

    panel: Panel
    context_length: int
    horizon: int
    series: NDArray[np.int64]  # (windows,)
    origins: NDArray[np.int64]  # (windows,) the panel's row of the first value to forecast
    device: torch.device = CPU  # where the panel's arrays lie and windows are gathered

    def __len__(self) -> int:
        return len(self.origins)

    def draw(self, size: int, weighting: str, generator: torch.Generator) -> Tensor:
        """Draw windows, int64 (size,): all as likely, or all series as likely."""
        if weighting == "windows":
            return torch.randint(len(self), (size,), generator=generator, device=generator.device)
        starts, counts = (part.to(generator.device) for part in self._members)
        series = torch.randint(len(starts), (size,), generator=generator, device=generator.device)
        share = torch.rand(size, generator=generator, device=generator.device, dtype=torch.float64)
        return starts[series] + (share * counts[series]).long()

    def gather(self, index: Tensor, longest: Tensor | None = None) -> tuple[Window, Tensor]:
        """Return a batch: what the network is given, and the true future (batch, horizon), NaN = missing.

        The future of joint series is (batch, horizon, D).
        index: int64 (batch,), which windows; longest: int64 (batch,), cuts histories shorter.
        """
        rows = self._rows
        origin, first, end = (part[index] for part in (rows.origin, rows.first, rows.end))
        limit = torch.full_like(origin, self.context_length) if longest is None else longest
        lengths = torch.minimum(origin - first, limit)
        past = (origin - lengths).unsqueeze(1) + torch.arange(self.context_length, device=index.device)
        inside = past < origin.unsqueeze(1)
        past = past.clamp(max=len(rows.values) - 1)
        series = rows.series[index]
        future = origin.unsqueeze(1) + torch.arange(self.horizon, device=index.device)
        within = future < end.unsqueeze(1)
        future = future.clamp(max=len(rows.values) - 1)
        window = Window(
            history=_keep(rows.values[past], inside),
            lengths=lengths,
            horizon=self.horizon,
            timestamps=rows.timestamps[past],
            future_timestamps=rows.timestamps[future],
            known=rows.known[past] if rows.known.shape[1] else None,
            future_known=rows.known[future] if rows.known.shape[1] else None,
            static_cat=rows.categories[series] if rows.categories.shape[1] else None,
            past=rows.past[past] if rows.past.shape[1] else None,
            static=rows.static[series] if rows.static.shape[1] else None,
        )
        return window, _keep(rows.values[future], within)

    @cached_property
    def _members(self) -> tuple[Tensor, Tensor]:
        """Return the first window of each series that has any, and how many it has.

        Windows stand by series.
        """
        _, starts, counts = np.unique(self.series, return_index=True, return_counts=True)
        return torch.from_numpy(starts), torch.from_numpy(counts)

    @cached_property
    def _rows(self) -> "_Rows":
        panel, clock = self.panel, self.panel.clock
        rows = _Rows(
            values=torch.from_numpy(panel.values),
            timestamps=torch.from_numpy(clock.to_wall(panel.timestamps) if clock else panel.timestamps),
            known=torch.from_numpy(panel.known),
            past=torch.from_numpy(panel.past),
            static=torch.from_numpy(panel.static),
            categories=torch.from_numpy(panel.categories),
            series=torch.from_numpy(self.series),
            origin=torch.from_numpy(self.origins),
            first=torch.from_numpy(panel.offsets[:-1][self.series]),
            end=torch.from_numpy(panel.ends[self.series]),
        )
        return _Rows(**{name: array.to(self.device) for name, array in vars(rows).items()})


@dataclass(frozen=True)
class _Rows:
    """The panel as tensors, with the rows at which each window and its series begin and end."""

    values: Tensor
    timestamps: Tensor
    known: Tensor
    past: Tensor
    static: Tensor
    categories: Tensor
    series: Tensor
    origin: Tensor
    first: Tensor
    end: Tensor


def _keep(values: Tensor, chosen: Tensor) -> Tensor:
    """Return the values of the chosen times, NaN elsewhere. values: (batch, time, ...).

    chosen: (batch, time).
    """
    return torch.where(chosen.view(*chosen.shape, *[1] * (values.ndim - 2)), values, torch.nan)


def observed_windows(windows: WindowSet) -> WindowSet:
    """Return the windows with a value in their context and in their horizon: a gap tells and asks nothing.

    Joint series need one in the context of every channel, as a forecast does, and in the horizon of any.
    """
    panel = windows.panel
    observed = ~np.isnan(panel.values.reshape(len(panel.values), -1))  # (rows, D)
    seen = np.pad(np.cumsum(observed, axis=0), ((1, 0), (0, 0)))  # (rows + 1, D)
    first = np.maximum(panel.offsets[:-1][windows.series], windows.origins - windows.context_length)
    last = np.minimum(panel.ends[windows.series], windows.origins + windows.horizon)
    now = seen[windows.origins]
    kept = (now > seen[first]).all(axis=1) & (seen[last] > now).any(axis=1)
    return replace(windows, series=windows.series[kept], origins=windows.origins[kept])


def windows_apart(windows: WindowSet) -> int:
    """Count the windows that fit side by side; those that overlap tell little new. Each channel counts."""
    if not len(windows):
        return 0
    _, first = np.unique(windows.series, return_index=True)  # windows stand by series
    begins = np.minimum.reduceat(windows.origins, first)
    ends = np.maximum.reduceat(windows.origins, first)
    return int((1 + (ends - begins) // windows.horizon).sum()) * windows.panel.target_size
