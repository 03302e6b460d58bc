"""Several requests in one run of forecast.onnx: a series gives the same bits in any batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ...engine.deadline import Deadline
from ...errors import ForecasterError
from ...predictor import CHUNK, Predictor, refuse_infinite
from ...request.inputs import Request, Tensors
from .batcher import Compute, Job, Outcome

Quantiles = NDArray[np.floating]


def computing(predictor: Predictor) -> Compute:
    """What the thread of a model does with a batch."""

    def compute(jobs: Sequence[Job]) -> Sequence[Outcome]:
        if len(jobs) == 1:
            return [_one(predictor, jobs[0])]
        joined = join([job.request for job in jobs])
        try:
            quantiles = predictor.run(joined, Deadline(None))
        except ForecasterError:  # the fault of one of them; each by itself says whose
            return [_one(predictor, job) for job in jobs]
        ends = np.cumsum([len(job.request) for job in jobs])[:-1]
        return [_attempt(partial(finite, part)) for part in np.split(quantiles, ends)]

    return compute


def _one(predictor: Predictor, job: Job) -> Outcome:
    if job.alone is not None:
        alone = job.alone
        return _attempt(lambda: alone(job.deadline))
    return _attempt(lambda: finite(forecast_chunks(predictor, job.request, job.deadline)))


def _attempt(compute: Callable[[], object]) -> Outcome:
    try:
        return compute()
    except Exception as error:  # noqa: BLE001 - whoever asked gets it
        return error


def forecast_chunks(predictor: Predictor, request: Request, deadline: Deadline) -> Quantiles:
    """Quantiles of any number of series, a chunk a run. Raises DeadlineError between two."""
    parts = [slice(begin, begin + CHUNK) for begin in range(0, len(request), CHUNK)]
    return np.concatenate([predictor.run(request.chunk(part), deadline) for part in parts])


def finite(quantiles: Quantiles) -> Quantiles:
    """The quantiles. Raises InputError with the first series that has no finite forecast."""
    refuse_infinite(quantiles)
    return quantiles


def join(requests: Sequence[Request]) -> Request:
    """All series of requests of the same horizon, in their order."""
    history = _stack([request.history for request in requests])
    future = _stack([request.future for request in requests])
    return Request(requests[0].horizon, history, future, None)


def _stack(tensors: Sequence[Tensors]) -> Tensors:
    return {name: np.concatenate([found[name] for found in tensors]) for name in tensors[0]}
