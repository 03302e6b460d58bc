"""Free-running validation, compared with the baselines that a network has to beat."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from forecaster.config import TrainConfig
from forecaster.evaluation.baselines import BASELINES
from forecaster.evaluation.metrics import mase, seasonal_scales
from forecaster.model.channels import split_channels
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.model.unrolling import unroll_forced, unroll_free
from forecaster.training.loss import pinball_by_step
from forecaster.windows.split import VALIDATION, Split
from forecaster.windows.window import Window
from forecaster.windows.windows import CPU, WindowSet, windows_apart

BATCH = 512
# Of the windows that train, so many are validated in all epochs together ...
SHARE = 0.1
# ... but in each of them at least as many as tell weights apart.
FEWEST = VALIDATION.fewest


@dataclass(frozen=True)
class Comparison:
    """Losses of a network that runs freely, and of the same teacher-forced, on some windows."""

    loss: float  # free-running quantile loss of the horizon rows, normalised
    # Quantile loss of the `next` rows per decoder step, fed their own medians and fed the truth; NaN where no
    # window has an observed value. The excess of the first is exposure bias (Bengio et al., 2015).
    free: tuple[float, ...]
    forced: tuple[float, ...]
    exposure_bias: float  # their ratio over all steps; NaN where the latter is 0


@dataclass(frozen=True)
class Score(Comparison):
    """Losses on the validation windows, which decide which weights are kept, and the error of the median."""

    mase: float  # error of the free-running median, scaled per series and channel by seasonal differences


@dataclass(frozen=True)
class Validation:
    """The windows to validate on, and all figures of them that do not change from epoch to epoch."""

    split: Split
    season: int

    def score(self, network: Network) -> Score:
        """Forecast every validation window, free-running and teacher-forced, and compare."""
        medians, found = compare(network, self.split.validation)
        return Score(**vars(found), mase=self._mase(medians))

    def mase_of(self, ensemble: Ensemble) -> float:
        """Return the scaled error of an ensemble's median."""
        medians, device = [], ensemble.offsets.device
        with torch.inference_mode():
            for window, _ in batches(self.split.validation):
                median = ensemble.forecast(window.to(device))[..., ensemble.config.median_index].cpu()
                medians.append(split_channels(median, self._size))
        return self._mase(torch.cat(medians).double().numpy())

    @cached_property
    def baselines(self) -> dict[str, float]:
        """The scaled error of each baseline."""
        windows = [window.to(CPU) for window, _ in batches(self.split.validation)]
        return {
            one.name: self._mase(
                np.concatenate(
                    [one.forecast(end_aligned(w, self._size), w.horizon, self.season) for w in windows]
                )
            )
            for one in BASELINES
            if one.in_fits
        }

    def _mase(self, forecast: NDArray[np.float64]) -> float:
        return mase(self._actual, forecast, self._scales)

    @cached_property
    def _actual(self) -> NDArray[np.float64]:
        """Actual values: (windows × D, horizon)."""
        parts = [split_channels(future, self._size) for _, future in batches(self.split.validation)]
        return torch.cat(parts).double().cpu().numpy()

    @cached_property
    def _scales(self) -> NDArray[np.float64]:
        """The unit of each channel of each window's series: (windows × D,)."""
        panel, ends = self.split.validation.panel, self.split.train_ends
        chosen, inverse = np.unique(self.split.validation.series, return_inverse=True)
        scales = seasonal_scales(panel.values, panel.offsets[chosen], ends[chosen], self.season)
        apart: NDArray[np.float64] = scales[inverse, :, 0].ravel()
        return apart

    @cached_property
    def apart(self) -> int:
        """How many of the windows do not overlap: those that do tell little more."""
        return windows_apart(self.split.validation)

    @property
    def _size(self) -> int:
        return self.split.validation.panel.target_size


def windows_to_validate(train: TrainConfig, updates: int) -> int:
    """Return how many windows each epoch may validate. updates: of the whole selection, as expected."""
    epochs = max(1, min(train.epochs, updates))
    return max(FEWEST, int(SHARE * updates * train.batch_size / epochs))


def compare(network: Network, windows: WindowSet) -> tuple[NDArray[np.float64], Comparison]:
    """Forecast every window, free-running and teacher-forced.

    Returns the medians of the horizon rows in data units, (windows × D, horizon), and normalised losses.
    """
    config, device = network.config, next(network.parameters()).device
    steps = -(-windows.horizon // config.patch_length)
    medians, sums = [], torch.zeros(4, steps, dtype=torch.float64)
    with torch.inference_mode():
        for window, future in batches(windows):
            quantiles, losses = _compare(network, window.to(device), future.to(device))
            median = quantiles[..., config.median_index].cpu()
            medians.append(split_channels(median, config.target_size))
            sums += losses
    horizon, free, forced, count = sums.numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        found = Comparison(
            loss=float(horizon.sum() / count.sum()),
            free=tuple((free / count).tolist()),
            forced=tuple((forced / count).tolist()),
            exposure_bias=float(free.sum() / forced.sum()) if forced.sum() else math.nan,
        )
    return torch.cat(medians).double().numpy(), found


def batches(windows: WindowSet) -> Iterator[tuple[Window, Tensor]]:
    """Yield all windows in turn with their futures, BATCH at a time."""
    for index in torch.arange(len(windows), device=windows.device).split(BATCH):
        yield windows.gather(index)


def _compare(network: Network, window: Window, future: Tensor) -> tuple[Tensor, Tensor]:
    """Return quantiles in data units, and losses by decoder step, float64 (4, steps).

    The sums of: the horizon rows, the `next` rows free-running, the same teacher-forced; and the count.
    """
    encoding = network.encode(window)
    start = network.start(encoding, window)
    truth = network.targets(future, encoding.stats)
    free = network.decoder.rows(unroll_free(network.decoder, start), start.highway)
    forced = network.decoder.rows(unroll_forced(network.decoder, start, truth), start.highway)
    sums, count = [], torch.zeros(0)
    for rows in (free.horizon, free.next, forced.next):
        loss, count = pinball_by_step(rows, truth, network.levels)
        sums.append(loss)
    quantiles = network.emit(free.horizon, encoding.stats)[:, : window.horizon]
    return quantiles, torch.stack([*sums, count]).double().cpu()


def end_aligned(window: Window, size: int = 1) -> NDArray[np.float64]:
    """Return histories with their last value in the last column, NaN in front: (batch × D, time). size: D."""
    time = window.history.shape[1]
    index = torch.arange(time) - (time - window.lengths.repeat_interleave(size)).unsqueeze(1)
    values = split_channels(window.history, size).gather(1, index.clamp(min=0))
    return torch.where(index >= 0, values, torch.nan).double().numpy()
