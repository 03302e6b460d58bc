"""The two lanes of a model's queue: requests that are computed together, and long ones, in slices.

Each is a list in the order of arrival with a count of what waits, and says what is computed next. All of it
happens on the event loop.
"""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from ...engine.deadline import Steps
from .joining import JOINED, Outcome, Task

PATHS = 64  # sample paths that count as one series in the queue
# A long job whose size is so small a part of that under way goes first. Each on top of another is so much
# smaller, so together they need little more memory than the largest.
SMALLER = 4


@dataclass(eq=False, slots=True)
class Job:
    """The computation of one request, and who waits for it."""

    task: Task
    outcome: asyncio.Future[Any]
    slices: Steps[Outcome] | None = None  # of a long one that is under way
    seconds: float = 0.0  # that its slices took so far

    @property
    def weight(self) -> int:
        """Return the series that it counts as."""
        return len(self.task.request) * max(1, -(-self.task.paths // PATHS))

    def joins(self, other: "Job") -> bool:
        """Tell whether both can be forecast in one run: the horizon of a run is one number."""
        return self.task.request.horizon == other.task.request.horizon


class Lane(ABC):
    """A part of the queue, in the order of arrival."""

    def __init__(self) -> None:
        self.waiting = 0  # series
        self._jobs: list[Job] = []

    def add(self, job: Job) -> None:
        """Let a job wait."""
        self._jobs.append(job)
        self.waiting += job.weight

    def drop(self, job: Job) -> None:
        """Forget a job that nobody waits for any more, if it has not started."""
        if job in self._jobs:
            self._jobs.remove(job)
            self.waiting -= job.weight

    @abstractmethod
    def take(self) -> list[Job]:
        """Return what is computed next, nothing if nothing waits; while no other computation is under way."""


class JoinedLane(Lane):
    """The lane of jobs that go into one run."""

    def __init__(self, *, batching: bool) -> None:
        super().__init__()
        self._batching = batching

    def take(self) -> list[Job]:
        """Return the job that waits longest, and those after it that fit into its run."""
        if not self._jobs:
            return []
        first, *after = self._jobs
        batch, others, series = [first], list[Job](), first.weight
        for job in after:
            if self._batching and job.joins(first) and series + job.weight <= JOINED:
                batch.append(job)
                series += job.weight
            else:
                others.append(job)
        self._jobs = others
        self.waiting -= series
        return batch


class LongLane(Lane):
    """The lane of jobs that are computed in slices: one at a time, and much smaller ones in between."""

    def __init__(self) -> None:
        super().__init__()
        self._under_way: list[Job] = []  # each much smaller than that before it; the last has the next slice

    def take(self) -> list[Job]:
        """Return the job that has the next slice."""
        for job in [job for job in self._under_way if job.outcome.done()]:
            self._under_way.remove(job)
            if job.slices is not None:  # of one that nobody waits for any more: its memory is free now
                job.slices.close()
        if self._jobs:
            least = min(self._jobs, key=lambda job: job.task.size)
            if not self._under_way or SMALLER * least.task.size <= self._under_way[-1].task.size:
                self.drop(least)
                self._under_way.append(least)
        return self._under_way[-1:]
