"""Forecast series without a fit: the pretrained network of their season, with what their own past tells."""

import logging
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deploy import Predictor
from deploy.errors import ConfigError, InputError
from forecaster.config import ModelConfig
from forecaster.data import Panel
from forecaster.data.complaints import Option, with_options
from forecaster.data.panel.panel import steps_before, take_series
from forecaster.evaluation.conformal import conformal_offsets
from forecaster.export.for_season import SeasonModel, no_offsets, pack_season, pretrained_config, told
from forecaster.export.manifest import Facts
from forecaster.export.packing import Packed, pack
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.pretrained.kinds import context_of, follows
from forecaster.pretrained.shipped import members_of
from forecaster.weights.calibrated import Calibrated
from forecaster.weights.constants import DEVIATION_FLOOR
from forecaster.workflows.recipe import default_horizon, default_season, takes_logarithms

if TYPE_CHECKING:
    from forecaster.evaluation.baselines import Baseline

logger = logging.getLogger("forecaster")

PRETRAINED = "pretrained network"  # its name among the baselines
# Origins in a file's own past whose errors correct the intervals: of a series at most, of all at least.
ORIGINS, FEWEST = 4, 20
# Horizons of history that are to be left before an origin.
LEFT = 2


def pack_pretrained(panel: Panel, horizon: int | None = None, season: int | None = None) -> Packed:
    """Return the bundle that forecasts a panel without a fit, calibrated on the past of its series.

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
    ensemble = Calibrated(members_of(config, positive=positive), no_offsets(config))
    facts = Facts(time_step=panel.step, columns=panel.columns, training=told(config, 0))
    packed = pack(ensemble, facts, golden={})
    offsets, count = offsets_of_past(Predictor(packed.bundle, "cpu"), panel, config)
    if not count:
        return packed
    return pack(replace(ensemble, offsets=offsets), replace(facts, training=told(config, count)), golden={})


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
        try:
            made = predictor(horizon).forecast([row[np.argmax(np.isfinite(row)) :] for row in history[known]])
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


def offsets_of_past(
    predictor: Predictor, panel: Panel, config: ModelConfig
) -> tuple[NDArray[np.float32], int]:
    """Return conformal offsets by the errors at origins in the past of the series, and how many origins.

    Offsets: (horizon, quantile). Of no origin and 0 where the past holds too few apart to tell anything.
    """
    horizon, lengths = config.horizon, panel.lengths()
    quantiles, truth = [], []
    for back in range(1, ORIGINS + 1):
        long = np.flatnonzero(lengths >= (back + LEFT) * horizon + config.season)
        before = steps_before(take_series(panel, long), back * horizon)
        before = take_series(before, np.flatnonzero(_has_context(before, config)))
        if not before.series_count:
            continue
        made = forecast_panel(predictor, before)
        scales = np.array([_unit(before, series, config) for series in range(before.series_count)])
        actual = _coming(before, horizon) / scales[:, None]
        tells = np.isfinite(actual).any(axis=1)  # a constant does not, nor a gap
        quantiles.append((made.quantiles / scales[:, None, None])[tells])
        truth.append(actual[tells])
    count = sum(map(len, truth))
    if count < FEWEST:
        return no_offsets(config), 0
    found = np.concatenate(quantiles), np.concatenate(truth)
    offsets = conformal_offsets(*found, config.quantile_levels, count)
    return offsets.astype(np.float32), count


def _coming(panel: Panel, horizon: int) -> NDArray[np.float64]:
    """Return the values after the end of each series: (series, horizon)."""
    coming: NDArray[np.float64] = panel.values[panel.ends[:, None] + np.arange(horizon)]
    return coming


def _context(panel: Panel, series: int, config: ModelConfig) -> NDArray[np.float64]:
    """Return the values that the network looks at: (time,), NaN = missing."""
    begin, end = panel.offsets[series], panel.ends[series]
    context: NDArray[np.float64] = panel.values[max(begin, end - config.context_length) : end]
    return context


def _has_context(panel: Panel, config: ModelConfig) -> list[bool]:
    """Return which series have a value in what the network looks at: a long gap leaves none."""
    every = range(panel.series_count)
    return [bool(np.isfinite(_context(panel, series, config)).any()) for series in every]


def _unit(panel: Panel, series: int, config: ModelConfig) -> float:
    """Return the scale of the context of a series, as in model/normalization.py; NaN where it is constant."""
    context = _context(panel, series, config)
    change = np.abs(context[config.season :] - context[: -config.season])
    scale = np.fmax(_mean(change), DEVIATION_FLOOR * np.nanstd(context))
    return float(scale) if scale > 0 else np.nan


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0
