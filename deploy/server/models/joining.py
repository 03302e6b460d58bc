"""Outcomes of a batch: several requests in one run, since a series gives the same bits in any batch."""

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...engine.deadline import Deadline
from ...engine.engine import Engine
from ...errors import ForecasterError
from ...forecast import Quantiles, finite
from ...paths.sampling import Array, draw_paths
from ...request.inputs import Request, Tensors
from .batcher import Job, Outcome


def compute(engine: Engine, jobs: Sequence[Job]) -> Sequence[Outcome]:
    """Return the outcome of each job of a batch, on the thread of a model."""
    if len(jobs) > 1:
        joined = join([job.request for job in jobs])
        with contextlib.suppress(ForecasterError):  # the fault of one of them; each by itself says whose
            quantiles = engine.run(joined, Deadline(None))
            ends = np.cumsum([len(job.request) for job in jobs])[:-1]
            return [_attempt(partial(finite, part)) for part in np.split(quantiles, ends)]
    return [_one(engine, job) for job in jobs]


def _one(engine: Engine, job: Job) -> Outcome:
    alone = job.alone or (lambda deadline: finite(engine.run(job.request, deadline)))
    return _attempt(lambda: alone(job.deadline))


def _attempt(compute: Callable[[], object]) -> Outcome:
    try:
        return compute()
    except Exception as error:  # noqa: BLE001 - whoever asked gets it
        return error


def with_paths(engine: Engine, request: Request, paths: int, seed: int) -> Callable[[Deadline], Any]:
    """Return a computation, for a run of its own, of quantiles and of sample paths without a what-if.

    Its result: (quantiles (batch, horizon, [D,] quantile), paths (batch, paths, horizon, [D])).
    """

    def compute(deadline: Deadline) -> tuple[Quantiles, Array]:
        quantiles = finite(engine.run(request, deadline))
        return quantiles, draw_paths(engine, request, paths, seed, None, deadline)

    return compute


def join(requests: Sequence[Request]) -> Request:
    """Return all series of requests of the same horizon, in their order."""
    history = _stack([request.history for request in requests])
    future = _stack([request.future for request in requests])
    levels = np.concatenate([request.levels for request in requests])
    return Request(requests[0].horizon, history, future, None, levels)


def _stack(tensors: Sequence[Tensors]) -> Tensors:
    return {name: np.concatenate([found[name] for found in tensors]) for name in tensors[0]}
