"""Cross-validation: forecasts from rolling origins, with the values that followed them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy import Forecast, Predictor
from deploy.errors import DataError
from forecaster.config.settings import Settings
from forecaster.data import Data, Panel
from forecaster.data.audience import PYTHON
from forecaster.data.panel.panel import steps_before, take_series
from forecaster.data.times.timestamps import write_timestamps
from forecaster.evaluation.channel_windows import actual_values
from forecaster.evaluation.origins import panel_of_windows, take, with_known_futures
from forecaster.forecasts.forecast_table import as_texts, forecast_table, series_apart
from forecaster.forecasts.nixtla_table import nixtla_table
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.run.run import Run
from forecaster.windows.runs import Runs
from forecaster.windows.windows import WindowSet, observed_windows
from forecaster.workflows.fit import FitListener, FitRequest, fit
from forecaster.workflows.recipes.recipe import default_horizon, default_season
from forecaster.workflows.rolling import EvaluationOptions, Served, choose_scored, export_now
from forecaster.workflows.zero_shot import pack_pretrained

BATCH = 512  # windows that are forecast at once, so that memory stays small
NAMES = ("cutoff", "actual")  # columns between those that tell rows apart and the forecasts


@dataclass(frozen=True)
class Rolled:
    """Forecasts from some origins: a series for each, which ends there, and what followed."""

    panel: Panel  # targets apart
    forecast: Forecast
    actual: NDArray[np.float64]  # (series, horizon), NaN = missing

    def table(self, levels: tuple[float, ...]) -> pd.DataFrame:
        """Return a row per series, origin and step: as of a forecast, with the cutoff and the actual value.

        Raises ConfigError for a level that was not trained, DataError for columns of the data called so.
        """
        made = as_texts(forecast_table(self.panel, self.forecast, levels))
        place, columns = made.columns.get_loc("forecast"), self.panel.columns
        for name in NAMES:
            if name in made:
                raise DataError(f'column "{name}" is called as a column of the cross-validation; rename it')
        ends = write_timestamps(self.panel.last_times(), columns.time_format, self.panel.clock)
        cutoff = np.repeat(np.array(ends, dtype=object), self.actual.shape[1])
        for name, values in zip(NAMES[::-1], (self.actual.ravel(), cutoff), strict=True):
            made.insert(int(place), name, values)  # type: ignore[arg-type]
        return made

    def nixtla(self, level: tuple[float, ...] | None) -> pd.DataFrame:
        """Return the same with the names of Nixtla's libraries. Raises ConfigError as table."""
        return nixtla_table(self.panel, self.forecast, level, self.actual)


def roll(predictor: Predictor, windows: WindowSet) -> Iterator[Rolled]:
    """Yield the forecasts of windows, some at a time. Raises DataError or InputError as a forecast."""
    for begin in range(0, len(windows), BATCH):
        part = take(windows, slice(begin, begin + BATCH))
        before = panel_of_windows(part)
        apart, made = series_apart(before, forecast_panel(predictor, before, part.horizon))
        actual = actual_values(part).reshape(len(part), -1, part.horizon)  # (windows, D, horizon)
        yield Rolled(apart, made, np.concatenate(np.moveaxis(actual, 1, 0)))


def roll_run(run: Run, panel: Panel, predictor: Predictor, options: EvaluationOptions) -> Iterator[Rolled]:
    """Yield forecasts of what an evaluation scores: values that the fit never saw, or else held out.

    Raises DataError if there are none.
    """
    scored = choose_scored(run, panel, Served(predictor, None), options)
    return roll(scored.served.predictor, scored.choice.windows)


@dataclass(frozen=True)
class FitsRequest:
    """The data and the settings of fits that see nothing of what they are to forecast."""

    data: Data
    panel: Panel  # the series of the data
    settings: Settings
    options: EvaluationOptions
    refit: bool = False  # before every origin; else once, before the first
    jobs: int = 1


def roll_fits(request: FitsRequest, listener: FitListener) -> Iterator[Rolled]:
    """Yield forecasts from the last origins of each series by fits on what is before. Raises as a fit."""
    asked = request.settings["model"]
    horizon = request.options.horizon or asked.get("horizon")
    origins = Origins.of(request.panel, horizon, asked.get("season"), request.options)
    settings = {**request.settings, "model": {**asked, "horizon": origins.horizon}}
    for numbers in [[n] for n in origins.numbers] if request.refit else [list(origins.numbers)]:
        before = origins.before(numbers[0])
        fitted = fit(
            FitRequest(request.data, settings, panel=before, jobs=request.jobs, audience=PYTHON), listener
        )
        yield from roll(
            export_now(fitted.run), origins.windows(numbers, fitted.run.config.model.context_length)
        )


def roll_pretrained(
    panel: Panel, horizon: int | None, season: int | None, options: EvaluationOptions
) -> Iterator[Rolled]:
    """Yield forecasts by the pretrained network, calibrated on what is before the first origin."""
    origins = Origins.of(panel, options.horizon or horizon, season, options)
    predictor = Predictor(pack_pretrained(origins.before(0), origins.horizon, season).bundle)
    yield from roll(predictor, origins.windows(list(origins.numbers), predictor.manifest.context_length))


@dataclass(frozen=True)
class Origins:
    """The last origins of each series; those that are too short for the first one have none."""

    panel: Panel
    horizon: int
    stride: int
    count: int

    @classmethod
    def of(
        cls, panel: Panel, horizon: int | None, season: int | None, options: EvaluationOptions
    ) -> "Origins":
        """Return what is asked of a panel. Raises DataError if no series is long enough."""
        horizon = horizon or default_horizon(panel, season or default_season(panel))
        count, stride = options.windows or 1, options.stride or horizon
        needed = horizon + (count - 1) * stride
        long_enough = np.flatnonzero(panel.lengths() > needed)
        if not len(long_enough):
            raise DataError(
                f"no series has values before {count} window{'s' if count > 1 else ''} of {horizon} steps: "
                f"expected more than {needed} values, found {panel.lengths().max()} at most"
            )
        return cls(take_series(panel, long_enough), horizon, stride, count)

    @property
    def numbers(self) -> range:
        """Return the numbers of the origins, from 0, the first in time."""
        return range(self.count)

    def before(self, number: int) -> Panel:
        """Return the series as they were at an origin; what is known ahead stays."""
        panel = steps_before(self.panel, self._steps(number))
        values, past, ends = panel.values.copy(), panel.past.copy(), panel.ends.copy()
        for series, (begin, end, stop) in enumerate(
            zip(panel.offsets[:-1], panel.ends, panel.offsets[1:], strict=True)
        ):
            values[end:stop], past[end:stop] = np.nan, np.nan
            observed = np.flatnonzero(np.isfinite(values[begin:end]).reshape(end - begin, -1).any(axis=1))
            ends[series] = begin + observed[-1] + 1 if len(observed) else end
        return replace(panel, values=values, past=past, ends=ends)

    def windows(self, numbers: list[int], context_length: int) -> WindowSet:
        """Return the windows that begin at some origins and can be compared, series by series."""
        steps = np.array([self._steps(number) for number in numbers])
        first = (self.panel.ends[:, None] - steps).ravel()
        series = np.repeat(np.arange(self.panel.series_count), len(steps))
        found = WindowSet(self.panel, context_length, self.horizon, Runs(series, first))
        return with_known_futures(observed_windows(found))

    def _steps(self, number: int) -> int:
        return self.horizon + (self.count - 1 - number) * self.stride
