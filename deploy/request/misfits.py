"""Histories that a model was not fitted for: of another step, or with values that it never forecasts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..errors import InputError
from .arrays import refuse

# So many of the latest show the step of a history: fewer may be gaps, and more a step of long ago.
FEWEST_DIFFERENCES, MOST_DIFFERENCES = 3, 12
# Months differ, and a value may be missing: of the usual difference at least a half, at most twice.
REGULAR_SHARE = 0.8
# Of the values of a fit: where so many were missing, the model has learned from such histories.
SPARSE_SHARE = 1 / 3
NOISE = 1e-9  # of the largest value: what rounding leaves below a bound


def refuse_below(manifest: Manifest, values: NDArray[Any], what: str, skipped: int = 0) -> None:
    """Raise InputError for the first value that the model cannot take, named as by arrays.refuse.

    It is below all that the model forecasts, or not above 0 where the model takes logarithms.
    """
    refuse(is_below(manifest, values), values, what, allowed(manifest), skipped)


def is_below(
    manifest: Manifest, values: NDArray[Any], largest: NDArray[np.float64] | None = None
) -> NDArray[np.bool_]:
    """Return which values the model cannot take, of their shape; NaN is none of them.

    largest: of the sizes of the values of each series, of a shape that broadcasts; None: of all these values.
    """
    if manifest.positive:
        return np.asarray(values <= 0)
    if manifest.lower is None:
        return np.zeros(values.shape, dtype=np.bool_)
    least = _facts(manifest).get("least", manifest.lower)  # that a fit has learned from all the same
    bound = min(manifest.lower, float(np.float32(manifest.lower)), least)
    size = np.fmax.reduce(np.abs(values), axis=None, initial=0.0) if largest is None else largest
    return np.asarray(values < bound - NOISE * size)


def allowed(manifest: Manifest) -> str:
    """Return which values the model takes, in words."""
    if manifest.positive:
        return "above 0 (this model takes logarithms)"
    if manifest.lower is None:
        return "any number"
    bound = f"at least {manifest.lower:g}, this model's lower bound"
    return f"{bound} (one that was fitted with lower=none takes any value)"


def refuse_other_step(manifest: Manifest, is_observed: NDArray[np.bool_], what: str) -> None:
    """Raise InputError for a history of values every few steps, with none between. is_observed: (time,)."""
    every = steps_between(is_observed, manifest.context_length)
    if every is not None and not expects_gaps(manifest):
        step = manifest.time_step
        raise InputError(
            f"{what}: it has a value every {every} steps and none between, and this model's steps are "
            f"{step}; expected a value every {step}, or a model that was fitted on the step of the history"
        )


def expects_gaps(manifest: Manifest) -> bool:
    """Return whether many values were missing in the series of the fit, or in some of them."""
    facts = _facts(manifest)
    return is_sparse(facts.get("missing", 0), facts.get("values", 0)) or facts.get("sparse_series", 0) > 0


def _facts(manifest: Manifest) -> dict[str, float]:
    """Return the numbers that a manifest has of the data of its fit."""
    data = manifest.training.get("data")
    facts = data if isinstance(data, dict) else {}
    return {name: value for name, value in facts.items() if type(value) in (int, float)}


def is_sparse(missing: float, values: float) -> bool:
    """Return whether so many of the values of a fit were missing that its model expects gaps."""
    return missing > SPARSE_SHARE * values


def may_have_other_step(observed: Any, length: Any) -> Any:
    """Return whether steps_between may find a step: so few of the last are observed. Numbers or arrays."""
    return 2 * observed <= length + 1


def steps_between(is_observed: NDArray[np.bool_], context: int) -> int | None:
    """Return n where most of the context is unobserved since values come about every n steps; else None.

    is_observed: (time,) of a whole history, of which the last `context` steps count. An outage is no such
    case: the values around it are neighbours.
    """
    recent = is_observed[-context:]
    count = int(recent.sum())
    if not may_have_other_step(count, len(recent)):
        return None
    places = np.flatnonzero(is_observed)[-max(count, MOST_DIFFERENCES + 1) :]
    differences = np.diff(places)
    if len(differences) < FEWEST_DIFFERENCES:
        return None
    usual = int(np.median(differences))
    is_regular = (differences > 1) & (2 * differences >= usual) & (differences <= 2 * usual)
    return usual if is_regular.mean() >= REGULAR_SHARE else None
