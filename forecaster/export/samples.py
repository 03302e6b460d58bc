"""Made-up series to try graphs out on: never the user's data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy import Manifest
from deploy.time.holidays import DAY
from forecaster.weights.weights import Standard, Weights

GAP_SHARE = 0.05


@dataclass(frozen=True)
class Sample:
    """Arguments of Predictor.forecast."""

    history: list[NDArray[np.float32]]
    horizon: int
    arguments: dict[str, Any]


def make_sample(weights: Weights, manifest: Manifest, lengths: list[int], horizon: int) -> Sample:
    """Make up seasonal series with noise, gaps and different levels; one is constant if there are several.

    In a joint model the first has a constant channel.
    """
    generator = np.random.default_rng([horizon, *lengths])
    history = [_history(generator, manifest, length) for length in lengths]
    if len(lengths) > 2:
        history[2][:] = history[2][-1]
    if manifest.channels:
        history[0][:, -1] = history[0][-1, -1]
    arguments: dict[str, Any] = {}
    if manifest.time_step.has_calendar:
        span = _last_seconds(manifest, horizon)
        arguments["last_timestamp"] = generator.integers(*span, len(lengths))
    if size := len(manifest.known):
        along = [_covariates(generator, weights.known, (length,)) for length in lengths]
        coming = _covariates(generator, weights.known, (len(lengths), horizon))
        arguments["known"] = [rows[..., :size] for rows in along]
        arguments["future_known"] = coming[..., :size]
    if manifest.vocabularies:
        arguments["static_cat"] = [
            [generator.choice([*texts, ""]) for texts in manifest.vocabularies.values()] for _ in lengths
        ]
    if manifest.past:
        past = [_covariates(generator, weights.past, (length,)) for length in lengths]
        arguments["past"] = [_with_gaps(generator, values) for values in past]
    if manifest.static:
        static = _covariates(generator, weights.static, (len(lengths),))
        arguments["static"] = _with_gaps(generator, static)
    return Sample(history, horizon, arguments)


def _last_seconds(manifest: Manifest, horizon: int) -> tuple[int, int]:
    """Return the seconds since 1970 between which histories may end, so that holidays are known after."""
    if manifest.holidays is None:
        return 0, 2 * 10**9
    ahead = int(1.1 * manifest.time_step.mean_seconds * (horizon + 1)) + DAY
    first, last = manifest.holidays.first * DAY, manifest.holidays.last * DAY - ahead
    return min(first, last - 1), last


def _covariates(
    generator: np.random.Generator, standard: Standard, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Draw numbers of the mean and deviation of the training rows: (*shape, covariate)."""
    centre, spread = standard.location, standard.scale
    values = centre + spread * generator.standard_normal((*shape, len(centre)))
    made_up: NDArray[np.float32] = values.astype(np.float32)
    return made_up


def _with_gaps(generator: np.random.Generator, values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(generator.random(values.shape) < GAP_SHARE, np.float32(np.nan), values)


def _history(generator: np.random.Generator, manifest: Manifest, length: int) -> NDArray[np.float32]:
    """Return a history: (length,), or (length, D) in a joint model."""
    if not manifest.channels:
        return _series(generator, manifest, length)
    return np.stack([_series(generator, manifest, length) for _ in manifest.channels], axis=1)


def _series(generator: np.random.Generator, manifest: Manifest, length: int) -> NDArray[np.float32]:
    level = 10 ** generator.uniform(0, 3)
    phase = 2 * np.pi * (np.arange(length) / max(2, manifest.season) + generator.uniform())
    values = level * (
        1 + 0.3 * np.sin(phase) + 0.05 * generator.standard_normal(length).cumsum() / length**0.5
    )
    values += 0.02 * level * generator.standard_normal(length)
    values[:-1][generator.random(length - 1) < GAP_SHARE] = np.nan
    allowed: NDArray[np.float32] = (np.abs(values) + max(manifest.lower or 0, 0)).astype(np.float32)
    return allowed
