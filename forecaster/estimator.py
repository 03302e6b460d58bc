"""Fit, forecast and export in Python, on data frames, with the face of scikit-learn.

Every step is that of a command: a fit prepares, trains and records as `forecaster fit` does, a forecast runs
through deploy.Predictor on an exported bundle. So what is predicted here is what a service gives.
"""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from deploy import InputError, Predictor
from deploy.errors import RunError
from deploy.sources.named import Query, source_of
from forecaster.config.settings import Settings, collect_named
from forecaster.data import Data, Frame, Panel, Types, types_of, with_types
from forecaster.data.audience import PYTHON, speaking_to
from forecaster.run.folder import RunFolder
from forecaster.show.console import NotesInBlock, plain_console, print_pretrained
from forecaster.workflows.export import ExportRequest, export
from forecaster.workflows.forecast import ForecastRequest, Pretrained, Shape, forecast, sample
from forecaster.workflows.in_use import check_run_place

if TYPE_CHECKING:  # what has torch is imported where it is used: a forecast without a fit needs none
    from forecaster.run.run import Run

# Parameters that are no settings of the config.
OWN = ("settings", "jobs", "verbose")

Names = str | Sequence[str] | None
Given = str | os.PathLike[str] | Query | Frame


class Forecaster(BaseEstimator):  # type: ignore[misc]
    """A probabilistic forecaster of one or many series: fit, predict, sample_paths, score, export.

    Parameters are the options of `forecaster fit` by their names; None = found in the data. `settings` holds
    all others by their names in config/config.py, such as {"hidden_size": 64, "train.updates": 500}, or
    whole sections as in a --config file; named parameters win. verbose: show on stderr what a fit does.

    Forecaster.pretrained(...) forecasts without a fit.
    After fit: run_ (all that a run folder holds), config_, understood_ (what was found in the data) and
    metrics_.

    Data are a data frame of any library that narwhals knows, a series of pandas with an index of times, or
    the path of a file. Errors are those of the commands: DataError, ConfigError, InputError, RunError; and
    scikit-learn's NotFittedError before a fit.
    """

    settings: Mapping[str, Any] | None
    jobs: int
    verbose: bool
    run_: "Run"
    _fitted_on: tuple[Panel, Types] | None = None  # what predict forecasts where it is given nothing
    _served: Predictor | None = None
    _pretrained: Pretrained | None = None  # the model, where there is no fit

    def __init__(
        self,
        horizon: int | None = None,
        *,
        context: int | None = None,
        patch: int | None = None,
        season: int | None = None,
        lower: float | str | None = None,
        time: Names = None,
        time_format: str | None = None,
        timezone: str | None = None,
        target: Names = None,
        joint: bool | None = None,
        series: Names = None,
        known: Names = None,
        past: Names = None,
        static: Names = None,
        layout: str | None = None,
        no_header: bool | None = None,
        sheet: str | None = None,
        na: Names = None,
        step: str | None = None,
        aggregate: str | None = None,
        levels: Sequence[float] | None = None,
        start: str | None = None,
        effort: str | None = None,
        schedule: str | None = None,
        direction: str | None = None,
        weighting: str | None = None,
        max_time: str | float | None = None,
        seed: int | None = None,
        members: int | None = None,
        device: str | None = None,
        settings: Mapping[str, Any] | None = None,
        jobs: int = 1,  # members that train at a time, each in a process
        verbose: bool = False,
    ) -> None:
        self.__dict__.update(locals())  # each parameter by its name, as scikit-learn wants them
        del self.__dict__["self"]

    @speaking_to(PYTHON)
    def fit(self, data: Given, y: None = None) -> Self:  # noqa: ARG002 - scikit-learn passes it
        """Train on the series in `data`. Raises DataError or ConfigError."""
        from forecaster.show.fit_progress import FitProgress
        from forecaster.workflows.fit import FitRequest, fit

        settings, source = self._settings(), _source(data)
        with FitProgress(plain_console(quiet=not self.verbose)) as progress:
            result = fit(FitRequest(source, settings, jobs=self.jobs, audience=PYTHON), progress)
        self._take(result.run)
        self._fitted_on = result.prepared.panel, types_of(source)
        return self

    @classmethod
    @speaking_to(PYTHON)
    def pretrained(cls, horizon: int | None = None, **parameters: Any) -> Self:
        """Return a forecaster that needs no fit: the pretrained network, for the season of what it is given.

        It knows no series, so predict, sample_paths and score take data, and it looks at no covariates.
        parameters: season, and those that say how data are read; of export `season` is one, and `step`.
        Raises ConfigError for parameters of a fit.
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
    ) -> pd.DataFrame:
        """Forecast each series: its columns, time, `target` of several, forecast (the median), q0.1 ...

        data: histories; None: those of the fit. Known covariates of the coming steps stand in its rows after
        the last value, or in `future`. horizon: steps, by default the trained ones.
        shape: wide is that of data with time across the columns, with the medians.
        Raises DataError or InputError.
        """
        request, types = self._request(data, horizon=horizon, future=future, shape=shape)
        console = plain_console(quiet=not self.verbose)
        with NotesInBlock() as notes:
            return with_types(forecast(request, partial(print_pretrained, console, notes)).table, types)

    @speaking_to(PYTHON)
    def sample_paths(
        self,
        data: Given | None = None,
        *,
        paths: int = 100,
        seed: int = 0,
        horizon: int | None = None,
        future: Given | None = None,
    ) -> pd.DataFrame:
        """Draw possible futures of each series: columns as of predict, then path, from 1, and value."""
        request, types = self._request(data, horizon=horizon, future=future, paths=paths, seed=seed)
        return with_types(sample(request), types)

    @speaking_to(PYTHON)
    def score(self, data: Given | None = None, y: None = None) -> float:  # noqa: ARG002
        """Return −MASE, so that higher is better, of the last `horizon` values of each series.

        They are forecast from what is before them in `data`; on data that trained, the fit has seen them.
        Source: Hyndman and Koehler, 2006. Raises DataError where nothing can be compared.
        """
        from forecaster.workflows.evaluate import score

        request, _ = self._request(data)
        return -score(request)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the bundle of ONNX graphs, as `forecaster export` does. Raises BundleError, ConfigError."""
        check_is_fitted(self)
        model = self._pretrained.to_export() if self._pretrained else self.run_
        return export(ExportRequest(model, Path(path))).path

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the run folder, as `forecaster fit` does; no pickle. Raises RunError."""
        check_is_fitted(self)
        if self._pretrained:
            raise RunError("nothing was fitted, so there is no run to save; export writes the bundle")
        from forecaster.workflows.fit import save_run

        check_run_place(Path(path))
        folder = RunFolder(Path(path))
        folder.check_free()
        save_run(folder, self.run_)
        return Path(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a fitted forecaster from a run folder; all its settings are in `settings`. Raises RunError."""
        from forecaster.run.run import load_run

        run = load_run(Path(path))
        return cls(settings=run.config.model_dump(mode="json"))._take(run)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "run_") or self._pretrained is not None

    def __getstate__(self) -> dict[str, Any]:
        # A session of onnxruntime cannot be copied; the next forecast makes another.
        state: dict[str, Any] = dict(super().__getstate__())
        return {name: value for name, value in state.items() if name != "_served"}

    def _settings(self) -> Settings:
        """Return the settings that the parameters say. Raises ConfigError."""
        own = {name: value for name, value in self.get_params(deep=False).items() if name not in OWN}
        return collect_named(_plain(self.settings or {}), _plain(own))

    def _take(self, run: "Run") -> Self:
        """Become fitted as this run is."""
        self.run_, self.config_, self.understood_, self.metrics_ = run, run.config, run.data, run.metrics
        self._fitted_on = self._served = self._pretrained = None
        return self

    def _predictor(self) -> Predictor:
        """Return the runtime on an exported bundle, which it keeps in memory."""
        check_is_fitted(self)
        if self._served is None:
            with TemporaryDirectory(prefix="forecaster-") as folder:
                self._served = Predictor.load(self.export(Path(folder) / "bundle"))
        return self._served

    def _request(self, data: Given | None, **asked: Any) -> tuple[ForecastRequest, Types]:
        """Return the request of a forecast, and the types of the columns of its series."""
        if (future := asked.get("future")) is not None:
            asked["future"] = _source(future)
        if self._pretrained:
            if data is None:
                raise InputError("a forecaster without a fit knows no series: say which data to forecast")
            source = _source(data)
            return ForecastRequest(source, self._pretrained, audience=PYTHON, **asked), types_of(source)
        predictor, na = self._predictor(), self.config_.data.na
        if data is not None:
            source = _source(data)
            return ForecastRequest(source, predictor, na=na, audience=PYTHON, **asked), types_of(source)
        if self._fitted_on is None:
            raise InputError("a forecaster that was loaded knows no series: say which data to forecast")
        panel, types = self._fitted_on
        return ForecastRequest(panel, predictor, na=na, audience=PYTHON, **asked), types


def _source(data: Given) -> Data:
    return source_of(os.fspath(data)) if isinstance(data, str | os.PathLike) else data


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn numpy's numbers and arrays, such as a search over parameters gives, into Python's."""
    return {
        name: value.tolist() if isinstance(value, np.generic | np.ndarray) else value
        for name, value in values.items()
    }
