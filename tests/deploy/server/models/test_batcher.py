"""What waits together, what takes turns, what is refused, and what a deadline frees."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from deploy.engine.deadline import Steps
from deploy.errors import DeadlineError, InputError
from deploy.request.inputs import Request
from deploy.server.answers import Refusal
from deploy.server.models.batcher import Batcher
from deploy.server.models.joining import JOINED, Task

LONG = 30.0  # seconds
SLICES = 3  # of a long task


def request(series: int, horizon: int = 3, paths: int = 0) -> Task:
    lengths = np.ones(series, dtype=np.int64)
    return Task(Request(horizon, {"lengths": lengths}, {}, None, np.zeros(series)), paths)


class Held:
    """A runner: the outcome of a request is its number of series. It waits until it is let go.

    It remembers its batches; a slice of a task is a batch of minus its paths, and there are SLICES of them.
    """

    def __init__(self, *, open: bool = False) -> None:
        self.batches: list[list[int]] = []
        self.ended: list[int] = []  # paths of the tasks whose slices were ended early
        self.is_closed = threading.Event()
        self.entered, self.gate = threading.Semaphore(0), threading.Event()
        if open:
            self.gate.set()

    def _hold(self, batch: list[int]) -> None:
        self.batches.append(batch)
        self.entered.release()
        self.gate.wait(LONG)

    def together(self, requests: Sequence[Request]) -> Sequence[Any]:
        self._hold([len(request) for request in requests])
        return [len(request) for request in requests]

    def close(self) -> None:
        self.is_closed.set()

    def slices(self, task: Task) -> Steps[Any]:
        try:
            for number in range(SLICES):
                self._hold([-task.paths or len(task.request)])
                if number < SLICES - 1:
                    yield
        except GeneratorExit:
            self.ended.append(task.paths)
            raise
        return task.paths or len(task.request)

    async def until_running(self) -> None:
        assert await asyncio.to_thread(self.entered.acquire, timeout=LONG)


class Seen:
    """All runs that were observed."""

    def __init__(self) -> None:
        self.runs: list[tuple[int, int]] = []

    def saw_run(self, series: int, jobs: int, seconds: float) -> None:
        assert seconds >= 0
        self.runs.append((series, jobs))


async def ask(batcher: Batcher, *asked: Task, seconds: float = LONG) -> list[asyncio.Task[Any]]:
    """Tasks that have begun to wait."""
    tasks = [asyncio.create_task(batcher.compute(one, seconds)) for one in asked]
    await asyncio.sleep(0)
    return tasks


def test_requests_that_come_during_a_run_go_into_the_next_together() -> None:
    held, seen = Held(), Seen()

    async def play() -> list[int]:
        batcher = Batcher(held, 64, seen)
        first = await ask(batcher, request(1))
        await held.until_running()
        others = await ask(batcher, request(2), request(3), request(4))
        assert batcher.waiting == 9
        held.gate.set()
        return list(await asyncio.gather(*first, *others))

    assert asyncio.run(play()) == [1, 2, 3, 4]
    assert held.batches == [[1], [2, 3, 4]]
    assert seen.runs == [(1, 1), (9, 3)]


def test_an_idle_service_starts_at_once() -> None:
    held = Held(open=True)

    async def play() -> None:
        batcher = Batcher(held, 64, Seen())
        for _ in range(3):
            assert await batcher.compute(request(1), LONG) == 1

    asyncio.run(play())
    assert held.batches == [[1], [1], [1]]


def waiting_batches(*asked: Task, batching: bool = True) -> list[list[int]]:
    """The batches that requests come to which wait for the same run."""
    held = Held()

    async def play() -> None:
        batcher = Batcher(held, 1000, Seen(), batching=batching)
        tasks = await ask(batcher, request(1))
        await held.until_running()
        tasks += await ask(batcher, *asked)
        held.gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(play())
    return held.batches[1:]


def test_a_run_has_one_horizon_and_the_one_that_waits_longest_has_it() -> None:
    assert waiting_batches(request(1, 3), request(2, 5), request(3, 3), request(4, 5)) == [[1, 3], [2, 4]]


def test_a_run_joins_so_many_series_at_most() -> None:
    assert waiting_batches(request(JOINED - 1), request(2), request(1)) == [[JOINED - 1, 1], [2]]


def test_a_request_of_many_series_takes_turns_with_the_others() -> None:
    many = 3 * JOINED
    assert waiting_batches(request(many), request(1), request(2)) == [[many], [1, 2], [many], [many]]


def test_paths_take_turns_with_requests_that_come_during_a_slice() -> None:
    held = Held()

    async def play() -> list[int]:
        batcher = Batcher(held, 64, Seen())
        tasks = await ask(batcher, request(1, paths=100))
        await held.until_running()
        tasks += await ask(batcher, request(2), request(3, 5))
        held.gate.set()
        return list(await asyncio.gather(*tasks))

    assert asyncio.run(play()) == [100, 2, 3]
    assert held.batches == [[-100], [2], [-100], [3], [-100]]


def test_a_run_in_slices_is_seen_once() -> None:
    held, seen = Held(open=True), Seen()

    async def play() -> None:
        assert await Batcher(held, 64, seen).compute(request(2, paths=9), LONG) == 9

    asyncio.run(play())
    assert len(held.batches) == SLICES
    assert seen.runs == [(2, 1)]


def test_much_fewer_paths_overtake_and_others_wait_their_turn() -> None:
    found = waiting_batches(request(1, paths=100), request(1, paths=90), request(1, paths=10))
    assert found == [[-10]] * SLICES + [[-90]] * SLICES + [[-100]] * SLICES
    held = Held()

    async def play() -> None:
        batcher = Batcher(held, 64, Seen())
        tasks = await ask(batcher, request(1, paths=100))
        await held.until_running()
        tasks += await ask(batcher, request(1, paths=90), request(1, paths=10))
        held.gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(play())
    assert held.batches == [[-100], *[[-10]] * SLICES, [-100], [-100], *[[-90]] * SLICES]


def test_paths_that_wait_take_no_place_of_requests_without() -> None:
    held = Held()

    async def play() -> None:
        batcher = Batcher(held, 5, Seen())
        tasks = await ask(batcher, request(1, paths=10_000))
        await held.until_running()
        tasks += await ask(batcher, request(1, paths=10_000))
        with pytest.raises(Refusal) as caught:
            await batcher.compute(request(1, paths=1), LONG)
        assert (caught.value.status, caught.value.headers) == (503, {"retry-after": "1"})
        assert not batcher.is_full
        tasks += await ask(batcher, request(5))
        assert batcher.is_full
        held.gate.set()
        assert await asyncio.gather(*tasks) == [10_000, 10_000, 5]

    asyncio.run(play())


@pytest.mark.parametrize("is_gone", [True, False])
def test_paths_that_nobody_waits_for_any_more_have_no_further_slice(is_gone: bool) -> None:
    held = Held()

    async def play() -> None:
        batcher = Batcher(held, 64, Seen())
        (late,) = await ask(batcher, request(1, paths=7), seconds=LONG if is_gone else 0.01)
        await held.until_running()
        if is_gone:
            late.cancel()
        await asyncio.gather(late, return_exceptions=True)
        held.gate.set()
        assert await batcher.compute(request(1), LONG) == 1

    asyncio.run(play())
    assert (held.batches, held.ended) == ([[-7], [1]], [7])


def test_without_batching_every_request_has_a_run_of_its_own() -> None:
    assert waiting_batches(request(1), request(2), request(3), batching=False) == [[1], [2], [3]]


def test_what_does_not_fit_into_the_queue_is_refused_with_a_time_to_come_back() -> None:
    held = Held()

    async def play() -> None:
        batcher = Batcher(held, 5, Seen())
        tasks = await ask(batcher, request(9))
        await held.until_running()
        tasks += await ask(batcher, request(3))
        assert not batcher.is_full
        with pytest.raises(Refusal) as caught:
            await batcher.compute(request(3), LONG)
        assert (caught.value.status, caught.value.headers) == (503, {"retry-after": "1"})
        tasks += await ask(batcher, request(2))
        assert batcher.is_full
        held.gate.set()
        assert await asyncio.gather(*tasks) == [9, 3, 2]
        assert not batcher.is_full

    asyncio.run(play())


def test_a_request_larger_than_the_queue_is_served_when_nothing_else_waits() -> None:
    assert waiting_batches(request(900)) == [[900]] * SLICES
    held = Held(open=True)
    assert asyncio.run(Batcher(held, 5, Seen()).compute(request(900), LONG)) == 900


def test_a_deadline_frees_the_queue() -> None:
    held = Held()

    async def play() -> None:
        batcher = Batcher(held, 5, Seen())
        first = await ask(batcher, request(1))
        await held.until_running()
        late = await ask(batcher, request(5), seconds=0.01)
        with pytest.raises(DeadlineError, match=r"longer than its timeout of 0.01 s"):
            await late[0]
        assert batcher.waiting == 0
        again = await ask(batcher, request(5))
        held.gate.set()
        assert await asyncio.gather(*first, *again) == [1, 5]

    asyncio.run(play())
    assert held.batches == [[1], [5]]


def test_a_deadline_ends_the_wait_for_a_run_under_way() -> None:
    held = Held()

    async def play() -> None:
        batcher = Batcher(held, 5, Seen())
        with pytest.raises(DeadlineError):
            await batcher.compute(request(1), 0.01)
        held.gate.set()
        assert await batcher.compute(request(2), LONG) == 2

    asyncio.run(play())


def test_whoever_goes_away_frees_the_queue() -> None:
    held = Held()

    async def play() -> None:
        batcher = Batcher(held, 5, Seen())
        first = await ask(batcher, request(1))
        await held.until_running()
        gone = await ask(batcher, request(5))
        gone[0].cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        assert batcher.waiting == 0
        held.gate.set()
        assert await first[0] == 1

    asyncio.run(play())
    assert held.batches == [[1]]


def test_an_error_reaches_everyone_of_the_batch_and_the_next_goes_on() -> None:
    class Failing(Held):
        def together(self, requests: Sequence[Request]) -> Sequence[Any]:
            found = super().together(requests)
            if len(requests) > 1:
                raise ValueError("broken")
            return found

    held = Failing()

    async def play() -> None:
        batcher = Batcher(held, 64, Seen())
        first = await ask(batcher, request(1))
        await held.until_running()
        both = await ask(batcher, request(2), request(3))
        held.gate.set()
        assert await first[0] == 1
        outcomes = await asyncio.gather(*both, return_exceptions=True)
        assert [str(outcome) for outcome in outcomes] == ["broken", "broken"]
        assert await batcher.compute(request(4), LONG) == 4

    asyncio.run(play())


def test_an_outcome_that_is_an_error_is_raised_for_its_request_alone() -> None:
    class Mixed(Held):
        def together(self, requests: Sequence[Request]) -> Sequence[Any]:
            found = super().together(requests)
            return [InputError("infinite") if size == 2 else size for size in found]

    held = Mixed()

    async def play() -> list[Any]:
        batcher = Batcher(held, 64, Seen())
        first = await ask(batcher, request(1))
        await held.until_running()
        others = await ask(batcher, request(2), request(3))
        held.gate.set()
        return list(await asyncio.gather(*first, *others, return_exceptions=True))

    one, infinite, three = asyncio.run(play())
    assert (one, str(infinite), three) == (1, "infinite", 3)


def test_the_thread_ends_and_gives_back_what_computes_when_nobody_can_ask_any_more() -> None:
    held, seen = Held(), Seen()

    async def play() -> int:
        batcher = Batcher(held, 64, seen)
        (task,) = await ask(batcher, request(1))
        await held.until_running()
        del batcher  # the request that is under way still has it
        gc.collect()
        assert not await asyncio.to_thread(held.is_closed.wait, 0.1)
        held.gate.set()
        found: int = await task
        del task
        gc.collect()
        assert await asyncio.to_thread(held.is_closed.wait, LONG)
        return found

    assert asyncio.run(play()) == 1
    assert seen.runs == [(1, 1)]
