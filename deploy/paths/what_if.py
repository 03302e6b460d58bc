"""Paths on which a caller imposes values, and what follows from them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..engine.deadline import Steps
from .interventions import Draw, Intervention
from .patches import PatchDependence
from .units import Units

# A value far out of a narrow distribution throws the rest of its patch no further than a real one would.
FARTHEST_SCORE = 6.0

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
Run = Callable[[Callable[[Rows, slice, Array], Array]], Steps[None]]


@dataclass(frozen=True)
class Drawn:
    """The random numbers of all paths."""

    scores: Array  # normal, of each value: (rows, steps × patch[, D])
    paths: int  # rows of each series, one after the other


@dataclass(frozen=True)
class WhatIf:
    """A run of the loop under an intervention."""

    units: Units
    within: PatchDependence
    intervene: Intervention
    first: int  # number of the first of the series in the call
    levels: Array  # (rows[, D]) of the series of each row, in data units

    def run(self, run: Run, drawn: Drawn, free: Array, coupled: Array) -> Steps[Array]:
        """Return paths in data units, (rows, horizon[, D]).

        run: the loop with a function that chooses each patch; free: the ancestral draw without the
        intervention; coupled: the paths without it. Both in the units in which the model adds, less the
        levels. What the caller is shown and answers with has them.
        """
        horizon = coupled.shape[1]
        result = np.empty(coupled.shape)

        def choose(rows: Rows, place: slice, quantiles: Array) -> Array:
            """Return one patch of the ancestral draw under the intervention."""
            scores = drawn.scores[rows, place].copy()
            values = self.units.value_at(quantiles, scores)
            for at, step in enumerate(range(place.start, min(place.stop, horizon))):
                moved = values[:, at] - free[rows, step]
                levels = self.levels[rows]
                shown = self.units.to_data(coupled[rows, step] + moved, levels)
                wanted = self.intervene(self._draw(rows, drawn.paths, step, quantiles[:, at], shown))
                result[rows, step] = wanted
                changed = wanted != shown
                if not changed.any():
                    continue
                by = self.units.of(wanted, levels) - self.units.of(shown, levels)
                values[:, at] += np.where(changed, by, 0.0)
                self._follow(scores, values, quantiles, (at, changed))
            return values

        yield from run(choose)
        return result

    def _draw(self, rows: Rows, paths: int, step: int, quantiles: Array, shown: Array) -> Draw:
        """Return one step of a draw for the caller, who may keep it and write into it."""
        whole = self.units.to_data(quantiles, self.levels[rows][..., None])
        return Draw(step, rows // paths + self.first, rows % paths, whole, shown.copy())

    def _follow(
        self, scores: Array, values: Array, quantiles: Array, imposed: tuple[int, NDArray[np.bool_]]
    ) -> None:
        """Let the later values of a patch follow one that was imposed; scores and values are changed."""
        at, changed = imposed
        found = self.units.score_at(quantiles[:, at], values[:, at]).clip(-FARTHEST_SCORE, FARTHEST_SCORE)
        moved = np.where(changed, found - scores[:, at], 0.0)
        flat = self.within.follow(scores.reshape(len(scores), -1), at, moved.reshape(len(scores), -1))
        scores[...] = flat.reshape(scores.shape)
        values[:, at + 1 :] = self.units.value_at(quantiles[:, at + 1 :], scores[:, at + 1 :])
