"""Forecast series without a fit: the pretrained network of their season, with what their own past tells."""

import logging
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deploy import Predictor
from deploy.errors import ConfigError, InputError
from deploy.request.stacked import Stacked
from forecaster.config import ModelConfig
from forecaster.config.shape import Normalization
from forecaster.data import Panel
from forecaster.data.complaints import Option, with_options
from forecaster.export.for_season import SeasonModel, no_offsets, pack_season, pretrained_config, told
from forecaster.export.manifest import Facts
from forecaster.export.packing import Packed, pack
from forecaster.pretrained.kinds import context_of, follows
from forecaster.pretrained.shipped import ANY, POSITIVE, members_of
from forecaster.weights.calibrated import Calibrated
from forecaster.workflows.own_past import Past, forecast_past
from forecaster.workflows.recipes.recipe import default_horizon, default_season, takes_logarithms

if TYPE_CHECKING:
    from forecaster.evaluation.baselines import Baseline

logger = logging.getLogger("forecaster")

PRETRAINED = "pretrained network"  # its name among the baselines
CLEARLY = 0.98  # of the loss of all faces together: below it one of them forecasts alone


def pack_pretrained(panel: Panel, horizon: int | None = None, season: int | None = None) -> Packed:
    """Return the bundle that forecasts a panel without a fit, chosen and calibrated by its own past.

    horizon, season: steps; None: from the data. The manifest's `training` says how many forecasts corrected
    its intervals. There are no golden cases, which take half of the time, since it is not to be written.
    Raises ConfigError for joint targets.
    """
    if panel.columns.joint:
        raise with_options(
            ConfigError,
            "the pretrained network forecasts every target by itself; leave out ",
            Option("joint"),
            ", or fit",
        )
    panel = own_panel(panel)
    season = followed(season or default_season(panel))
    horizon = horizon or default_horizon(panel, season)
    positive, lower = takes_logarithms(panel), 0.0 if np.nanmin(panel.values) >= 0 else None
    config = pretrained_config(season, horizon, positive=positive, lower=lower)
    faces, past = judge_faces(panel, config, POSITIVE if positive else ANY)
    config = config.model_copy(update={"normalization": faces[0]})
    offsets = past.offsets() if past.tells else no_offsets(config)
    training = told(config, len(past.truth) if past.tells else 0)
    facts = Facts(time_step=panel.step, columns=panel.columns, training=training)
    return pack(Calibrated(members_of(config, faces), offsets), facts, golden={})


def judge_faces(
    panel: Panel, config: ModelConfig, every: tuple[Normalization, ...]
) -> tuple[tuple[Normalization, ...], Past]:
    """Return the normalisations whose networks forecast the past of the series best, and how they did.

    All of them, unless one by itself is clearly better or the past tells too little.
    """
    facts = Facts(time_step=panel.step, columns=panel.columns, training=told(config, 0))
    pasts = {}
    for name in every:
        own = config.model_copy(update={"normalization": name})
        ensemble = Calibrated(members_of(own, (name,)), no_offsets(own))
        served = Predictor(pack(ensemble, facts, golden={}).bundle, "cpu")
        pasts[name] = forecast_past(served, panel, own)
    together = Past.blend(list(pasts.values()))
    if not together.tells:
        return every, together
    best = min(every, key=lambda name: pasts[name].loss)
    is_clear = pasts[best].loss < CLEARLY * together.loss
    return ((best,), pasts[best]) if is_clear else (every, together)


def without_a_fit(panel: Panel, season: int) -> "Baseline | None":
    """Return the pretrained network as a baseline, or None where it cannot follow the season."""
    from forecaster.evaluation.baselines import (  # with torch, which forecasts need not
        Baseline,
        seasonal_naive,
    )

    if not follows(season):
        return None
    positive = takes_logarithms(panel)

    @cache
    def predictor(horizon: int) -> Predictor:
        return Predictor(pack_season(SeasonModel(season, horizon, positive), golden={}).bundle, "cpu")

    def forecast(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
        medians = seasonal_naive(history, horizon, season)  # of a history without a value: nothing
        known = np.isfinite(history).any(axis=1)
        ends = history.shape[1] * np.arange(1, known.sum() + 1)
        begins = ends - history.shape[1] + np.isfinite(history[known]).argmax(axis=1)
        try:
            made = predictor(horizon).forecast(Stacked(history[known].ravel(), begins, ends))
        except InputError:  # what it takes for rows of another step
            return medians
        medians[known] = made.median
        return medians

    return Baseline(PRETRAINED, forecast, seasons=-(-context_of(season) // season))


def followed(season: int) -> int:
    """Return the season that the network follows: 1, none, where it cannot, of which it warns."""
    if follows(season):
        return season
    logger.warning(
        "the pretrained network cannot follow a season of %d steps, and forecasts without one", season
    )
    return 1


def own_panel(panel: Panel) -> Panel:
    """Return the panel without covariates, which the pretrained networks do not look at."""
    rows, series = len(panel.values), panel.series_count
    return replace(
        panel,
        known=np.empty((rows, 0), np.float32),
        past=np.empty((rows, 0), np.float32),
        static=np.empty((series, 0), np.float32),
        categories=np.empty((series, 0), np.int64),
        vocabularies=(),
        columns=replace(panel.columns, known=(), past=(), static=(), static_numbers=()),
    )
