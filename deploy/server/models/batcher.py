"""A queue of requests: while one run is under way, others wait together, and go into the next.

An idle service starts at once, so batching never adds a wait. Long computations, of sample paths and of many
series, take turns with the others, a slice each. The runs are those of one thread, which gets a batch and
gives back its outcomes; everything else happens on the event loop, so nothing is locked. The thread does not
hold the queue: when the last who could ask is gone, it ends, and gives back what computes.
"""

import asyncio
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass
class Batch:
    """Jobs for the thread, and what it does with what they come to."""

    jobs: list[Job]
    loop: asyncio.AbstractEventLoop
    finish: Callable[["Batch", Sequence[Outcome], float], None]  # on the loop, with the seconds that it took


class Batcher:
    """The queue and the thread of one model."""

    def __init__(self, runner: Runner, queue: int, observer: Observer, *, batching: bool = True) -> None:
        """Start the thread. queue: series that may wait in each lane."""
        self._queue, self._observer = queue, observer
        self._joined, self._long = JoinedLane(batching=batching), LongLane()
        self._turns: tuple[Lane, Lane] = (self._joined, self._long)  # the first has the next turn
        self._running = False
        self._batches: SimpleQueue[Batch | None] = SimpleQueue()
        threading.Thread(target=_work, args=(self._batches, runner), name="runs", daemon=True).start()
        weakref.finalize(self, self._batches.put, None).atexit = False

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
            self._batches.put(Batch(batch, loop, self._finish))

    def _finish(self, batch: Batch, outcomes: Sequence[Outcome], seconds: float) -> None:
        for job, outcome in zip(batch.jobs, outcomes, strict=True):
            job.seconds += seconds
            if job.outcome.done() or outcome is UNFINISHED:  # done: expired, or nobody waits for it any more
                continue
            if isinstance(outcome, BaseException):
                job.outcome.set_exception(outcome)
            else:
                job.outcome.set_result(outcome)
        self._start(batch.loop)
        if outcomes[0] is not UNFINISHED:
            series = sum(len(job.task.request) for job in batch.jobs)
            self._observer.saw_run(series, len(batch.jobs), batch.jobs[0].seconds)


def _work(batches: "SimpleQueue[Batch | None]", runner: Runner) -> None:
    """Compute batch after batch, on the thread, until there is none who could ask."""
    while (batch := batches.get()) is not None:
        began = time.perf_counter()
        try:
            outcomes = _run(runner, batch.jobs)
        except BaseException as error:  # noqa: BLE001 - a thread that ends would leave all others waiting
            outcomes = [error] * len(batch.jobs)
        seconds = time.perf_counter() - began
        try:
            batch.loop.call_soon_threadsafe(batch.finish, batch, outcomes, seconds)
        except RuntimeError:  # the loop has ended, and with it whoever asked
            return
        del batch, outcomes  # or they stay in memory until the next come
    runner.close()


def _run(runner: Runner, jobs: Sequence[Job]) -> Sequence[Outcome]:
    """Return an outcome for each job: of a run of them all, or of the next slice of a long one."""
    job = jobs[0]
    if not job.task.is_long:
        return runner.together([job.task.request for job in jobs])
    if job.slices is None:
        job.slices = runner.slices(job.task)
    try:
        next(job.slices)
    except StopIteration as end:
        return [end.value]
    return [UNFINISHED]
