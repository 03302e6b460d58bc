"""Forecast as a forecaster of sktime, with its horizons, indices, exogenous data and quantiles."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.errors import ExtraMissingError
from forecaster.estimator.forecaster import Forecaster

try:
    from sktime.forecasting.base import BaseForecaster
except ModuleNotFoundError as error:
    raise ExtraMissingError(
        "forecaster.adapters.sktime needs sktime; install the extra: pip install 'lstm-forecaster[sktime]'"
    ) from error

TIME, TARGET = "time", "y"
SCORE = NormalDist().inv_cdf


class LSTMForecaster(BaseForecaster):  # type: ignore[misc]
    """The LSTM encoder-decoder as a forecaster of sktime, which passes sktime's check_estimator.

    The horizon is the last step of `fh`, which fit takes. Exogenous data X are covariates that are known
    ahead; steps between those of X have the value of the step before. Series of several columns, panels and
    hierarchies are fitted one by one, as sktime does; `Forecaster` fits one model for all. Quantiles between
    the trained levels are interpolated, and beyond them extended, as those of a normal distribution.

    Args:
        context: Steps of history that a forecast looks at; None: from the data, as all below.
        patch: Steps of the horizon that one recurrent step emits.
        season: Steps in one season; 1 for none.
        lower: Forecasts are never below this number.
        levels: Quantile levels in (0, 1).
        effort: "fast" or "thorough".
        members: Networks to train and average.
        seed: The seed of all random draws.
        settings: All other settings of Forecaster.
        pretrained: Fit nothing: the pretrained network, which looks at no covariates.

    Examples:
        >>> from sktime.datasets import load_airline
        >>> from forecaster.adapters.sktime import LSTMForecaster
        >>> y = load_airline()
        >>> forecaster = LSTMForecaster(pretrained=True).fit(y, fh=[1, 2, 3])
        >>> forecaster.predict_interval(coverage=0.8).shape
        (3, 2)
    """

    _tags: ClassVar[dict[str, Any]] = {
        "authors": ["the lstm-forecaster project"],
        "maintainers": ["the lstm-forecaster project"],
        "y_inner_mtype": "pd.Series",
        "X_inner_mtype": "pd.DataFrame",
        "capability:multivariate": False,
        "scitype:y": "univariate",
        "capability:exogenous": True,
        "capability:missing_values": True,
        "capability:insample": False,
        "capability:pred_int": True,
        "capability:pred_int:insample": False,
        "requires-fh-in-fit": True,
        "X-y-must-have-same-index": True,
        "capability:update": True,
        "enforce_index_type": None,
    }

    def __init__(
        self,
        context: int | None = None,
        patch: int | None = None,
        season: int | None = None,
        lower: float | None = None,
        levels: Sequence[float] | None = None,
        effort: str | None = None,
        members: int | None = None,
        seed: int | None = 0,
        settings: Mapping[str, Any] | None = None,
        pretrained: bool = False,
    ) -> None:
        self.context, self.patch, self.season, self.lower = context, patch, season, lower
        self.levels, self.effort, self.members = levels, effort, members
        self.seed, self.settings, self.pretrained = seed, settings, pretrained
        super().__init__()

    def _fit(self, y: "pd.Series[Any]", X: pd.DataFrame | None, fh: Any) -> "LSTMForecaster":  # noqa: N803
        horizon, self._seen = int(np.max(self._steps(fh))), (y, X)
        columns: dict[str, Any] = {"time": TIME} if _has_times(y.index) else {}
        if self.pretrained:
            self.forecaster_ = Forecaster.pretrained(horizon, season=self.season, target=TARGET, **columns)
            return self
        names = ("context", "patch", "season", "lower", "levels", "effort", "members", "seed", "settings")
        given = {name: getattr(self, name) for name in names}
        known: dict[str, Any] = {} if X is None else {"known": _names(X)}
        self.forecaster_ = Forecaster(horizon, target=TARGET, **given, **columns, **known)
        self.forecaster_.fit(_table(y, X))
        return self

    def _update(
        self,
        y: "pd.Series[Any]",
        X: pd.DataFrame | None = None,  # noqa: N803
        update_params: bool = True,
    ) -> "LSTMForecaster":
        """Append values; fit again on all of them where the parameters are to be updated."""
        before, known = self._seen
        kept = before[~before.index.isin(y.index)]
        along = None if X is None or known is None else pd.concat([known[~known.index.isin(X.index)], X])
        self._seen = pd.concat([kept, y]), along
        return self._fit(*self._seen, self.fh) if update_params else self

    def _predict(self, fh: Any, X: pd.DataFrame | None) -> "pd.Series[float]":  # noqa: N803
        median = self._forecast(self._steps(fh), X)["forecast"]
        return pd.Series(median.to_numpy(), self._index(fh), name=self._seen[0].name)

    def _predict_quantiles(
        self,
        fh: Any,
        X: pd.DataFrame | None,  # noqa: N803
        alpha: Sequence[float],
    ) -> pd.DataFrame:
        made = self._forecast(self._steps(fh), X)
        levels = [float(name[1:]) for name in made.columns if name.startswith("q")]
        known = made[[f"q{level:g}" for level in levels]].to_numpy()
        columns = pd.MultiIndex.from_product([self._get_varnames(), alpha])
        return pd.DataFrame(quantiles_at(known, levels, alpha), self._index(fh), columns)

    def _forecast(self, steps: NDArray[np.int64], X: pd.DataFrame | None) -> pd.DataFrame:  # noqa: N803
        """Forecast some steps, (steps,) from 1, from all that was seen: a row for each."""
        y, known = self._seen
        observed = np.flatnonzero(np.isfinite(y.to_numpy(np.float64)))
        unknown = len(y) - 1 - int(observed[-1]) if len(observed) else 0  # at the end: forecast too
        horizon, rows = int(steps.max()) + unknown, steps - 1 + unknown
        seen = _table(y, None if self.pretrained else known)
        if X is None or known is None or self.pretrained:
            made: pd.DataFrame = self.forecaster_.predict(seen, horizon=horizon)
            return made.iloc[rows]
        every = self._index(self._horizon_of(np.arange(1, steps.max() + 1)))
        before = pd.concat([known.iloc[-1:], X[~X.index.isin(known.index)]])
        coming = before.reindex(every.union(before.index)).ffill().bfill().reindex(every)
        empty = pd.Series(np.full(len(every), np.nan), every, name=y.name)
        made = self.forecaster_.predict(pd.concat([seen, _table(empty, coming)]), horizon=horizon)
        return made.iloc[rows]

    def _steps(self, fh: Any) -> NDArray[np.int64]:
        steps: NDArray[np.int64] = fh.to_relative(self.cutoff).to_numpy().astype(np.int64)
        return steps

    def _index(self, fh: Any) -> "pd.Index[Any]":
        index: pd.Index[Any] = fh.to_absolute_index(self.cutoff)
        return index

    def _horizon_of(self, steps: NDArray[np.int64]) -> Any:
        from sktime.forecasting.base import ForecastingHorizon

        return ForecastingHorizon(steps, is_relative=True, freq=self._cutoff)

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:  # noqa: ARG003
        """Return parameters that sktime's tests make a forecaster of."""
        small = {"hidden_size": 4, "updates": 2, "train.epochs": 1, "threads": 1, "precision": "f32"}
        return [{"settings": small, "levels": [0.1, 0.9]}, {"pretrained": True}]


def quantiles_at(
    known: NDArray[np.float64], levels: Sequence[float], wanted: Sequence[float]
) -> NDArray[np.float64]:
    """Return quantiles at other levels: lines between known ones, over the scores of a normal distribution.

    known: (steps, levels), ascending with 0.5 among them. Beyond the outermost level the distance to the
    median grows as the score does; of the median alone all are the median.
    """
    scores, found = [SCORE(level) for level in levels], []
    middle = known[:, list(levels).index(0.5)]
    for level in wanted:
        score = SCORE(min(max(level, 1e-9), 1 - 1e-9))
        if scores[0] <= score <= scores[-1]:
            found.append(np.array([np.interp(score, scores, row) for row in known]))
        else:
            outer = 0 if score < scores[0] else -1
            grown = score / scores[outer] if scores[outer] * score > 0 else 0.0
            found.append(middle + (known[:, outer] - middle) * grown)
    return np.stack(found, axis=1)


def _has_times(index: "pd.Index[Any]") -> bool:
    return isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)


def _names(X: pd.DataFrame) -> list[str]:  # noqa: N803
    return [f"x{number}" for number in range(X.shape[1])]


def _table(y: "pd.Series[Any]", X: pd.DataFrame | None) -> pd.DataFrame:  # noqa: N803
    """Return a series as Forecaster reads it: its times where it has any, else rows that are counted."""
    columns: dict[str, Any] = {TIME: y.index} if _has_times(y.index) else {}
    columns[TARGET] = y.to_numpy(np.float64)
    if X is not None:
        columns |= dict(zip(_names(X), X.to_numpy(np.float64).T, strict=True))
    return pd.DataFrame(columns)
