"""Histories made up to try graphs out on: never the user's data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy.bundle import Manifest
from forecaster.model.network import Network

GAP_SHARE = 0.05


@dataclass(frozen=True)
class Sample:
    """Arguments of Predictor.forecast."""

    history: list[NDArray[np.float32]]
    horizon: int
    arguments: dict[str, Any]


def make_sample(network: Network, manifest: Manifest, lengths: list[int], horizon: int) -> Sample:
    """Seasonal series with noise, gaps and different levels; one of them constant if there are several."""
    generator = np.random.default_rng([horizon, *lengths])
    history = [_series(generator, manifest, length) for length in lengths]
    if len(lengths) > 2:
        history[2][:] = history[2][-1]
    arguments: dict[str, Any] = {}
    if manifest.time_step.has_calendar:
        arguments["last_timestamp"] = generator.integers(0, 2 * 10**9, len(lengths))
    if manifest.known:
        centre, spread = network.known_location.numpy(), network.known_scale.numpy()
        width = len(centre)
        arguments["known"] = [
            (centre + spread * generator.standard_normal((length, width))).astype(np.float32)
            for length in lengths
        ]
        coming = generator.standard_normal((len(lengths), horizon, width))
        arguments["future_known"] = (centre + spread * coming).astype(np.float32)
    if manifest.vocabularies:
        arguments["static_cat"] = [
            [generator.choice([*texts, ""]) for texts in manifest.vocabularies.values()] for _ in lengths
        ]
    return Sample(history, horizon, arguments)


def _series(generator: np.random.Generator, manifest: Manifest, length: int) -> NDArray[np.float32]:
    level = 10 ** generator.uniform(0, 3)
    phase = 2 * np.pi * (np.arange(length) / max(2, manifest.season) + generator.uniform())
    values = level * (
        1 + 0.3 * np.sin(phase) + 0.05 * generator.standard_normal(length).cumsum() / length**0.5
    )
    values += 0.02 * level * generator.standard_normal(length)
    values[:-1][generator.random(length - 1) < GAP_SHARE] = np.nan
    positive: NDArray[np.float32] = np.abs(values).astype(np.float32)
    return positive
