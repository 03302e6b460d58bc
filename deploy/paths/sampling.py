"""Sample paths: the loop fed with draws from its own forecasts.

Ancestral sampling gives paths that hang together in time as the data do, since each step is drawn from what
the decoder expects after the step drawn before. The quantiles that a model publishes are those of the
horizon. So the ranks of the values come from the ancestral draw, the values from the published quantiles:
ensemble copula coupling (Schefzik, Thorarinsdottir and Gneiting, 2013, Statistical Science 28(4)).

What a caller imposes moves a path, and the ancestral draw beneath it by as much. The loop runs once more with
the same random numbers, and the path moves on by what the draw does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..engine.deadline import Deadline, Steps
from ..engine.engine import CHUNK, Engine
from ..engine.loop import future_patch
from ..errors import InputError
from ..forecast import Quantiles, finite
from ..request.inputs import Request, Tensors
from ..request.levels import no_levels
from .interventions import Intervention
from .patches import PatchDependence
from .scores import score_of_share
from .units import Units
from .what_if import Drawn, WhatIf

ROWS = 256  # paths in one run of the loop
PIECE = 1 << 13  # values that are put in order at a time: a millisecond
MOST_PATHS = 100_000  # of a series

Array = NDArray[np.float64]


def check_paths(manifest: Manifest, paths: int, seed: int) -> None:
    """Raise InputError for counts and seeds that are none, and for a model of the median alone."""
    for name, value, least, most in (("paths", paths, 1, MOST_PATHS), ("seed", seed, 0, 2**63)):
        is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not is_whole or not least <= value <= most:
            raise InputError(f"{name} must be a whole number from {least} to {most}, found {value!r}")
    if len(manifest.quantile_levels) < 2:
        raise InputError(
            "sample paths need a model of several quantile levels; this one has the median alone"
        )


def draw_paths(
    engine: Engine,
    request: Request,
    paths: int,
    seed: int,
    intervene: Intervention | None = None,
) -> Steps[Array]:
    """Draw the paths of each series of a checked request, a step at a time.

    The result: (batch, paths, horizon), of a joint model with D. Steps that are taken later, or between those
    of others, change no bit of it. Raises InputError for a series without a finite forecast.
    """
    sampler, parts, first = Sampler(engine, seed), [], 0
    for chunk in request.chunks(max(1, min(CHUNK, ROWS // paths))):
        left = replace(chunk, levels=no_levels(engine.manifest, len(chunk)))
        quantiles = finite(engine.publish(left, Deadline(None)), first)
        series = Forecasted(chunk, engine.encode(chunk.history), quantiles, first)
        parts.append((yield from sampler.draw(series, paths, intervene)))
        first += len(chunk)
    return np.concatenate(parts)


Rows = NDArray[np.int64]
Choose = Callable[[Rows, slice, Array], Array]


@dataclass(frozen=True)
class Forecasted:
    """Some series of a call: their request, and the outputs of the graphs for it."""

    request: Request
    encoding: Tensors  # outputs of the encoder
    quantiles: Quantiles  # (batch, horizon, [D,] quantile) as published, less the levels of the series
    first: int  # number of the first of the series in the call


class Sampler:
    """A source of paths, always the same for a seed and the number of a series.

    Inside, values are in the units in which the model adds, before the lower bound, and less the levels of
    the series: (rows, time[, D]), the paths of a series one after the other.
    """

    def __init__(self, engine: Engine, seed: int) -> None:
        self._manifest, self._loops, self._seed = engine.manifest, engine.loops, seed
        self._units, self._within = Units(engine.manifest), PatchDependence(engine.manifest)

    def draw(self, series: Forecasted, paths: int, intervene: Intervention | None) -> Steps[Array]:
        """Draw paths: (batch, paths, horizon), of a joint model with D."""
        patch, batch = self._manifest.patch_length, len(series.request)
        steps = -(-series.request.horizon // patch)
        numbers = range(series.first, series.first + batch)
        generators = [np.random.default_rng([self._seed, number]) for number in numbers]
        scores = []
        for generator in generators:
            scores.append((yield from self._within.draw(generator, paths, steps)))
        drawn = Drawn(
            np.concatenate(scores).reshape(batch * paths, steps * patch, *series.quantiles.shape[2:-1]), paths
        )
        free = np.empty(drawn.scores.shape)

        def choose(rows: Rows, place: slice, quantiles: Array) -> Array:
            free[rows, place] = self._units.value_at(quantiles, drawn.scores[rows, place])
            return free[rows, place]

        yield from self._run(series, drawn, choose)
        coupled = yield from self._couple(free, drawn, series.quantiles, generators)
        levels = np.repeat(series.request.levels, paths, axis=0)  # (rows[, D])
        if intervene is None:
            result = self._units.to_data(coupled, levels[:, None])
        else:
            what_if = WhatIf(self._units, self._within, intervene, series.first, levels)
            result = yield from what_if.run(partial(self._run, series, drawn), drawn, free, coupled)
        return result.reshape(batch, paths, *result.shape[1:])

    def _couple(
        self, free: Array, drawn: Drawn, quantiles: Quantiles, generators: "list[np.random.Generator]"
    ) -> Steps[Array]:
        """Return values of the published quantiles in the order of the draw: (rows, horizon[, D])."""
        paths, horizon = drawn.paths, quantiles.shape[1]
        shape = (len(quantiles), paths, horizon, *free.shape[2:])
        values, scores = (array[:, :horizon].reshape(shape) for array in (free, drawn.scores))
        # One value from each of as many equal parts of the distribution.
        inside = np.stack([generator.random(shape[1:]) for generator in generators])
        parts = np.arange(paths).reshape(-1, *[1] * (len(shape) - 2))
        result = np.empty(shape)
        width = max(1, PIECE // len(free))
        for begin in range(0, horizon, width):
            piece = np.s_[:, :, begin : begin + width]
            shares = score_of_share((parts + inside[piece]) / paths)
            ordered = self._units.value_at(self._units.of_graph(quantiles[:, None][piece]), shares)
            # Where values are equal, as on a lower bound, their scores decide, no two steps alike.
            ranks = np.lexsort((scores[piece], values[piece]), axis=1).argsort(1)
            result[piece] = np.take_along_axis(ordered, ranks, 1)
            yield
        return result.reshape(-1, *shape[2:])

    def _run(self, series: Forecasted, drawn: Drawn, choose: Choose) -> Steps[None]:
        """Run the loop; `choose` gives the patch that is fed back, from its `next` quantiles."""
        patch, count = self._manifest.patch_length, len(drawn.scores)
        for rows in np.array_split(np.arange(count), -(-count // ROWS)):
            own = rows // drawn.paths  # the series of each row
            encoding = {name: tensor[own] for name, tensor in series.encoding.items()}
            with self._loops.borrow(len(rows)) as loop:
                loop.begin(encoding)
                for step in range(drawn.scores.shape[1] // patch):
                    future = future_patch(series.request, step, patch)
                    loop.step(step, {name: tensor[own] for name, tensor in future.items()})
                    quantiles = self._units.of_graph(loop.quantiles("next_quantiles"))
                    chosen = choose(rows, slice(step * patch, (step + 1) * patch), quantiles)
                    loop.feed(self._normalized(chosen, series.request.levels[own][:, None], encoding))
                    yield

    def _normalized(self, values: Array, levels: Array, encoding: Tensors) -> NDArray[np.float32]:
        """Return values as the decoder takes them: (rows, patch × D); NaN after a constant context.

        levels: (rows, 1[, D]).
        """
        location, scale = (encoding[name].astype(np.float64) for name in ("location", "scale"))
        if self._manifest.channels:
            location, scale = location[:, None], scale[:, None]
        centred = self._units.of(self._units.to_data(values, levels), levels) - location
        scaled = np.divide(centred, scale, out=np.full_like(centred, np.nan), where=scale > 0)
        return scaled.reshape(len(values), -1).astype(np.float32)
