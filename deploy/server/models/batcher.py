"""A queue of requests: while one run is under way, others wait together, and go into the next.

An idle service starts at once, so batching never adds a wait. The runs are those of one thread, which gets a
batch and gives back its outcomes; everything else happens on the event loop, so nothing is locked.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol

from ...engine.deadline import TOO_LATE, Deadline
from ...errors import DeadlineError
from ...request.inputs import Request
from ..overload import refuse_longer_queue

# Series of several requests in one run: twice as many take twice as long, and gain 2 %.
JOINED = 32


@dataclass(eq=False, slots=True)
class Job:
    """The computation of one request."""

    request: Request  # what is forecast
    deadline: Deadline
    outcome: asyncio.Future[Any]
    alone: Callable[[Deadline], Any] | None = None  # computed in place of the forecast, in a run of its own

    def joins(self, other: "Job") -> bool:
        """Tell whether both can be forecast in one run: the horizon of a run is one number."""
        return self.alone is None and other.alone is None and self.request.horizon == other.request.horizon


Outcome = Any  # what a job comes to: a result, or the exception in its place
Compute = Callable[[Sequence[Job]], Sequence[Outcome]]


class Observer(Protocol):
    """A listener that is told of runs."""

    def saw_run(self, series: int, jobs: int, seconds: float) -> None:
        """Take note that a run is over."""


class Batcher:
    """The queue and the thread of one model."""

    def __init__(self, compute: Compute, queue: int, observer: Observer, *, batching: bool = True) -> None:
        """Start the thread. compute: an outcome for each job of a batch; queue: series that may wait."""
        self._compute, self._queue, self._observer, self._batching = compute, queue, observer, batching
        self._waiting: deque[Job] = deque()
        self._waiting_series = 0
        self._running = False
        self._batches: SimpleQueue[tuple[asyncio.AbstractEventLoop, list[Job]]] = SimpleQueue()
        threading.Thread(target=self._work, name="runs", daemon=True).start()

    @property
    def waiting(self) -> int:
        """Return the number of series that wait."""
        return self._waiting_series

    @property
    def is_full(self) -> bool:
        """Tell whether a request of a single series would be refused."""
        return self._waiting_series >= self._queue

    async def compute(
        self, request: Request, seconds: float, alone: Callable[[Deadline], Any] | None = None
    ) -> Any:
        """Return the outcome of the request, or of `alone`, once a run has computed it.

        Raises Refusal: 503 if too much waits, DeadlineError, and whatever computing raises.
        """
        refuse_longer_queue(self._waiting_series, len(request), self._queue)
        loop = asyncio.get_running_loop()
        job = Job(request, Deadline(seconds), loop.create_future(), alone)
        self._waiting.append(job)
        self._waiting_series += len(request)
        if not self._running:
            self._start(loop)
        timer = loop.call_later(seconds, self._expire, job, seconds)
        try:
            return await job.outcome
        finally:
            timer.cancel()
            self._drop(job)

    def _expire(self, job: Job, seconds: float) -> None:
        if not job.outcome.done():
            self._drop(job)
            job.outcome.set_exception(DeadlineError(f"{TOO_LATE} {seconds:g} s"))

    def _drop(self, job: Job) -> None:
        """Forget a job that nobody waits for any more, if it has not started."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._waiting_series -= len(job.request)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = self._take()
        self._running = bool(batch)
        if batch:
            self._batches.put((loop, batch))

    def _take(self) -> list[Job]:
        """Return the job that waits longest, and those after it that fit into its run."""
        if not self._waiting:
            return []
        first = self._waiting.popleft()
        batch, series = [first], len(first.request)
        others: deque[Job] = deque()
        for job in self._waiting if self._batching else ():
            if job.joins(first) and series + len(job.request) <= JOINED:
                batch.append(job)
                series += len(job.request)
            else:
                others.append(job)
        if self._batching:
            self._waiting = others
        self._waiting_series -= series
        return batch

    def _work(self) -> None:
        """Compute batch after batch, on the thread."""
        while True:
            loop, batch = self._batches.get()
            began = time.perf_counter()
            try:
                outcomes = self._compute(batch)
            except BaseException as error:  # noqa: BLE001 - a thread that ends would leave all others waiting
                outcomes = [error] * len(batch)
            seconds = time.perf_counter() - began
            try:
                loop.call_soon_threadsafe(self._finish, loop, batch, outcomes, seconds)
            except RuntimeError:  # the loop has ended, and with it whoever asked
                return

    def _finish(
        self, loop: asyncio.AbstractEventLoop, batch: list[Job], outcomes: Sequence[Outcome], seconds: float
    ) -> None:
        self._start(loop)
        for job, outcome in zip(batch, outcomes, strict=True):
            if job.outcome.done():  # expired, or nobody waits for it any more
                continue
            if isinstance(outcome, BaseException):
                job.outcome.set_exception(outcome)
            else:
                job.outcome.set_result(outcome)
        self._observer.saw_run(sum(len(job.request) for job in batch), len(batch), seconds)
