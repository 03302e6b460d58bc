"""Runs on the engine of a model: several requests at once, or one in slices, so that others need not wait.

A series gives the same bits in any batch, and a path has the same random numbers in any slice.
"""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...engine.deadline import Deadline, Steps
from ...engine.engine import Engine
from ...engine.explain.explaining import explain_in_steps
from ...engine.explain.explanation import Explanation, input_names
from ...errors import ForecasterError
from ...forecast import finite
from ...paths.interventions import Draw, Intervention, impose
from ...paths.sampling import draw_paths
from ...request.inputs import Request, Tensors

# Series of several requests in one run: twice as many take twice as long, and gain 2 %.
JOINED = 32
PARTS = ("level", "linear", "recurrent", "bound")  # of a median
MOVES = 4  # forecasts for each value of a history that is explained
SLICE = 0.005  # seconds of a long computation until others have their turn; a step of it is not cut

Outcome = Any  # what a request comes to: a result, or the exception in its place


@dataclass(frozen=True)
class Task:
    """A checked request, and what is computed for it."""

    request: Request
    paths: int = 0  # sample paths of each series; 0: quantiles alone
    seed: int = 0
    fixed: NDArray[np.float64] | None = None  # (batch, horizon[, D]) imposed on the paths, NaN = free
    explains: bool = False  # whether the parts of the medians are asked for, and what they rest on

    @property
    def is_long(self) -> bool:
        """Tell whether it is computed in slices rather than in one run with others."""
        return self.paths > 0 or self.explains or len(self.request) > JOINED

    @property
    def size(self) -> int:
        """Return the number of steps of all that is computed, a measure of the time that it takes."""
        moved = MOVES * self.request.history["history"].shape[1] if self.explains else 0
        return len(self.request) * self.request.horizon * (1 + self.paths + moved)


class Runner(Protocol):
    """The computations of one model, for one thread."""

    @property
    def is_up(self) -> bool:
        """Tell whether it can compute."""

    def check(self) -> None:
        """Raise Refusal: 503 while it cannot compute."""

    def close(self) -> None:
        """Give back all that it holds."""

    def together(self, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Return the outcome of each of some requests of the same horizon: its quantiles."""

    def slices(self, task: Task) -> Steps[Outcome]:
        """Compute in slices: quantiles, or a tuple of these, then of what is asked for.

        Paths (batch, paths, horizon[, D]); parts (PARTS, batch, horizon[, D]), shares (batch, D, input).
        """


class LocalRunner:
    """A Runner of this process."""

    is_up = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def check(self) -> None:
        """Raise nothing: it can always compute."""

    def close(self) -> None:
        """Do nothing: sessions end with the process."""

    def together(self, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Return the outcome of each of some requests of the same horizon: its quantiles."""
        if len(requests) > 1:
            with contextlib.suppress(ForecasterError):  # the fault of one of them; each by itself says whose
                quantiles = self._engine.publish(join(requests), Deadline(None))
                ends = np.cumsum([len(request) for request in requests])[:-1]
                return [_attempt(partial(finite, part)) for part in np.split(quantiles, ends)]
        return [_attempt(partial(self._alone, request)) for request in requests]

    def slices(self, task: Task) -> Steps[Outcome]:
        """Compute in slices, as Runner says."""
        return paced(self._steps(task), SLICE)

    def _alone(self, request: Request) -> Outcome:
        return finite(self._engine.publish(request, Deadline(None)))

    def _steps(self, task: Task) -> Steps[Outcome]:
        parts = []
        for chunk in task.request.chunks(JOINED):
            parts.append(self._engine.publish(chunk, Deadline(None)))
            yield
        quantiles = finite(np.concatenate(parts))
        found = [quantiles]
        if task.paths:
            imposed = impose(self._engine.manifest, task.request, None, _hold(task.fixed))
            found.append((yield from draw_paths(self._engine, task.request, task.paths, task.seed, imposed)))
        if task.explains:
            explained = yield from explain_in_steps(self._engine, task.request)
            found += [np.stack([getattr(explained, part) for part in PARTS]), _shares(explained)]
        return tuple(found) if found[1:] else quantiles


def _hold(fixed: NDArray[np.float64] | None) -> Intervention | None:
    """Return an intervention that imposes values where they are numbers."""
    if fixed is None:
        return None

    def intervene(draw: Draw) -> NDArray[np.float64]:
        wanted = fixed[draw.series, draw.step]
        return np.where(np.isnan(wanted), draw.values, wanted)

    return intervene


def _shares(explained: Explanation) -> NDArray[np.float64]:
    """Return the share of each of input_names: (batch, D, input)."""
    names, targets = input_names(explained.manifest), max(1, len(explained.manifest.channels))
    found = [
        [explained.shares(series, target) for target in range(targets)]
        for series in range(len(explained.median))
    ]
    return np.array([[[one.get(name, 0.0) for name in names] for one in row] for row in found])


def paced(steps: Steps[Outcome], seconds: float) -> Steps[Outcome]:
    """Take steps, and pause whenever so many seconds are over."""
    end = time.perf_counter() + seconds
    while True:
        try:
            next(steps)
        except StopIteration as last:
            return last.value
        if time.perf_counter() >= end:
            yield
            end = time.perf_counter() + seconds


def _attempt(compute: Callable[[], Outcome]) -> Outcome:
    try:
        return compute()
    except Exception as error:  # noqa: BLE001 - whoever asked gets it
        return error


def join(requests: Sequence[Request]) -> Request:
    """Return all series of requests of the same horizon, in their order."""
    history = _stack([request.history for request in requests])
    future = _stack([request.future for request in requests])
    levels = np.concatenate([request.levels for request in requests])
    return Request(requests[0].horizon, history, future, None, levels)


def _stack(tensors: Sequence[Tensors]) -> Tensors:
    return {name: np.concatenate([found[name] for found in tensors]) for name in tensors[0]}
