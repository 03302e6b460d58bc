"""Units: the scores of each series, and the examples to look at."""

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
from forecaster.evaluation.scores import Example, RestsOn, Role
from forecaster.evaluation.summary import point_scores_by_unit, ratios
from forecaster.evaluation.unit_table import UnitScores, UnitTable
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.windows.windows import WindowSet

ROLES: dict[int, tuple[Role, ...]] = {1: ("median",), 2: ("best", "worst")}  # of so few units


def unit_scores(
    windows: WindowSet, units: Units, losses: dict[str, Losses], is_new: NDArray[np.bool_]
) -> UnitTable:
    """Return the scores of every unit with a window, in the order of the panel. is_new: (series,)."""
    panel, model = windows.panel, losses[MODEL]
    unit = np.flatnonzero(units.windows)
    series = unit // panel.target_size
    lowers = [name.removeprefix("inside ") for name in model if name.startswith("inside ")]
    coverage, width = (
        np.array([model[f"{name} {lower}"].by_unit[unit] for lower in lowers]).reshape(-1, len(unit)).T
        for name in ("inside", "width")
    )
    others = {name: sums["absolute"].by_unit[unit] for name, sums in losses.items() if name != MODEL}
    first, last = _spans(windows, series)
    return UnitTable(
        ids=panel.ids,
        targets=panel.columns.targets if panel.target_size > 1 else (),
        unit=unit,
        is_new=is_new[series],
        windows=units.windows[unit],
        values=model["absolute"].unit[1, unit].astype(np.int64),
        first_origin=first,
        last_target=last,
        scale=units.scale[unit],
        points=point_scores_by_unit(model, units)[unit],
        crps=2 * model["loss"].by_unit[unit],
        wql=2 * ratios(model["loss"].unit[0, unit], model["size"].unit[0, unit]),
        coverage=coverage,
        width=width,
        baselines_mae=others,
    )


def rank_units(units: UnitTable) -> dict[Role, UnitScores]:
    """Return the best, the median and the worst unit by mase; where none has one, by mae."""
    mase = units.column("mase")
    known = np.flatnonzero(~np.isnan(mase))
    ranked = known[np.argsort(mase[known], kind="stable")]
    if not len(ranked):
        known = np.flatnonzero(units.values)
        ranked = known[np.argsort(units.column("mae")[known], kind="stable")]
    if not len(ranked):
        return {}
    places: dict[Role, int] = {"best": 0, "median": (len(ranked) - 1) // 2, "worst": len(ranked) - 1}
    return {role: units[int(ranked[places[role]])] for role in ROLES.get(len(ranked), tuple(places))}


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


def _spans(windows: WindowSet, wanted: NDArray[np.int64]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the time before the first origin and the time of the last target of series with windows.

    wanted: (units,) series. Returns texts, (units,) each.
    """
    series, first, counts = np.unique(windows.series, return_index=True, return_counts=True)
    origins, last = windows.origins[first], windows.origins[first + counts - 1]
    rows = origins - 1, last + windows.horizon - 1
    begins, ends = (np.array(_times(windows.panel, series, each), dtype=object) for each in rows)
    places = np.searchsorted(series, wanted)
    return begins[places], ends[places]


def _times(panel: Panel, series: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[str, ...]:
    times = panel.times(series, rows)
    return tuple(write_timestamps(times, panel.columns.time_format, panel.clock))
