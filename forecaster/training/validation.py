"""Free-running validation, beside the forecasts that a network has to beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from forecaster.data.windows import Split
from forecaster.evaluation.baselines import BASELINES
from forecaster.evaluation.metrics import mase, seasonal_scale
from forecaster.model.channels import split_channels
from forecaster.model.network import Network
from forecaster.model.unrolling import unroll_free
from forecaster.model.window import Window
from forecaster.training.loss import pinball

BATCH = 512


@dataclass(frozen=True)
class Score:
    """How a network does on the validation windows, always free-running."""

    loss: float  # quantile loss of the horizon rows, normalised: decides which weights are kept
    mase: float  # error of the median, scaled per series and channel by its seasonal differences


@dataclass(frozen=True)
class Validation:
    """The held-out windows of a split and all that does not change from epoch to epoch."""

    split: Split
    season: int

    def score(self, network: Network) -> Score:
        """Forecast every validation window and compare."""
        levels = torch.tensor(network.config.quantile_levels)
        losses, counts, medians = [], [], []
        with torch.inference_mode():
            for window, future in self._batches():
                encoding = network.encode(window)
                start = network.start(encoding, window)
                rows = network.decoder.rows(unroll_free(network.decoder, start), start.highway).horizon
                truth = network.targets(future, encoding.stats)
                losses.append(float(pinball(rows, truth, levels)))
                counts.append(float(torch.isfinite(truth).sum()))
                quantiles = network.emit(rows, encoding.stats)[:, : window.horizon]
                medians.append(split_channels(quantiles[..., network.config.median_index], self._size))
        loss = float(np.average(losses, weights=counts)) if sum(counts) else float("nan")
        return Score(loss, self._mase(torch.cat(medians).double().numpy()))

    @cached_property
    def baselines(self) -> dict[str, float]:
        """The same scaled error of each baseline."""
        windows = [window for window, _ in self._batches()]
        return {
            name: self._mase(
                np.concatenate(
                    [forecast(end_aligned(w, self._size), w.horizon, self.season) for w in windows]
                )
            )
            for name, forecast in BASELINES.items()
        }

    def _mase(self, forecast: NDArray[np.float64]) -> float:
        return mase(self._actual, forecast, self._scales)

    @cached_property
    def _actual(self) -> NDArray[np.float64]:
        """(windows × D, horizon)."""
        parts = [split_channels(future, self._size) for _, future in self._batches()]
        return torch.cat(parts).double().numpy()

    @cached_property
    def _scales(self) -> NDArray[np.float64]:
        """(windows × D,): the unit of each channel of each window's series."""
        panel, ends = self.split.validation.panel, self.split.train_ends
        chosen, inverse = np.unique(self.split.validation.series, return_inverse=True)
        channels = panel.values.reshape(len(panel.values), -1).T.astype(np.float64)  # (D, rows)
        scales = [
            [seasonal_scale(values[panel.offsets[s] : ends[s]], self.season) for values in channels]
            for s in chosen
        ]
        return np.array(scales)[inverse].ravel()

    @property
    def _size(self) -> int:
        return self.split.validation.panel.target_size

    def _batches(self) -> Iterator[tuple[Window, Tensor]]:
        windows = self.split.validation
        for index in torch.arange(len(windows)).split(BATCH):
            yield windows.gather(index)


def end_aligned(window: Window, size: int = 1) -> NDArray[np.float64]:
    """Histories with their last value in the last column, NaN in front: (batch × D, time). size: D."""
    time = window.history.shape[1]
    index = torch.arange(time) - (time - window.lengths.repeat_interleave(size)).unsqueeze(1)
    values = split_channels(window.history, size).gather(1, index.clamp(min=0))
    return torch.where(index >= 0, values, torch.nan).double().numpy()
