"""The windows that are scored: those after all that the fit saw, or else those that it held out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.errors import DataError
from forecaster.data import Panel
from forecaster.data.complaints import Option, with_options
from forecaster.evaluation.origins import Rolling, first_origins, latest, rolling_origins, with_known_futures
from forecaster.evaluation.scores import Kind
from forecaster.windows.windows import WindowSet, observed_windows

LABELS: dict[Kind, str] = {
    "fresh": "values that the fit never saw",
    "validation": "held-out windows, which selected the weights",
}


@dataclass(frozen=True)
class Choice:
    """The windows to score, and what was left out."""

    kind: Kind
    label: str  # the same in words, with the reason
    windows: WindowSet
    scored_from: NDArray[np.int64]  # (series,) the panel's row of the first target that may be scored
    unobserved: int  # windows left out: nothing observed in their context or in their horizon
    unknown_covariates: int  # windows left out: a known covariate is missing in their horizon


def choose_windows(
    panel: Panel, used: NDArray[np.int64], trained: NDArray[np.int64], rolling: Rolling, most: int | None
) -> Choice:
    """Choose fresh windows if there are any, else validation windows, with a label that says so.

    used, trained: (series,) the panel's row after the last value that the fit saw, or trained on; most:
    windows of a series, the latest. Raises DataError if there is nothing to score.
    """
    coming = int(np.maximum(panel.ends - used, 0).max())
    kind: Kind = "fresh"
    start = first_origins(panel, used, rolling)
    windows = rolling_origins(panel, start, rolling)
    if not len(windows):
        kind, start = "validation", first_origins(panel, trained, rolling)
        windows = rolling_origins(panel, start, rolling)
    if not len(windows):
        found = int(np.maximum(panel.ends - trained, 0).max())
        shorter = ("; ", Option("horizon", str(found)), " scores these") if found else ()
        raise with_options(
            DataError,
            f"nothing to score: no series has {rolling.horizon} values after those that trained, "
            f"{found} at most",
            *shorter,
        )
    observed = observed_windows(windows)
    scorable = with_known_futures(observed)
    unobserved, unknown = len(windows) - len(observed), len(observed) - len(scorable)
    if not len(scorable):
        raise DataError(
            f"nothing to score: of {len(windows)} windows {unobserved} have no value in their context or in "
            f"their horizon, and {unknown} lack a known covariate in their horizon"
        )
    reason = "" if kind == "fresh" else _reason(coming, rolling.horizon)
    kept = scorable if most is None else latest(scorable, most)
    return Choice(kind, LABELS[kind] + reason, kept, start, unobserved, unknown)


def _reason(coming: int, horizon: int) -> str:
    if not coming:
        return " (no series continues after them)"
    return (
        f" (no series continues for {horizon} values after them, {coming} at most; a horizon of {coming} "
        "scores these)"
    )
