"""Explanation: the parts of a median, the weights on its history, and its sensitivities."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bundle.bundle import Manifest
from ...errors import InputError
from .resting import (
    LAST,
    OTHER,
    parts_sentence,
    power,
    powers_of_lags,
    season_name,
    sentence_of,
    shares_of,
)

Array = NDArray[np.float64]
CALENDAR = "calendar"  # among the inputs that can be unknown
THE_CALENDAR = "the calendar"  # among those that a forecast rests on


def input_names(manifest: Manifest) -> tuple[str, ...]:
    """Return what a forecast of a model may rest on, by the names of Explanation.shares, in one order."""
    season = (season_name(manifest.season),) if manifest.season > 1 else ()
    covariates = (*manifest.known, *manifest.past, *manifest.static, *manifest.vocabularies)
    return (LAST, *season, OTHER, *covariates, *((THE_CALENDAR,) if manifest.uses_calendar else ()))


@dataclass(frozen=True)
class Sensitivities:
    """Derivatives of each median by each input, in data units by units of the input.

    Those by what is missing are 0. The axis D is that of a joint model's targets: those of the median, and
    behind the context those of the history.

    Attributes:
        lags: (batch, horizon, [D,] context[, D]) by each value of the history, the last one last.
        known: (batch, horizon, [D,] context, covariate) by known covariates along the history.
        future_known: (batch, horizon, [D,] horizon, covariate) by those of the coming steps.
        past: (batch, horizon, [D,] context, covariate).
        static: (batch, horizon, [D,] covariate).
        unknown: By how much the median is larger than if one of these were unknown: "calendar", and static
            categories by their names, each (batch, horizon[, D]) in data units.
        spread: Deviation of the values of each history, (batch[, D]).
        spreads: Deviations of covariates in the training rows, by kind: "known", "past", "static".
    """

    lags: Array
    known: Array
    future_known: Array
    past: Array
    static: Array
    unknown: dict[str, Array]
    spread: Array
    spreads: dict[str, Array]


@dataclass(frozen=True)
class Explanation:
    """Parts of the medians of a forecast: level + linear + recurrent + bound, in data units.

    All are (batch, horizon), of a joint model (batch, horizon, D); of several members they are means.

    Attributes:
        median: The median of the forecast.
        level: What the window is measured from: its last value, its mean, or 0.
        linear: The highway: contributions, summed over the history, + constant.
        recurrent: All that the LSTMs add.
        bound: By how much the lower bound of the model lifts it.
        weights: Of the linear part, (batch, horizon, context[, D]), on each value less the level, the last
            one last; on logarithms where the model takes them.
        contributions: Those weights times the values, in data units (see `factors` for logarithms).
        constant: The rest of the linear part.
        sensitivities: Derivatives, where they were asked for.
        timestamps: As of Forecast.
        manifest: Of the model.
    """

    median: Array
    level: Array
    linear: Array
    recurrent: Array
    bound: Array
    weights: Array
    contributions: Array
    constant: Array
    sensitivities: Sensitivities | None
    timestamps: NDArray[Any] | None
    manifest: Manifest = field(repr=False)

    def shares(self, series: int = 0, target: int = 0) -> dict[str, float]:
        """Return the share that each input has in what could move a forecast, the largest first; sum 1.

        Each input is moved by its own deviation; the share is that of the squares of what that moves the
        steps by. Of the history there are three: the last value, values whole seasons before a step, and
        others; then there are covariates by their names, and the calendar.

        Args:
            series: The number of the series, from 0.
            target: The number of the target, of a joint model.

        Raises:
            InputError: Sensitivities were not asked for.
        """
        return shares_of(self._powers(self._slopes, series, target))

    def sentence(self, series: int = 0, target: int = 0) -> str:
        """Return what a forecast rests on, as a sentence; see shares.

        Args:
            series: Its number, from 0.
            target: The number of a joint model's target.
        """
        return sentence_of(self.shares(series, target))

    def parts_sentence(self, series: int = 0, target: int = 0) -> str:
        """Return what a forecast is made of, as a sentence.

        Args:
            series: Its number, from 0.
            target: The number of a joint model's target.
        """
        one: Any = (series, slice(None), *([target] if self._is_joint else []))
        parts = {"linear": self.linear[one], "recurrent": self.recurrent[one], "bound": self.bound[one]}
        return parts_sentence(self.level[one], parts)

    @property
    def _slopes(self) -> Sensitivities:
        if self.sensitivities is None:
            raise InputError("this explanation has no sensitivities; ask for them with sensitivities=True")
        return self.sensitivities

    def _powers(self, slopes: Sensitivities, series: int, target: int) -> dict[str, float]:
        """Return by how much each input moves one forecast, squared."""
        manifest = self.manifest
        one: Any = (series, slice(None), *([target] if self._is_joint else []))
        context = manifest.context_length
        lags = slopes.lags[one].reshape(len(self.median[series]), context, -1)
        powers = powers_of_lags(lags, np.atleast_1d(slopes.spread[series]), manifest.season)
        for number, name in enumerate(manifest.known):
            both = (slopes.known[one][..., number], slopes.future_known[one][..., number])
            powers[name] = sum(power(each * slopes.spreads["known"][number]) for each in both)
        for number, name in enumerate(manifest.past):
            powers[name] = power(slopes.past[one][..., number] * slopes.spreads["past"][number])
        for number, name in enumerate(manifest.static):
            powers[name] = power(slopes.static[one][..., number] * slopes.spreads["static"][number])
        for name, effect in slopes.unknown.items():
            powers[THE_CALENDAR if name == CALENDAR else name] = power(effect[one])
        return powers

    @property
    def factors(self) -> dict[str, Array]:
        """Return "linear", "recurrent" and "bound" as factors: the median is the level times all of them.

        Each is (batch, horizon[, D]). An amount a of the median m over the level l is the factor
        exp(a / L(m, l)), with their logarithmic mean L = (m − l) / log(m / l): the logarithmic mean Divisia
        index (Ang, 2005), which leaves nothing over.

        Raises:
            InputError: The model takes no logarithms.
        """
        if not self.manifest.positive:
            raise InputError("only a model that takes logarithms is made of factors; this one adds amounts")
        return factors_of(self.level, self.linear, self.recurrent, self.bound)

    def by_patch(self, lags: Array) -> Array:
        """Return sums over the patches of the history: context -> patches, the last one last.

        lags: weights, contributions or sensitivities.lags, (batch, horizon, ..., context[, D]). The first
        patch may have fewer values than the others.
        """
        axis, patch = lags.ndim - (2 if self._is_joint else 1), self.manifest.patch_length
        context = lags.shape[axis]
        begins = range(-(-context % patch), context, patch)
        sums: Array = np.add.reduceat(lags, [max(begin, 0) for begin in begins], axis=axis)
        return sums

    @property
    def _is_joint(self) -> bool:
        return self.median.ndim == 3


Explainer = Callable[[bool, float | None], Explanation]  # with sensitivities or not, in so many seconds


def not_kept(_sensitivities: bool, _timeout: float | None) -> Explanation:
    """Raise InputError: the histories of a forecast are not there any more."""
    raise InputError(
        "this forecast does not know its histories; explain what Predictor.forecast returns of at most 1000 "
        "series"
    )


def factors_of(level: Array, linear: Array, recurrent: Array, bound: Array) -> dict[str, Array]:
    """Return parts of amounts as factors of the level, which is above 0; see Explanation.factors."""
    mean = logarithmic_mean(np.maximum(level + linear + recurrent + bound, np.finfo(float).tiny), level)
    parts = {"linear": linear, "recurrent": recurrent, "bound": bound}
    return {name: np.exp(part / mean) for name, part in parts.items()}


def logarithmic_mean(a: Array, b: Array) -> Array:
    """Return (a − b) / log(a / b), and a where both are equal; both above 0."""
    ratio = np.log(a) - np.log(b)
    is_small = np.abs(ratio) < 1e-12
    growth = np.expm1(ratio) / np.where(is_small, 1.0, ratio)
    mean: Array = np.where(is_small, b, b * growth)
    return mean
