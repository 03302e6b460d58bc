"""Sample paths: the loop fed with draws from its own forecasts.

Ancestral sampling gives paths that hang together in time as the data do, since each step is drawn from what
the decoder expects after the step drawn before. The quantiles that a model publishes are those of the
horizon. So the ranks of the values come from the ancestral draw, the values from the published quantiles:
ensemble copula coupling (Schefzik, Thorarinsdottir and Gneiting, 2013, Statistical Science 28(4)).

What a caller imposes on a step moves the steps after it by what it moves the ancestral draw: the loop runs
twice with the same random numbers, with and without it, and the difference is added.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .bundle import Manifest
from .deadline import Deadline
from .errors import InputError
from .inputs import Request, Tensors
from .interventions import Draw, Intervention
from .loop import Loops, future_patch
from .patches import PatchDependence
from .scores import scores_of
from .units import Units

ROWS = 256  # paths in one run of the loop
MOST_PATHS = 100_000  # of a series

Array = NDArray[np.float64]


def check_paths(manifest: Manifest, paths: int, seed: int) -> None:
    """Raises InputError for counts and seeds that are none, and for a model of the median alone."""
    for name, value, least, most in (("paths", paths, 1, MOST_PATHS), ("seed", seed, 0, 2**63)):
        is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not is_whole or not least <= value <= most:
            raise InputError(f"{name} must be a whole number from {least} to {most}, found {value!r}")
    if len(manifest.quantile_levels) < 2:
        raise InputError(
            "sample paths need a model of several quantile levels; this one has the median alone"
        )


@dataclass(frozen=True)
class Ancestral:
    """Values drawn step by step, and which of them an intervention changed: (batch, paths, horizon[, D])."""

    values: Array
    imposed: NDArray[np.bool_]


@dataclass(frozen=True)
class Forecasted:
    """Some series of a call: what was asked, and what the graphs say of it."""

    request: Request
    encoding: Tensors  # outputs of the encoder
    quantiles: NDArray[np.float32]  # (batch, horizon, [D,] quantile) as published
    first: int  # number of the first of the series in the call


class Sampler:
    """Draws paths, always the same for a seed and the number of a series."""

    def __init__(self, manifest: Manifest, loops: Loops, seed: int, deadline: Deadline) -> None:
        self._patch, self._loops = manifest.patch_length, loops
        self._seed, self._deadline = seed, deadline
        self._joint, self._units, self._within = (
            bool(manifest.channels),
            Units(manifest),
            PatchDependence(manifest),
        )

    def draw(self, series: Forecasted, paths: int, intervene: Intervention | None) -> Array:
        """Paths: (batch, paths, horizon), of a joint model with D."""
        steps = -(-series.request.horizon // self._patch)
        numbers = range(series.first, series.first + len(series.request))
        generators = [np.random.default_rng([self._seed, number]) for number in numbers]
        scores = np.stack([self._within.draw(generator, paths, steps) for generator in generators])
        free = self._run(series, scores, None).values
        result = self._couple(free, series.quantiles)
        if intervene is None:
            return result
        moved = self._run(series, scores, intervene)
        change = self._units.of(moved.values) - self._units.of(free)
        shifted = self._units.to_data(self._units.of(result) + change)
        return np.where(moved.imposed, moved.values, shifted)

    def _couple(self, free: Array, quantiles: NDArray[np.float32]) -> Array:
        """Values of the published quantiles in the order of an ancestral draw."""
        paths = free.shape[1]
        scores = scores_of(((np.arange(paths) + 0.5) / paths).tolist())
        scores = scores.reshape(paths, *[1] * (free.ndim - 2))
        ordered = self._units.value_at(quantiles[:, None], scores)
        ranks = free.argsort(1, kind="stable").argsort(1, kind="stable")
        return np.take_along_axis(ordered, ranks, 1)

    def _run(self, series: Forecasted, scores: Array, intervene: Intervention | None) -> Ancestral:
        """The loop on each of its draws. scores: (batch, paths, steps, patch × D)."""
        batch, paths, steps = scores.shape[:3]
        shape = (batch * paths, steps * self._patch, *series.quantiles.shape[2:-1])
        values, imposed = np.empty(shape), np.zeros(shape, bool)
        for rows in np.array_split(np.arange(batch * paths), -(-batch * paths // ROWS)):
            own = rows // paths  # the series of each row
            encoding = {name: tensor[own] for name, tensor in series.encoding.items()}
            with self._loops.borrow(len(rows)) as loop:
                loop.begin(encoding)
                for step in range(steps):
                    self._deadline.check()
                    future = future_patch(series.request, step, self._patch)
                    loop.step(step, {name: tensor[own] for name, tensor in future.items()})
                    quantiles = loop.quantiles("next_quantiles")
                    drawn = scores[own, rows % paths, step]
                    place = slice(step * self._patch, (step + 1) * self._patch)
                    values[rows, place] = self._units.value_at(quantiles, drawn.reshape(quantiles.shape[:-1]))
                    if intervene is not None:
                        draw = Draw(
                            place.start, own + series.first, rows % paths, quantiles, values[rows, place]
                        )
                        values[rows, place], imposed[rows, place] = self._impose(intervene, draw, drawn)
                    loop.feed(self._normalized(values[rows, place], encoding))
        shape = (batch, paths, *shape[1:])
        horizon = slice(series.request.horizon)
        return Ancestral(values.reshape(shape)[:, :, horizon], imposed.reshape(shape)[:, :, horizon])

    def _impose(self, intervene: Intervention, patch: Draw, scores: Array) -> tuple[Array, NDArray[np.bool_]]:
        """One value of a patch after the other as the caller wants it, and which were changed.

        patch: as a Draw, with an axis of places; scores: those that its values were drawn by.
        """
        values, imposed = patch.values.copy(), np.zeros(patch.values.shape, bool)
        for place in range(values.shape[1]):
            quantiles = patch.quantiles[:, place]
            draw = replace(
                patch, step=patch.step + place, quantiles=quantiles, values=values[:, place].copy()
            )
            wanted = intervene(draw)
            changed = wanted != draw.values
            if not changed.any():
                continue
            values[:, place], imposed[:, place] = wanted, changed
            at = scores.reshape(values.shape)[:, place]
            moved = np.where(changed, self._units.score_at(quantiles, wanted) - at, 0.0)
            scores = self._within.follow(scores, place, moved.reshape(len(scores), -1))
            later = scores.reshape(values.shape)[:, place + 1 :]
            values[:, place + 1 :] = self._units.value_at(patch.quantiles[:, place + 1 :], later)
        return values, imposed

    def _normalized(self, values: Array, encoding: Tensors) -> NDArray[np.float32]:
        """As the decoder is fed: (rows, patch × D); 0 where the context is constant."""
        location, scale = (encoding[name].astype(np.float64) for name in ("location", "scale"))
        if self._joint:
            location, scale = location[:, None], scale[:, None]
        centred = self._units.of(values) - location
        scaled = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
        return scaled.reshape(len(values), -1).astype(np.float32)
