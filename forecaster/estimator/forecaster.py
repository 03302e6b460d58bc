"""Forecaster: fit, forecast, judge and draw, on data frames or files."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from deploy.shown.intervals import borders_of
from forecaster.data import Library
from forecaster.data.audience import PYTHON, speaking_to
from forecaster.estimator.asking import (
    Format,
    Given,
    Level,
    check_format,
    levels_to_write,
    one_of,
    percents,
    source_given,
)
from forecaster.estimator.rolled import Rolling
from forecaster.forecasts.forecast_table import as_texts
from forecaster.forecasts.nixtla_table import in_types_of, nixtla_table
from forecaster.show.console import plain_console
from forecaster.workflows.forecast import Pretrained, Shape, sample

if TYPE_CHECKING:
    from forecaster.run.search_findings import Found


class Forecaster(Rolling):
    """A probabilistic forecaster of one or many series, and an estimator of scikit-learn.

    Parameters are the options of `forecaster fit` by their names; None = found in the data. Data are a frame
    of any library that narwhals knows (pandas, polars, pyarrow, ...), a series of pandas with an index of
    times, or the path of a file; tables come back in the library of the frame, of a file in pandas. Errors
    are those of the commands: DataError, ConfigError, InputError, RunError (all are ForecasterError), and
    scikit-learn's NotFittedError before a fit.

    Attributes:
        run_: All that a run folder holds, once it is fitted.
        config_: The settings, whole.
        understood_: What was found in the data: columns, step, season.
        metrics_: What the fit reached on held-out windows.
        tuned_: What a search of settings found.

    Examples:
        >>> model = Forecaster(horizon=7, settings={"updates": 4}).fit(frame)
        >>> forecast = model.predict(level=[80])
        >>> list(forecast.columns), len(forecast)
        (['shop', 'day', 'forecast', 'q0.1', 'q0.9'], 14)
    """

    tuned_: "Found"

    @speaking_to(PYTHON)
    def fit(self, data: Given, y: None = None) -> Self:  # noqa: ARG002 - scikit-learn passes it
        """Train on the series in `data`.

        Args:
            data: A frame, a series of pandas, or the path of a file.
            y: Not used; scikit-learn passes it.

        Returns:
            The forecaster itself, fitted.

        Raises:
            DataError: Something in the data cannot be used; the message says which rows, and what to do.
            ConfigError: A parameter is not possible, or does not fit the data.

        Examples:
            >>> model = Forecaster(h=7, level=[80, 90], settings={"updates": 4}).fit(frame)
            >>> model.config_.model.quantile_levels
            (0.05, 0.1, 0.5, 0.9, 0.95)
        """
        from forecaster.show.fit_progress import FitProgress
        from forecaster.workflows.fit import FitRequest, fit

        settings, source = self._settings(), source_given(data)
        with FitProgress(plain_console(quiet=not self.verbose)) as progress:
            result = fit(FitRequest(source, settings, jobs=self.jobs, audience=PYTHON), progress)
        self._take(result.run)
        self._fitted_on = result.prepared.panel, Library.of(source)
        return self

    @speaking_to(PYTHON)
    def tune(
        self,
        data: Given,
        *,
        max_time: str | float = "30m",
        jobs: int = 1,
        trials: int | None = None,
        output: str | os.PathLike[str] = "tuned.toml",
    ) -> Self:
        """Search settings that suit `data` better than those that a fit chooses, as `forecaster tune` does.

        What is chosen becomes `settings`, for the next fit; parameters that were given are not varied.

        Args:
            data: A frame, a series of pandas, or the path of a file.
            max_time: How long to search: seconds, or a text such as "5m".
            jobs: Trials at a time, each in a process of one thread.
            trials: So many at most.
            output: The file of settings to write; the journal next to it lets the same call continue.

        Returns:
            The forecaster itself, with `tuned_`: each trial, what was chosen, and what mattered.

        Raises:
            DataError: Something in the data cannot be used.
            ConfigError: A parameter is not possible, or does not fit the data.
            ExtraMissingError: optuna is not installed.

        Examples:
            >>> few = {"updates": 2, "epochs": 1}
            >>> tuned = Forecaster(horizon=7, settings=few).tune(frame, max_time=1, trials=1)
            >>> tuned.tuned_.is_better
            False
        """
        from forecaster.config.settings import parse_duration
        from forecaster.show.tuning_table import TuneProgress
        from forecaster.workflows.tuning import study

        source, seconds = source_given(data), parse_duration(max_time)
        request = study.TuneRequest(source, self._settings(), Path(output), seconds, trials, jobs)
        progress = TuneProgress(plain_console(quiet=not self.verbose))
        self.tuned_ = study.tune(request, progress)
        self.settings = self.tuned_.settings
        return self

    @classmethod
    @speaking_to(PYTHON)
    def pretrained(cls, horizon: int | None = None, **parameters: Any) -> Self:
        """Return a forecaster that needs no fit: the pretrained network, for the season of what it is given.

        It knows no series, so its methods take data, and it looks at no covariates.

        Args:
            horizon: Steps to forecast; None: from the data.
            **parameters: `season`, and those that say how data are read. For export, `season` and `step`.

        Returns:
            The forecaster, ready to predict.

        Raises:
            ConfigError: A parameter is one of a fit.

        Examples:
            >>> len(Forecaster.pretrained(horizon=7).predict(frame))
            14
        """
        made = cls(horizon, **parameters)
        made._pretrained = Pretrained.of(made._settings())
        return made

    @speaking_to(PYTHON)
    def predict(
        self,
        data: Given | None = None,
        *,
        horizon: int | None = None,
        future: Given | None = None,
        shape: Shape = "long",
        h: int | None = None,
        level: Level = None,
        format: Format = "own",
    ) -> Any:
        """Forecast each series.

        Args:
            data: Histories; None: those of the fit. Known covariates of the coming steps stand in its rows
                after the last value, or in `future`.
            horizon: Steps; None: the trained ones.
            future: Known covariates of the coming steps, as data of their own.
            shape: "long", a row for each step; "wide", as data with time across the columns, with medians.
            h: The same as horizon.
            level: Central intervals to return, in percent, such as [80]; None: all quantiles.
            format: "nixtla" names the columns unique_id, ds, LSTM, LSTM-lo-80, LSTM-hi-80, ...

        Returns:
            A frame: the columns that tell series apart, the time, `target` of several, forecast (the median)
            and the quantiles q0.1, ..., in the data's units.

        Raises:
            NotFittedError: There is no model yet.
            DataError: The data are not like those of the fit, or a covariate is missing.
            InputError: The horizon is longer than the model's longest.
            ConfigError: The model does not have a level.

        Examples:
            >>> list(model.predict(frame, h=3, level=[80], format="nixtla").columns)
            ['unique_id', 'ds', 'LSTM', 'LSTM-lo-80', 'LSTM-hi-80']
        """
        check_format(format)
        steps = one_of("horizon", horizon, "h", h)
        asked = {"horizon": steps, "future": future, "shape": shape, "levels": self._levels(level)}
        request, library = self._request(data, **asked)
        made = self._forecast(request)
        if format == "own":
            return library.frame(as_texts(made.table))
        panel = made.parts[0].panel
        table = nixtla_table(panel, made.parts[0].forecast, percents(level))
        return in_types_of(library, panel).frame(table)

    @speaking_to(PYTHON)
    def sample_paths(
        self,
        data: Given | None = None,
        *,
        paths: int = 100,
        seed: int = 0,
        horizon: int | None = None,
        future: Given | None = None,
        h: int | None = None,
    ) -> Any:
        """Draw possible futures of each series, whose values depend on each other in time as the data do.

        Args:
            data: As of predict.
            paths: How many of each series.
            seed: The same seed gives the same paths.
            horizon: Steps; None: the trained ones.
            future: As of predict.
            h: The same as horizon.

        Returns:
            A frame: the columns as of predict that tell rows apart, then path, from 1, and value.

        Raises:
            NotFittedError: There is no model yet.
            DataError: As predict.
            InputError: As predict, or `paths` is not between 1 and 100,000.

        Examples:
            >>> list(model.sample_paths(paths=2, h=3).columns)
            ['shop', 'day', 'path', 'value']
        """
        steps = one_of("horizon", horizon, "h", h)
        request, library = self._request(data, horizon=steps, future=future, paths=paths, seed=seed)
        return library.frame(sample(request))

    def _levels(self, level: Level) -> tuple[float, ...]:
        """Return the quantile levels of a table. Raises ConfigError for those that a fitted model lacks."""
        if level is None or self._pretrained is not None:
            return borders_of(percents(level) or ())
        return levels_to_write(self._predictor().manifest.quantile_levels, level)
