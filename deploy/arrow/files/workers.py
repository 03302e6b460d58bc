"""Tables through processes: whole tables each, and another try where a process dies."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...engine.providers import Providers
from ...errors import ForecasterError
from ..choosing import Predictors
from .parts import Found, part_path, read_record
from .scoring_table import Advance, Scoring, score_table
from .tables import Table

TRIES = 3  # of processes that die, without a part between
LOOK = 0.2  # seconds between two looks at how far the processes are
Report = Callable[[float, int], None]  # is told how many bytes were read and how many series are done, in all


@dataclass(frozen=True)
class Work:
    """The knowledge of a process: by what to score, how, and where to."""

    bundle: Path
    provider: Providers
    scoring: Scoring
    output: Path


def done_of(table: Table, output: Path) -> list[Found]:
    """Return the parts of a table that are there, the first ones without a gap."""
    found: list[Found] = []
    while (path := part_path(output, table.record()["file"], len(found))).exists():
        found.append(Found(path, read_record(path)))
    return found


def is_done(table: Table, output: Path) -> bool:
    """Return whether all parts of a table are there."""
    found = done_of(table, output)
    return bool(found) and found[-1].record.is_last


def score_here(work: Work, predictors: Predictors, tables: Sequence[Table], report: Report) -> None:
    """Score tables one after the other in this process."""
    size, series = 0.0, 0
    for table in tables:

        def advance(share: float, count: int, table: Table = table) -> None:
            nonlocal size, series
            size, series = size + share * table.size, series + count
            report(size, series)

        score_table(work.scoring, predictors, table, work.output, done_of(table, work.output), advance)


def score_in_processes(work: Work, tables: Sequence[Table], processes: int, report: Report) -> None:
    """Score tables in so many processes; where one dies its table continues after its last part.

    Raises what a process raises, and ForecasterError where processes die and no part is finished in between.
    """
    finished, tries = -1, TRIES
    while left := [table for table in tables if not is_done(table, work.output)]:
        before, finished = finished, sum(len(done_of(table, work.output)) for table in tables)
        tries = TRIES if finished > before else tries - 1
        if not tries:
            raise ForecasterError(
                f"processes died {TRIES} times without finishing a part of {left[0].name}: does this machine "
                "lack memory? Try fewer --workers; the same command continues after the parts that are there"
            )
        with suppress(BrokenProcessPool):
            _run_pool(work, left, processes, report)


def _run_pool(work: Work, tables: Sequence[Table], processes: int, report: Report) -> None:
    """Score tables in new processes. Raises BrokenProcessPool where one dies."""
    context = multiprocessing.get_context("spawn")
    size, series, stop = context.Value("d", 0.0), context.Value("q", 0), context.Event()
    shared = work, os.getpid(), size, series, stop
    with ProcessPoolExecutor(min(processes, len(tables)), context, _begin, shared) as pool:
        pending = {pool.submit(_score, table) for table in tables}
        try:
            while pending:
                done, pending = wait(pending, LOOK, FIRST_COMPLETED)
                report(size.value, series.value)
                for future in done:
                    future.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@dataclass(frozen=True)
class _Process:
    """One of the processes, its predictors, and what it shares with the others."""

    work: Work
    predictors: Predictors
    parent: int
    size: Any
    series: Any
    stop: Any

    def score(self, table: Table) -> None:
        output = self.work.output
        score_table(
            self.work.scoring, self.predictors, table, output, done_of(table, output), self._advance_of(table)
        )

    def _advance_of(self, table: Table) -> Advance:
        def advance(share: float, count: int) -> None:
            if self.stop.is_set() or os.getppid() != self.parent:
                raise ForecasterError("another process was ended or failed")
            with self.size.get_lock():
                self.size.value += share * table.size
                self.series.value += count

        return advance


_process: list[_Process] = []  # one, in each of the processes


def _begin(work: Work, parent: int, size: Any, series: Any, stop: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which sets `stop`
    predictors = Predictors.load(work.bundle, work.provider)
    _process[:] = [_Process(work, predictors, parent, size, series, stop)]


def _score(table: Table) -> None:
    _process[0].score(table)
