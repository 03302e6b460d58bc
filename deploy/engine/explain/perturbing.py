"""Sensitivities: derivatives of the medians, from one batch of perturbed inputs for each series.

An input is moved up and down by one and by two steps, or by four steps to one side where the other has a
kink; the slope is that of the polynomial through these medians and the given one. A step is a share of the
unit in which the network sees an input: of the scale of the window, of the deviation of a covariate.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...bundle.bundle import Manifest
from ...request.inputs import Request, Tensors
from ...request.levels import no_levels
from ...time.timestep import MISSING_TIME
from ..deadline import Deadline, Steps
from ..engine import Engine
from .explanation import CALENDAR, Array

STEP = 0.05  # of a unit: float32 errs by 1e-6 of it, and what bends a forecast is a unit long
SHORTEST = 0.002  # step, in units, between two kinks
ONE_SIDE = 0.03  # of a unit: four such steps
SMOOTH = ("none", "mean-std")  # normalisations without kinks
BOTH, ABOVE = np.array([1.0, -1.0, 2.0, -2.0]), np.array([1.0, 2.0, 3.0, 4.0])  # moves, in steps
NOISE = 7.0  # times that of moves to both sides, moves to one side make what a median is rounded by
LARGEST = 0.5  # the furthest move of a value whose logarithm is taken, as a share: it stays above 0
ROWS = 256  # in one run of a graph


@dataclass(frozen=True)
class Moved:
    """Numbers of one tensor, that of a series, to be moved one at a time."""

    tensor: str
    places: NDArray[np.int64]  # (n,) in the flat tensor of one series
    moves: Array  # (n, 4) how far


class Perturbed:
    """One series, whose inputs are moved."""

    def __init__(self, engine: Engine, request: Request) -> None:
        """Take a request of one series."""
        manifest = engine.manifest
        self._engine = engine
        self._median = manifest.quantile_levels.index(0.5)
        self._shown = replace(request, levels=no_levels(manifest, 1), timestamps=None)
        self._size = max(1, len(manifest.channels))
        self._given = self._medians(self._shown)[0]  # (horizon, D)

    def derivatives(self, moved: Moved, size: int) -> Steps[Array]:
        """Return derivatives by all numbers of a tensor, 0 where none is moved: (horizon, D, size)."""
        found = np.zeros((self._shown.horizon, self._size, size))
        if len(moved.places):
            found[..., moved.places] = yield from self._differences(moved)
        return found

    def effect(self, name: str, column: int = 0) -> Array:
        """Return by how much the median is larger than with times or a category unknown: (horizon, D)."""
        history, future = dict(self._shown.history), dict(self._shown.future)
        if name == CALENDAR:
            for tensors, times in ((history, "timestamps"), (future, "future_timestamps")):
                tensors[times] = np.full_like(tensors[times], MISSING_TIME)
        else:
            history["static_cat"] = history["static_cat"].copy()
            history["static_cat"][:, column] = 0
        found: Array = self._given - self._medians(replace(self._shown, history=history, future=future))[0]
        return found

    def _differences(self, moved: Moved) -> Steps[Array]:
        """Return derivatives by the numbers that are moved: (horizon, D, n)."""
        place, moves = np.repeat(moved.places, moved.moves.shape[1]), moved.moves.ravel()
        medians, taken = [], []
        for begin in range(0, len(place), ROWS):
            part = slice(begin, begin + ROWS)
            request, by = self._move(moved.tensor, place[part], moves[part])
            medians.append(self._medians(request) - self._given)
            taken.append(by)
            yield
        found = np.concatenate(medians).reshape(*moved.moves.shape, *medians[0].shape[1:])
        weights = _slope_weights(np.concatenate(taken).reshape(moved.moves.shape))
        slopes: Array = np.einsum("nm,nmhd->hdn", weights, found)
        return slopes

    def _move(self, name: str, places: NDArray[np.int64], moves: Array) -> tuple[Request, Array]:
        """Return a request with a series for each move, and by how much each has moved in float32."""
        history, future = (
            {key: np.repeat(tensor, len(places), axis=0) for key, tensor in tensors.items()}
            for tensors in (self._shown.history, self._shown.future)
        )
        tensor = (history if name in history else future)[name]
        flat, rows = tensor.reshape(len(places), -1), np.arange(len(places))
        before = flat[rows, places].astype(np.float64)
        flat[rows, places] = before + moves
        moved = Request(
            self._shown.horizon, history, future, None, no_levels(self._engine.manifest, len(places))
        )
        return moved, flat[rows, places].astype(np.float64) - before

    def _medians(self, request: Request) -> Array:
        """Return medians as the graph gives them: (rows, horizon, D)."""
        quantiles = self._engine.run(request, Deadline(None))
        return quantiles[..., self._median].reshape(len(quantiles), -1, self._size)


def movable(
    manifest: Manifest, request: Request, scale: Array, is_log: bool, spreads: dict[str, Array]
) -> Iterator[Moved]:
    """Yield what can be moved of a series: its observed values, then covariates that are there.

    scale: (D,) of the window as the graph is shown it; spreads: deviations of covariates by kind.
    """
    tensors: Tensors = {**request.history, **request.future}
    history = tensors["history"].reshape(-1, len(scale)).astype(np.float64)
    values = np.log(history) if is_log else history
    has_kinks = manifest.normalization not in SMOOTH
    room = _room(values, manifest.season) if has_kinks else (np.inf, np.inf)
    unit = np.minimum(scale, LARGEST / STEP / 4) if is_log else scale
    moves = _moves(np.broadcast_to(unit, values.shape), *room)
    if is_log:
        moves = moves * history[..., None]
    yield _moved("history", history, moves)
    for name, kind in (("known", "known"), ("future_known", "known"), ("past", "past"), ("static", "static")):
        if name in tensors:
            values = tensors[name].reshape(-1, tensors[name].shape[-1]).astype(np.float64)
            unit = np.broadcast_to(spreads[kind], values.shape)
            yield _moved(name, values, STEP * unit[..., None] * BOTH)


def _moves(unit: Array, up: Array | float, down: Array | float) -> Array:
    """Return the moves of numbers that have so much room: (..., 4)."""
    both = np.minimum(STEP * unit, np.maximum(np.minimum(up, down) / 2, SHORTEST * unit))
    above, below = (np.minimum(ONE_SIDE * unit, room / 4) for room in (up, down))
    one_side = np.where(above >= below, above, -below)
    is_both = NOISE * both >= np.abs(one_side)
    found: Array = np.where(is_both[..., None], both[..., None] * BOTH, one_side[..., None] * ABOVE)
    return found


def _room(values: Array, season: int) -> tuple[Array, Array]:
    """Return how far each value is from a kink above and below it: two of (time, D), as the values.

    The scale is a mean of |x_t − x_{t−m}|, and has one where both are equal. In the midst of one, moves to
    both sides have the slope 0 that torch says there.
    """
    up, down = np.full(values.shape, np.inf), np.full(values.shape, np.inf)
    if season < len(values):
        late, early = values[season:] - values[:-season], values[:-season] - values[season:]
        for part, apart in ((slice(None, -season), late), (slice(season, None), early)):  # to its partner
            up[part] = np.fmin(up[part], np.where(apart > 0, apart, np.inf))
            down[part] = np.fmin(down[part], np.where(apart < 0, -apart, np.inf))
    return up, down


def _moved(name: str, values: Array, moves: Array) -> Moved:
    places = np.flatnonzero(np.isfinite(values.ravel()) & (moves[..., 0] != 0).ravel())
    return Moved(name, places, moves.reshape(-1, moves.shape[-1])[places])


def _slope_weights(moves: Array) -> Array:
    """Return what the differences to the given median weigh in its slope: (n, moves), as the moves.

    Of the polynomial of that degree through all of them.
    """
    unit = np.abs(moves).max(axis=1, keepdims=True)
    count = moves.shape[1]
    powers = (moves / unit)[:, None] ** np.arange(1, count + 1)[:, None]  # (n, power, move)
    first = np.broadcast_to(np.eye(count)[:, :1], (len(moves), count, 1))
    weights: Array = np.linalg.solve(powers, first)[..., 0] / unit
    return weights
