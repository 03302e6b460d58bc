"""Windows of a panel: where forecasts start, and whole batches gathered by indexing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deploy.errors import ConfigError, DataError
from forecaster.config import ModelConfig
from forecaster.data.panel import Panel
from forecaster.model.window import Window

CPU = torch.device("cpu")
# A series validates its forecasts on at most this share of its values ...
VALIDATION_SHARE = 0.2
# ... or on this many horizons, from this many origins.
VALIDATION_HORIZONS = 4
VALIDATION_ORIGINS = 8
# Fewer windows than this are too noisy, so that few series are given more origins each;
# more than the latter tell nothing new about when to stop.
FEWEST_VALIDATION_WINDOWS, MOST_VALIDATION_WINDOWS = 128, 4096
# Horizons that a series must hold before one of them is kept back to validate.
HORIZONS_TO_VALIDATE = 3


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
        """Random windows, int64 (size,): all as likely, or all series as likely."""
        if weighting == "windows":
            return torch.randint(len(self), (size,), generator=generator, device=generator.device)
        starts, counts = (part.to(generator.device) for part in self._members)
        series = torch.randint(len(starts), (size,), generator=generator, device=generator.device)
        share = torch.rand(size, generator=generator, device=generator.device, dtype=torch.float64)
        return starts[series] + (share * counts[series]).long()

    def gather(self, index: Tensor, longest: Tensor | None = None) -> tuple[Window, Tensor]:
        """A batch: what the network is given, and the true future (batch, horizon), NaN = missing.

        Of joint series (batch, horizon, D).
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
        """The first window of each series that has any, and how many it has; windows stand by series."""
        _, starts, counts = np.unique(self.series, return_index=True, return_counts=True)
        return torch.from_numpy(starts), torch.from_numpy(counts)

    @cached_property
    def _rows(self) -> _Rows:
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
    """The panel as tensors, beside the rows at which each window and its series begin and end."""

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
    """The values of the chosen times, NaN elsewhere. values: (batch, time, ...); chosen: (batch, time)."""
    return torch.where(chosen.view(*chosen.shape, *[1] * (values.ndim - 2)), values, torch.nan)


@dataclass(frozen=True)
class Split:
    """Windows to train on and windows to validate on; no training target lies in a validation target."""

    train: WindowSet
    validation: WindowSet
    train_ends: NDArray[np.int64]  # (series,) the panel's row where each series' training values end


def split(
    panel: Panel, config: ModelConfig, device: torch.device = CPU, validation_length: int | None = None
) -> Split:
    """Cut each series in time: its last part validates, all before it trains.

    device: where the arrays are to lie. validation_length: values of each series that validate; None: as many
    as tell. Raises DataError if no series is long enough to do both, ConfigError if they hold no horizon.
    """
    horizon = config.horizon
    train_lengths = _train_lengths(panel.lengths(), horizon, validation_length)
    train_ends = panel.offsets[:-1] + train_lengths
    everything = WindowSet(panel, config.context_length, horizon, np.empty(0, int), np.empty(0, int), device)
    train = _training_windows(everything, train_lengths, config)
    validation = _validation_windows(everything, train_ends)
    for windows, purpose in ((train, "train on"), (validation, "validate on")):
        if not len(windows):
            raise DataError(
                f"nothing to {purpose}: no {config.context_length} steps and the {horizon} after them hold "
                "an observed value each; give more data or a longer --context"
            )
    return Split(train, validation, train_ends)


def _train_lengths(
    lengths: NDArray[np.int64], horizon: int, validation_length: int | None
) -> NDArray[np.int64]:
    """(series,) how many values of each train: all of one that is too short to validate as well."""
    if validation_length is not None and validation_length < horizon:
        raise ConfigError(
            f"validation_length: expected a horizon at least, {horizon}, found {validation_length}"
        )
    needed = (HORIZONS_TO_VALIDATE - 1) * horizon + (validation_length or horizon)
    if lengths.max() < needed:
        remedy = "a shorter --horizon" if validation_length is None else "a smaller validation_length"
        raise DataError(
            f"too short: the longest series has {lengths.max()} values; to train and to validate a horizon "
            f"of {horizon} needs at least {needed}; give more data or {remedy}"
        )
    share = np.minimum((lengths * VALIDATION_SHARE).astype(np.int64), VALIDATION_HORIZONS * horizon)
    kept_back = validation_length or np.maximum(horizon, share)
    return np.where(lengths >= needed, lengths - kept_back, lengths)


def _training_windows(windows: WindowSet, lengths: NDArray[np.int64], config: ModelConfig) -> WindowSet:
    """Every origin with a whole horizon before the cut and, where the series is long, a whole context."""
    last = lengths - windows.horizon
    # Leave two seasons of origins to a series that is barely longer than a context.
    spare = np.maximum(last - 2 * config.season, (last + 1) // 2)
    first = np.maximum(1, np.minimum(config.context_length, spare))
    counts = np.maximum(0, last - first + 1)
    series = np.repeat(np.arange(len(lengths)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    origins = windows.panel.offsets[series] + first[series] + np.arange(len(series)) - before
    return observed_windows(replace(windows, series=series, origins=origins))


def _validation_windows(windows: WindowSet, train_ends: NDArray[np.int64]) -> WindowSet:
    """Origins spread evenly over each series, from its cut to its last whole horizon."""
    last = windows.panel.ends - windows.horizon
    chosen = np.flatnonzero(last >= train_ends)
    origins = max(VALIDATION_ORIGINS, -(-FEWEST_VALIDATION_WINDOWS // len(chosen)))
    share = np.linspace(0, 1, origins)
    spread = train_ends[chosen, None] + np.round(share * (last - train_ends)[chosen, None]).astype(np.int64)
    pairs = np.unique(
        np.stack([np.repeat(chosen, origins), spread.ravel()], axis=1), axis=0
    )  # (windows, 2), without the repeats of short series
    usable = observed_windows(replace(windows, series=pairs[:, 0], origins=pairs[:, 1]))
    # A whole stride would take the same origins of every series.
    kept = np.linspace(0, len(usable) - 1, min(len(usable), MOST_VALIDATION_WINDOWS)).round().astype(np.int64)
    return replace(usable, series=usable.series[kept], origins=usable.origins[kept])


def observed_windows(windows: WindowSet) -> WindowSet:
    """Those with a value in their context and in their horizon: a gap neither tells nor asks anything.

    Of joint series in the context of every channel, as a forecast needs, and in the horizon of any.
    """
    panel = windows.panel
    observed = ~np.isnan(panel.values.reshape(len(panel.values), -1))  # (rows, D)
    seen = np.pad(np.cumsum(observed, axis=0), ((1, 0), (0, 0)))  # (rows + 1, D)
    first = np.maximum(panel.offsets[:-1][windows.series], windows.origins - windows.context_length)
    last = np.minimum(panel.ends[windows.series], windows.origins + windows.horizon)
    now = seen[windows.origins]
    kept = (now > seen[first]).all(axis=1) & (seen[last] > now).any(axis=1)
    return replace(windows, series=windows.series[kept], origins=windows.origins[kept])
