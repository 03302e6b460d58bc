"""What-ifs: values of a caller in the place of those that sample paths draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bundle import Manifest
from .errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Draw:
    """What some paths drew for one step of the horizon. The axis D is that of a joint model's targets."""

    step: int  # of the horizon, from 0
    series: NDArray[np.int64]  # (rows,) which series each path is of
    path: NDArray[np.int64]  # (rows,) its number within the series
    quantiles: NDArray[
        np.float32
    ]  # (rows, [D,] quantile) of the step given the patches before, in data units
    values: Array  # (rows[, D]) drawn


Intervention = Callable[[Draw], NDArray[Any]]


class Fixed:
    """Imposes given values at given steps."""

    def __init__(self, manifest: Manifest, fixed: Mapping[int, Any], batch: int, horizon: int) -> None:
        """fixed: step of the horizon, from 0 -> a number or (batch,); of a joint model (D,) or (batch, D).

        Raises InputError.
        """
        channels = (len(manifest.channels),) if manifest.channels else ()
        self._values: dict[int, Array] = {}
        for step, given in fixed.items():
            if isinstance(step, bool) or not isinstance(step, int | np.integer) or not 0 <= step < horizon:
                raise InputError(f"fixed: steps are whole numbers from 0 to {horizon - 1}, found {step!r}")
            values = np.asarray(given)
            if values.dtype.kind not in "iuf" or values.shape not in {channels, (batch, *channels)}:
                raise InputError(
                    f"fixed, step {step}: expected numbers of shape {channels} or {(batch, *channels)}, "
                    f"found shape {values.shape} of {values.dtype}"
                )
            if not np.isfinite(values).all() or (manifest.positive and not (values > 0).all()):
                kind = "finite and above 0 (this model takes logarithms)" if manifest.positive else "finite"
                raise InputError(f"fixed, step {step}: expected {kind}, found {given!r}")
            self._values[int(step)] = np.broadcast_to(values, (batch, *channels)).astype(np.float64)

    def __call__(self, draw: Draw) -> Array:
        """An Intervention."""
        given = self._values.get(draw.step)
        return draw.values if given is None else given[draw.series]


def one_after_the_other(*interventions: Intervention | None) -> Intervention | None:
    """All of them, each on what the one before it left; None where there is none."""
    present = [intervention for intervention in interventions if intervention is not None]
    if not present:
        return None

    def intervene(draw: Draw) -> Array:
        for intervention in present:
            values = _checked(intervention(draw), draw)
            draw = Draw(draw.step, draw.series, draw.path, draw.quantiles, values)
        return draw.values

    return intervene


def _checked(values: Any, draw: Draw) -> Array:
    """Raises InputError unless they can take the place of what was drawn."""
    array, expected = np.asarray(values), draw.values.shape
    if array.shape != expected or array.dtype.kind not in "iuf":
        found = f"shape {array.shape} of {array.dtype}"
        raise InputError(f"an intervention must return numbers of shape {expected}, found {found}")
    if not np.isfinite(array).all():
        raise InputError(f"an intervention must return finite numbers, found {array[~np.isfinite(array)][0]}")
    return array.astype(np.float64)
