"""Units: the scores of each series, and the examples to look at."""

import math

import numpy as np
from numpy.typing import NDArray

from deploy import BundleError, Forecast, Predictor
from forecaster.data import Panel
from forecaster.data.times.timestamps import seconds_as_written, write_timestamps
from forecaster.evaluation.accumulators import Losses, Units
from forecaster.evaluation.backtest import MODEL, forecast_baselines
from forecaster.evaluation.baselines import BaselineForecast
from forecaster.evaluation.channel_windows import actual_values, histories, split_quantiles, unit_ids
from forecaster.evaluation.origins import panel_of_windows, take
from forecaster.evaluation.scores import Example, RestsOn, Role, UnitScores
from forecaster.evaluation.summary import point_scores_by_unit, ratio
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.windows.windows import WindowSet

ROLES: dict[int, tuple[Role, ...]] = {1: ("median",), 2: ("best", "worst")}  # of so few units


def unit_scores(
    windows: WindowSet, units: Units, losses: dict[str, Losses], is_new: NDArray[np.bool_]
) -> tuple[UnitScores, ...]:
    """Return the scores of every unit with a window, in the order of the panel. is_new: (series,)."""
    panel, model = windows.panel, losses[MODEL]
    lowers = [name.removeprefix("inside ") for name in model if name.startswith("inside ")]
    coverage, width = (
        np.array([model[f"{name} {lower}"].by_unit for lower in lowers]).reshape(
            len(lowers), len(units.windows)
        )
        for name in ("inside", "width")
    )
    others = {name: sums["absolute"].by_unit for name, sums in losses.items() if name != MODEL}
    ids, points, crps = unit_ids(panel), point_scores_by_unit(model, units), 2 * model["loss"].by_unit
    first, last = _spans(windows)
    return tuple(
        UnitScores(
            id=ids[unit],
            is_new=bool(is_new[unit // panel.target_size]),
            windows=int(units.windows[unit]),
            values=int(model["absolute"].unit[1, unit]),
            first_origin=first[unit // panel.target_size],
            last_target=last[unit // panel.target_size],
            scale=float(units.scale[unit]),
            scores=points[unit],
            crps=float(crps[unit]),
            wql=2 * ratio(float(model["loss"].unit[0, unit]), float(model["size"].unit[0, unit])),
            coverage=tuple(coverage[:, unit].tolist()),
            width=tuple(width[:, unit].tolist()),
            baselines_mae={name: float(errors[unit]) for name, errors in others.items()},
        )
        for unit in np.flatnonzero(units.windows).tolist()
    )


def rank_units(units: tuple[UnitScores, ...]) -> dict[Role, UnitScores]:
    """Return the best, the median and the worst unit by mase; where none has one, by mae."""
    known = [unit for unit in units if not math.isnan(unit.scores.mase)]
    ranked = sorted(known, key=lambda unit: unit.scores.mase) or sorted(
        (unit for unit in units if unit.values), key=lambda unit: unit.scores.mae
    )
    if not ranked:
        return {}
    places: dict[Role, int] = {"best": 0, "median": (len(ranked) - 1) // 2, "worst": len(ranked) - 1}
    return {role: ranked[places[role]] for role in ROLES.get(len(ranked), tuple(places))}


def make_example(
    role: Role,
    unit: UnitScores,
    predictor: Predictor,
    windows: WindowSet,
    baselines: dict[str, BaselineForecast],
) -> Example:
    """Forecast the last window of a unit again, to be drawn."""
    panel = windows.panel
    series, channel = divmod(unit_ids(panel).index(unit.id), panel.target_size)
    window = take(windows, np.flatnonzero(windows.series == series)[-1:])
    origin = int(window.origins[0])
    length = min(windows.context_length, origin - int(panel.offsets[series]))
    times = panel.times(np.array(series), np.arange(origin - length, origin + window.horizon))
    written = tuple(write_timestamps(times, panel.columns.time_format, panel.clock))
    others = forecast_baselines(window, baselines)
    forecast = forecast_panel(predictor, panel_of_windows(window), window.horizon)
    return Example(
        role=role,
        id=unit.id,
        history_times=written[:length],
        history=tuple(histories(window, length)[channel].tolist()),
        times=written[length:],
        moments=tuple(seconds_as_written(times, panel.columns.time_format, panel.clock).tolist()),
        actual=tuple(actual_values(window)[channel].tolist()),
        quantiles=tuple(map(tuple, split_quantiles(forecast.quantiles)[channel].tolist())),
        baselines={name: tuple(values[channel].tolist()) for name, values in others.items()},
        rests_on=_rests_on(forecast, channel),
    )


def _rests_on(forecast: Forecast, channel: int) -> RestsOn | None:
    """Explain the forecast of one series. channel: of a joint one."""
    try:
        found = forecast.explain()
    except BundleError:  # exported before
        return None
    parts = {name: getattr(found, name)[0] for name in ("level", "linear", "recurrent", "bound")}
    return RestsOn(
        **{name: tuple(part.reshape(len(part), -1)[:, channel].tolist()) for name, part in parts.items()},
        shares=found.shares(0, channel),
        sentence=found.sentence(0, channel),
        parts_sentence=found.parts_sentence(0, channel),
    )


def _spans(windows: WindowSet) -> tuple[dict[int, str], dict[int, str]]:
    """Return, by series with windows, the time before its first origin and the time of its last target."""
    series, first, counts = np.unique(windows.series, return_index=True, return_counts=True)
    origins, last = windows.origins[first], windows.origins[first + counts - 1]
    begins, ends = (_times(windows.panel, series, rows) for rows in (origins - 1, last + windows.horizon - 1))
    return (dict(zip(series.tolist(), begins, strict=True)), dict(zip(series.tolist(), ends, strict=True)))


def _times(panel: Panel, series: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[str, ...]:
    times = panel.times(series, rows)
    return tuple(write_timestamps(times, panel.columns.time_format, panel.clock))
