"""Judge a forecaster: scores, forecasts from rolling origins, one number for a search over parameters."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from deploy import Predictor
from deploy.errors import ConfigError, RunError
from deploy.shown.intervals import borders_of
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.data import Data, Library, Panel, name_of, read_data
from forecaster.data.audience import PYTHON, speaking_to
from forecaster.estimator.asking import Format, Given, Level, check_format, one_of, percents, source_given
from forecaster.estimator.judged import Scores
from forecaster.estimator.seen import Seen
from forecaster.forecasts.nixtla_table import in_types_of
from forecaster.show.console import plain_console

if TYPE_CHECKING:
    from forecaster.workflows.cross_validation import Rolled
    from forecaster.workflows.rolling import EvaluationOptions


class Rolling(Seen):
    """A model that can be judged."""

    @speaking_to(PYTHON)
    def evaluate(
        self,
        data: Given | None = None,
        *,
        horizon: int | None = None,
        windows: int | None = None,
        stride: int | None = None,
        h: int | None = None,
    ) -> Scores:
        """Score the forecasts of values that did not train the model, next to those of baselines.

        Args:
            data: Series that continue those of the fit, or new ones. Where nothing in them is new, or with
                None, the values that the fit held out, by weights that have not seen them.
            horizon: Steps; None: the trained ones.
            windows: Forecasts of each series, the latest; None: all that there are.
            stride: Steps from one forecast to the next; None: the horizon, so that each value counts once.
            h: The same as horizon.

        Returns:
            Scores: a verdict, frames by model, series and step, and a report.

        Raises:
            NotFittedError: There is no model yet.
            DataError: There is nothing to score.
            InputError: The horizon is longer than the model's longest.

        Examples:
            >>> scores = model.evaluate(windows=1)
            >>> list(scores.by_model()["model"][:2])
            ['model', 'seasonal naive']
        """
        from forecaster.workflows.evaluate import evaluate_panel
        from forecaster.workflows.rolling import Served

        served, (panel, library, name) = Served(self._fitted("evaluate"), None), self._series(data)
        options = _options(one_of("horizon", horizon, "h", h), windows, stride)
        return Scores(evaluate_panel(self.run_, panel, served, options, name), self.run_, library)

    @speaking_to(PYTHON)
    def cross_validation(
        self,
        data: Given | None = None,
        *,
        horizon: int | None = None,
        windows: int | None = None,
        stride: int | None = None,
        refit: bool = False,
        h: int | None = None,
        level: Level = None,
        format: Format = "own",
    ) -> Any:
        """Forecast from rolling origins, and return the forecasts next to the values that followed.

        No forecast has seen what it is compared with. A fitted model forecasts what evaluate scores. Without
        a fit, or with `refit`, networks are fitted on what is before the origins; this forecaster stays as
        it is. The pretrained network takes its season and its intervals from what is before the first.

        Args:
            data: Series; None: those of the fit.
            horizon: Steps; None: the trained ones, or those of the parameters.
            windows: Forecasts of each series, the latest; None: all of a fitted model, else 1.
            stride: Steps from one origin to the next; None: the horizon.
            refit: Fit before every origin; else once, before the first.
            h: The same as horizon.
            level: As of predict.
            format: As of predict; then `cutoff` and `y` follow unique_id and ds.

        Returns:
            A frame with the columns of predict, and between them cutoff, the time of the last value that a
            forecast has seen, and actual, the value that followed (missing where it is not known).

        Raises:
            DataError: No series is long enough, or there is nothing to compare with.
            ConfigError: As predict and fit.

        Examples:
            >>> made = Forecaster(h=7, settings={"updates": 4}).cross_validation(frame, windows=2, level=[80])
            >>> list(made.columns), len(made)
            (['shop', 'day', 'cutoff', 'actual', 'forecast', 'q0.1', 'q0.9'], 28)
        """
        check_format(format)
        options = _options(one_of("horizon", horizon, "h", h), windows, stride)
        rolled, library = self._roll(data, options, refit=refit)
        wanted, tables = percents(level), []
        for part in rolled:
            if format == "own":
                tables.append(part.table(() if wanted is None else borders_of(wanted)))
                library = library.alike(cutoff=part.panel.columns.time or "")
            else:
                tables.append(part.nixtla(wanted))
                library = in_types_of(library, part.panel)
        return library.frame(pd.concat(tables, ignore_index=True))

    @speaking_to(PYTHON)
    def score(self, data: Given | None = None, y: None = None) -> float:  # noqa: ARG002
        """Return −MASE, so that higher is better, of the last `horizon` values of each series.

        They are forecast from what is before them in `data`; on data that trained, the fit has seen them.
        Source: Hyndman and Koehler, 2006.

        Args:
            data: Series; None: those of the fit.
            y: Not used; scikit-learn passes it.

        Returns:
            The score, for a search over parameters to maximise.

        Raises:
            NotFittedError: There is no model yet.
            DataError: Nothing can be compared.

        Examples:
            >>> model.score(frame) < 0
            True
        """
        from forecaster.workflows.evaluate import score

        request, _ = self._request(data)
        return -score(request)

    def _fitted(self, method: str) -> Predictor:
        """Return the runtime of what was fitted. Raises RunError where nothing was."""
        check_is_fitted(self)
        if self._pretrained is not None:
            raise RunError(
                f"nothing was fitted, so there is no run for {method}; cross_validation needs none"
            )
        return self._predictor()

    def _series(self, data: Given | None) -> tuple[Panel, Library, str]:
        """Read series for the fitted model, or take those of the fit."""
        from forecaster.workflows.upkeep.continuing import read_for_run

        if data is None:
            return *self._known(), self.understood_.file
        source = source_given(data)
        panel = read_for_run(source, self.run_, Asked(na=self.config_.data.na), PYTHON)
        return panel, Library.of(source), name_of(source)

    def _roll(
        self, data: Given | None, options: "EvaluationOptions", *, refit: bool
    ) -> tuple[Iterable["Rolled"], Library]:
        """Return the forecasts from rolling origins, and the library of their table."""
        from forecaster.show.fit_progress import FitProgress
        from forecaster.workflows.cross_validation import FitsRequest, roll_fits, roll_pretrained, roll_run

        if hasattr(self, "run_") and not refit:
            panel, library, _ = self._series(data)
            return roll_run(self.run_, panel, self._predictor(), options), library
        settings = self._settings()
        source: Data
        if data is None:
            panel, library = self._known()
            source = Path(self.understood_.file)
        else:
            source = source_given(data)
            panel, library = (
                read_data(source, build(Asked, settings["data"]), audience=PYTHON),
                Library.of(source),
            )
        if self._pretrained is not None:
            model = settings["model"]
            return roll_pretrained(panel, model.get("horizon"), model.get("season"), options), library
        with FitProgress(plain_console(quiet=not self.verbose)) as progress:
            request = FitsRequest(source, panel, settings, options, refit, self.jobs)
            return list(roll_fits(request, progress)), library


def _options(horizon: int | None, windows: int | None, stride: int | None) -> "EvaluationOptions":
    """Return which windows to score. Raises ConfigError for a number that is none."""
    from forecaster.workflows.rolling import EvaluationOptions

    for name, value in (("horizon", horizon), ("windows", windows), ("stride", stride)):
        is_count = isinstance(value, int | np.integer) and not isinstance(value, bool) and value > 0
        if value is not None and not is_count:
            raise ConfigError(f"{name}: expected a whole number from 1, found {value!r}")
    return EvaluationOptions(horizon, stride, windows)
