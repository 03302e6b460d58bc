"""Windows of a panel: where forecasts start, and whole batches gathered by indexing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from forecaster.data import Panel
from forecaster.windows.panel_rows import PanelRows
from forecaster.windows.runs import Runs, join
from forecaster.windows.window import Window

CPU = torch.device("cpu")


@dataclass(frozen=True)
class WindowSet:
    """Forecast origins in a panel; `gather` turns some of them into a batch of windows."""

    panel: Panel
    context_length: int
    horizon: int
    runs: Runs  # the panel's rows of the first value to forecast
    device: torch.device = CPU  # where the panel's arrays lie and windows are gathered

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def series(self) -> NDArray[np.int64]:
        """Return the series of each window, (windows,): of few, since those that train are many."""
        return self.runs.apart().series

    @property
    def origins(self) -> NDArray[np.int64]:
        """Return the panel's row of the first value that each window forecasts, (windows,): of few."""
        return self.runs.apart().first

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
        series, origin = rows.origins_of(index)
        first, end = rows.first[series], rows.end[series]
        limit = torch.full_like(origin, self.context_length) if longest is None else longest
        lengths = torch.minimum(origin - first, limit)
        past = (origin - lengths).unsqueeze(1) + torch.arange(self.context_length, device=index.device)
        inside = past < origin.unsqueeze(1)
        past = past.clamp(max=len(rows.values) - 1)
        future = origin.unsqueeze(1) + torch.arange(self.horizon, device=index.device)
        within = future < end.unsqueeze(1)
        future = future.clamp(max=len(rows.values) - 1)
        window = Window(
            history=_keep(rows.values[past], inside),
            lengths=lengths,
            horizon=self.horizon,
            timestamps=rows.times.at(series, past - first.unsqueeze(1)),
            future_timestamps=rows.times.at(series, future - first.unsqueeze(1)),
            known=rows.known[past] if rows.known.shape[1] else None,
            future_known=rows.known[future] if rows.known.shape[1] else None,
            static_cat=rows.categories[series] if rows.categories.shape[1] else None,
            past=rows.past[past] if rows.past.shape[1] else None,
            static=rows.static[series] if rows.static.shape[1] else None,
        )
        return window, _keep(rows.values[future], within)

    @cached_property
    def _members(self) -> tuple[Tensor, Tensor]:
        """Return the first window of each series that has any, and how many it has."""
        _, starts, counts = self.runs.members()
        return torch.from_numpy(starts), torch.from_numpy(counts)

    @cached_property
    def _rows(self) -> PanelRows:
        return PanelRows.of(self.panel, self.runs).to(self.device)


def _keep(values: Tensor, chosen: Tensor) -> Tensor:
    """Return the values of the chosen times, NaN elsewhere. values: (batch, time, ...).

    chosen: (batch, time).
    """
    return torch.where(chosen.view(*chosen.shape, *[1] * (values.ndim - 2)), values, torch.nan)


def observed_windows(windows: WindowSet) -> WindowSet:
    """Return the windows with a value in their context and in their horizon: a gap tells and asks nothing.

    Joint series need one in the context of every channel, as a forecast does, and in the horizon of any.
    """
    kept = list(_observed(windows))
    if windows.runs.counts is not None:
        return replace(windows, runs=join(kept))
    series, first = (
        np.concatenate([getattr(part, name) for part in kept] or [np.empty(0, np.int64)])
        for name in ("series", "first")
    )
    return replace(windows, runs=Runs(series, first))


def _observed(windows: WindowSet) -> Iterator[Runs]:
    """Yield those runs, a few at a time, so that little memory is taken; a gap cuts a run in two."""
    panel, horizon = windows.panel, windows.horizon
    for block in windows.runs.blocks():
        begin = max(0, int(block.first[0]) - windows.context_length)
        stop = int(block.first[-1]) + horizon + (0 if block.counts is None else int(block.counts[-1]))
        observed = ~np.isnan(panel.values[begin:stop].reshape(min(stop, len(panel.values)) - begin, -1))
        if observed.all():
            yield block
            continue
        apart = block.apart()
        kept = _are_observed(windows, apart, observed, begin)
        chosen = apart.take(np.flatnonzero(kept))
        yield chosen if block.counts is None else replace(chosen, counts=np.ones(len(chosen), np.int64))


def _are_observed(
    windows: WindowSet, origins: Runs, observed: NDArray[np.bool_], begin: int
) -> NDArray[np.bool_]:
    """Return which windows have a value in both parts. observed: (rows, D) from the row `begin` on."""
    panel = windows.panel
    seen = np.zeros((len(observed) + 1, observed.shape[1]), np.int32)
    np.cumsum(observed, axis=0, out=seen[1:])
    first = np.maximum(panel.offsets[:-1][origins.series], origins.first - windows.context_length)
    last = np.minimum(panel.ends[origins.series], origins.first + windows.horizon)
    now = seen[origins.first - begin]
    kept: NDArray[np.bool_] = (now > seen[first - begin]).all(axis=1) & (seen[last - begin] > now).any(axis=1)
    return kept


def windows_apart(windows: WindowSet) -> int:
    """Count the windows that fit side by side; those that overlap tell little new. Each channel counts."""
    if not len(windows):
        return 0
    _, starts, counts = windows.runs.members()
    begins, ends = (windows.runs.take(index).first for index in (starts, starts + counts - 1))
    return int((1 + (ends - begins) // windows.horizon).sum()) * windows.panel.target_size
