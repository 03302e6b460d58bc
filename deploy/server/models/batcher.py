"""A queue of requests: while one run is under way, others wait together, and go into the next.

An idle service starts at once, so batching never adds a wait. Long computations, of sample paths and of many
series, take turns with the others, a slice each. The runs are those of one thread, which gets a batch and
gives back its outcomes; everything else happens on the event loop, so nothing is locked.
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any, Protocol

from ...engine.deadline import TOO_LATE
from ...errors import DeadlineError
from ..overload import refuse_longer_queue
from .joining import Outcome, Runner, Task
from .lanes import Job, JoinedLane, Lane, LongLane

UNFINISHED = object()  # the outcome of a slice that was not the last


class Observer(Protocol):
    """A listener that is told of runs."""

    def saw_run(self, series: int, jobs: int, seconds: float) -> None:
        """Take note that a run is over."""


class Batcher:
    """The queue and the thread of one model."""

    def __init__(self, runner: Runner, queue: int, observer: Observer, *, batching: bool = True) -> None:
        """Start the thread. queue: series that may wait in each lane."""
        self._runner, self._queue, self._observer = runner, queue, observer
        self._joined, self._long = JoinedLane(batching=batching), LongLane()
        self._turns: tuple[Lane, Lane] = (self._joined, self._long)  # the first has the next turn
        self._running = False
        self._batches: SimpleQueue[tuple[asyncio.AbstractEventLoop, list[Job]]] = SimpleQueue()
        threading.Thread(target=self._work, name="runs", daemon=True).start()

    @property
    def waiting(self) -> int:
        """Return the number of series that wait."""
        return self._joined.waiting + self._long.waiting

    @property
    def is_full(self) -> bool:
        """Tell whether a request of a single series would be refused."""
        return self._joined.waiting >= self._queue

    async def compute(self, task: Task, seconds: float) -> Any:
        """Return the result of a task, as the runner computes it.

        Raises Refusal: 503 if too much waits, DeadlineError, and whatever computing raises.
        """
        loop = asyncio.get_running_loop()
        job = Job(task, loop.create_future())
        lane: Lane = self._long if task.is_long else self._joined
        refuse_longer_queue(lane.waiting, job.weight, self._queue)
        lane.add(job)
        if not self._running:
            self._start(loop)
        timer = loop.call_later(seconds, self._expire, job, lane, seconds)
        try:
            return await job.outcome
        finally:
            timer.cancel()
            lane.drop(job)

    def _expire(self, job: Job, lane: Lane, seconds: float) -> None:
        if not job.outcome.done():
            lane.drop(job)
            job.outcome.set_exception(DeadlineError(f"{TOO_LATE} {seconds:g} s"))

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand the next batch to the thread; lanes take turns."""
        first, second = self._turns
        batch = first.take()
        if batch:
            self._turns = second, first
        else:
            batch = second.take()
        self._running = bool(batch)
        if batch:
            self._batches.put((loop, batch))

    def _work(self) -> None:
        """Compute batch after batch, on the thread."""
        while True:
            loop, batch = self._batches.get()
            began = time.perf_counter()
            try:
                outcomes = self._run(batch)
            except BaseException as error:  # noqa: BLE001 - a thread that ends would leave all others waiting
                outcomes = [error] * len(batch)
            seconds = time.perf_counter() - began
            try:
                loop.call_soon_threadsafe(self._finish, loop, batch, outcomes, seconds)
            except RuntimeError:  # the loop has ended, and with it whoever asked
                return
            del batch, outcomes  # or they stay in memory until the next come

    def _run(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Return an outcome for each job: of a run of them all, or of the next slice of a long one."""
        job = batch[0]
        if not job.task.is_long:
            return self._runner.together([job.task.request for job in batch])
        if job.slices is None:
            job.slices = self._runner.slices(job.task)
        try:
            next(job.slices)
        except StopIteration as end:
            return [end.value]
        return [UNFINISHED]

    def _finish(
        self, loop: asyncio.AbstractEventLoop, batch: list[Job], outcomes: Sequence[Outcome], seconds: float
    ) -> None:
        for job, outcome in zip(batch, outcomes, strict=True):
            job.seconds += seconds
            if job.outcome.done() or outcome is UNFINISHED:  # done: expired, or nobody waits for it any more
                continue
            if isinstance(outcome, BaseException):
                job.outcome.set_exception(outcome)
            else:
                job.outcome.set_result(outcome)
        self._start(loop)
        if outcomes[0] is not UNFINISHED:
            series = sum(len(job.task.request) for job in batch)
            self._observer.saw_run(series, len(batch), batch[0].seconds)
