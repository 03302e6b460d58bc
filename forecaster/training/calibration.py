"""Calibration: offsets that let intervals cover their share, from windows that decided nothing before.

Conformalized quantile regression (Romano, Patterson and Candès, 2019), for each step of the horizon.
model/ensemble.py adds the offsets to quantiles. Factors of joint bands are for quantiles that are moved by
offsets of other windows, as forecasts are: each part of the windows by those of the rest (cross-conformal
prediction: Vovk, 2015), and the windows that selected an epoch by those of all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from forecaster.config import ModelConfig
from forecaster.evaluation.conformal import Array, conformal_offsets, joint_factors
from forecaster.model.channels import split_channels
from forecaster.model.ensemble import Ensemble
from forecaster.model.normalization import normalize, normalize_targets, observe
from forecaster.training.validation import batches
from forecaster.windows.windows import WindowSet, windows_apart

# With fewer windows that do not overlap the errors of all steps are pooled.
FEWEST_BY_STEP = 20
PARTS = 5  # of the windows, whose joint factors rest on the offsets of the others
LEAST_OTHERS = 0.5  # of the windows: offsets of fewer would differ too much from those of all

Chosen = NDArray[np.bool_]


@dataclass(frozen=True)
class Calibration:
    """Offsets that are added to the quantiles of each step, and their source."""

    offsets: Array  # (horizon, quantile) in scale units, 0 for the median
    windows: int  # that do not overlap
    by_step: bool  # or pooled over the steps
    joint: dict[str, Any] | None = None  # what joint bands are made of; None: found by an early release

    def metrics(self) -> dict[str, object]:
        """Return the part of metrics.json about the calibration."""
        return {"windows": self.windows, "by_step": self.by_step}

    def to_json(self) -> dict[str, Any]:
        """Return the content of calibration.json; the manifest has it as `calibration` and `joint`."""
        joint = {} if self.joint is None else {"joint": self.joint}
        return {**self.metrics(), "offsets": self.offsets.tolist(), **joint}

    @classmethod
    def from_json(cls, content: dict[str, Any], config: ModelConfig) -> "Calibration":
        """Read a calibration. Raises KeyError, TypeError or ValueError for one of another shape."""
        offsets = np.array(content["offsets"], float)
        expected = config.horizon, len(config.quantile_levels)
        if offsets.shape != expected or not np.isfinite(offsets).all():
            raise ValueError(f"offsets of shape {offsets.shape}, expected finite numbers of {expected}")
        found = content.get("joint")
        return cls(offsets, int(content["windows"]), by_step=bool(content["by_step"]), joint=found)

    def apply(self, ensemble: Ensemble) -> Ensemble:
        """Return the same networks with these offsets."""
        return Ensemble(ensemble.networks, torch.from_numpy(self.offsets))


def calibrate(ensemble: Ensemble, windows: WindowSet, selected: WindowSet | None = None) -> Calibration:
    """Find the offsets of an ensemble that has none yet, and the factors of joint bands with these.

    selected: of the time that told when to stop. Trajectories are few, so factors rest on these, too.
    """
    apart, levels = windows_apart(windows), ensemble.config.quantile_levels
    if not apart:  # nothing to calibrate on, so nothing changes
        return Calibration(np.zeros((ensemble.config.horizon, len(levels))), 0, by_step=False)
    quantiles, truth = _normalised_forecasts(ensemble, windows)
    by_step = apart >= FEWEST_BY_STEP
    offsets = _offsets(quantiles, truth, levels, apart, by_step=by_step)
    moved = np.empty_like(quantiles)
    for part, others in _parts(windows):
        count = max(1, round(apart * others.mean()))
        moved[part] = quantiles[part] + _offsets(
            quantiles[others], truth[others], levels, count, by_step=by_step
        )
    weights, together = np.full(len(truth), apart / len(truth)), apart
    if selected is not None and (more := windows_apart(selected)):
        told, told_truth = _normalised_forecasts(ensemble, selected)
        moved, truth = np.concatenate([moved, told + offsets]), np.concatenate([truth, told_truth])
        weights, together = np.append(weights, np.full(len(told), more / len(told))), apart + more
    joint = joint_factors(np.sort(moved, axis=-1), truth, levels, together, weights)
    return Calibration(offsets, apart, by_step, joint)


def _parts(windows: WindowSet) -> list[tuple[Chosen, Chosen]]:
    """Return parts of the windows, each with the others that no value of it lies in: (windows × D,) of both.

    Parts of time, since the series of a time err alike; where these leave too few others, parts of the
    series; where they do so too, the windows as a whole, which then stand for the others themselves.
    """
    origins = windows.runs.apart()
    ages = windows.panel.ends[origins.series] - origins.first
    when = (ages - ages.min()) * PARTS // (np.ptp(ages) + 1)
    who = np.unique(origins.series, return_inverse=True)[1] % PARTS
    by_time = [(when == part, _behind(ages, when == part, windows.horizon)) for part in range(PARTS)]
    by_series = [(who == part, who != part) for part in range(PARTS)]
    whole = np.ones(len(ages), bool)
    found = next(filter(_leave_enough, (by_time, by_series)), [(whole, whole)])
    size = windows.panel.target_size
    return [(np.repeat(part, size), np.repeat(others, size)) for part, others in found]


def _behind(ages: NDArray[np.int64], part: Chosen, horizon: int) -> Chosen:
    """Return which windows share no time with those of a part, which follow each other."""
    within = ages[part]
    if not len(within):
        return ~part
    found: Chosen = (ages <= within.min() - horizon) | (ages >= within.max() + horizon)
    return found


def _leave_enough(parts: list[tuple[Chosen, Chosen]]) -> bool:
    return all(part.any() and others.mean() >= LEAST_OTHERS for part, others in parts)


def _offsets(
    quantiles: Array, truth: Array, levels: tuple[float, ...], apart: int, *, by_step: bool
) -> Array:
    """Return the offsets of each step and level: (horizon, quantile)."""
    if by_step:
        return conformal_offsets(quantiles, truth, levels, apart)
    # Few windows may have come in quiet times: they widen and never narrow. The correction for their number
    # counts each step, else four windows would ask for the largest error of all.
    steps = truth.shape[1]
    pooled = conformal_offsets(
        quantiles.reshape(-1, 1, len(levels)), truth.reshape(-1, 1), levels, apart * steps
    )
    outward = np.sign(np.array(levels) - 0.5)
    pooled = outward * np.maximum(outward * pooled, 0.0)
    return np.repeat(pooled, steps, axis=0)


def _normalised_forecasts(ensemble: Ensemble, windows: WindowSet) -> tuple[Array, Array]:
    """Return quantiles, (windows × D, horizon, quantile), and actual values, normalised."""
    first = ensemble.first
    size, normalization = first.config.target_size, first.config.normalization
    device = next(first.parameters()).device  # the windows may lie elsewhere
    quantiles, truth = [], []
    with torch.inference_mode():
        for batch, actual in batches(windows):
            window = batch.to(device)
            stats = first.encode(window).stats  # the same for all: they see no weight
            truth.append(normalize_targets(split_channels(actual.to(device), size), stats, normalization))
            forecast = ensemble.forecast(window)
            if normalization == "log-last-difference":  # what has become 0 has no logarithm
                forecast = forecast.clamp(min=torch.finfo(forecast.dtype).tiny)
            by_level = [
                normalize(*observe(split_channels(level, size), normalization), stats)
                for level in forecast.unbind(-1)
            ]
            quantiles.append(torch.stack(by_level, dim=-1))
    return torch.cat(quantiles).double().cpu().numpy(), torch.cat(truth).double().cpu().numpy()
