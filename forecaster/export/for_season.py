"""The pretrained network of a season as a bundle, without data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy import TimeStep
from deploy.bundle.bundle import Bundle
from deploy.columns import Columns
from deploy.errors import ConfigError
from forecaster.config import ModelConfig
from forecaster.export.manifest import Facts
from forecaster.export.packing import Json, Packed, pack
from forecaster.pretrained.kinds import HIDDEN, LONGEST_PATCH, MAPS, context_of, family_of, follows, patch_of
from forecaster.pretrained.shipped import ANY, POSITIVE, members_of
from forecaster.weights.calibrated import Calibrated

ROWS = TimeStep(1, "index")
TARGET = "value"
SHORTEST_HORIZON = 12  # steps


@dataclass(frozen=True)
class SeasonModel:
    """The pretrained network for series of one season, whatever they are."""

    season: int  # steps; 1: none
    horizon: int | None = None  # steps; None: whole seasons
    positive: bool = False  # whether all values are above 0, which are forecast better so
    step: TimeStep = ROWS  # of the series; rows: times are counted


def pack_season(model: SeasonModel, golden: Json | None = None) -> Packed:
    """Return a bundle that forecasts any series of a season. golden: as pack takes. Raises ConfigError."""
    for name, value in (("season", model.season), ("horizon", model.horizon)):
        if value is not None and not (type(value) is int and value >= 1):
            raise ConfigError(f"{name} is a number of steps, 1 or more, found {value!r}")
    if not follows(model.season):
        raise ConfigError(
            f"the pretrained network cannot follow a season of {model.season} steps; expected 1 for none, or "
            f"steps that some number up to {LONGEST_PATCH} divides into 12 or fewer, such as 7, 12, 24 or 52"
        )
    horizon = model.horizon or model.season * -(-SHORTEST_HORIZON // model.season)
    lower = 0.0 if model.positive else None
    config = pretrained_config(model.season, horizon, positive=model.positive, lower=lower)
    ensemble = Calibrated(members_of(config, POSITIVE if model.positive else ANY), no_offsets(config))
    time = "time" if model.step.has_calendar else None
    columns = Columns(time, "" if time else "index", (TARGET,))
    return pack(ensemble, Facts(time_step=model.step, columns=columns, training=told(config, 0)), golden)


def season_bundle(season: int, horizon: int | None, positive: bool) -> Bundle:
    """Return the bundle of deploy.Predictor.pretrained, which finds this by pyproject.toml."""
    return pack_season(SeasonModel(season, horizon, positive)).bundle


def pretrained_config(season: int, horizon: int, *, positive: bool, lower: float | None) -> ModelConfig:
    """Return the shape of the first network for a season. positive: whether logarithms are taken."""
    patch = patch_of(season)
    return ModelConfig(
        context_length=context_of(season),
        horizon=horizon,
        patch_length=patch,
        season=season,
        hidden_size=HIDDEN,
        highway=MAPS,
        cycle_changes=family_of(season, patch).cycle_changes,
        normalization="log-last-difference" if positive else "last-difference",
        lower=lower,
    )


def no_offsets(config: ModelConfig) -> NDArray[np.float32]:
    """Return offsets that change nothing: (horizon, quantile)."""
    return np.zeros((config.horizon, len(config.quantile_levels)), np.float32)


def told(config: ModelConfig, corrected_on: int) -> dict[str, Any]:
    """Return what a manifest tells of the training. corrected_on: forecasts of the past of the series."""
    return {
        "pretrained": True,
        "corrected_on": corrected_on,
        "config": {"model": config.model_dump(mode="json")},
        "data": {"file": "made-up series"},
    }
