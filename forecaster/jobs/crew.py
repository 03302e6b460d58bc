"""Processes that do tasks, several at a time. A signal reaches all; a lost one takes one task with it."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, TypeAlias

from deploy.errors import ForecasterError
from forecaster.jobs.messages import Channel, save_shared
from forecaster.jobs.worker import CALL, DONE, READY, SIGNALS

# A function of a module, and what it takes after the shared value and the call to whoever gave the task.
Task: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...]]
Answer: TypeAlias = Callable[..., Any]  # answer(number of the task, name, *arguments)

# sys.path is that of this process, so the same modules are found; -I keeps a folder's own torch.py out.
COMMAND = "import sys; sys.path[:] = {path!r}; from forecaster.jobs.worker import serve; serve()"
ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
END = 5.0  # seconds that a process has to end
PATIENCE = 3  # signals after which nothing is waited for


class WorkerLostError(ForecasterError):
    """A process of a task ended without a result, such as when it is killed for the memory that it takes."""


@dataclass(frozen=True)
class Outcome:
    """The end of a task: what it returned, or why it did not. number: of the task, from 0."""

    number: int
    result: Any = None
    error: BaseException | None = None


class Worker:
    """A process, and the task that it does."""

    def __init__(self, folder: Path | None, shared: Any, events: "SimpleQueue[tuple[Worker, Any]]") -> None:
        command = [sys.executable, "-I", "-c", COMMAND.format(path=sys.path)]
        self.process = subprocess.Popen(
            [*command, *([str(folder)] if folder else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **dict.fromkeys(ONE_THREAD, "1")},
            start_new_session=True,  # Ctrl-C reaches it through this process alone
        )
        if self.process.stdout is None or self.process.stdin is None:
            raise OSError("a process without pipes")
        self.channel = Channel(self.process.stdout, self.process.stdin, shared)
        self.is_ready, self.task = False, -1
        threading.Thread(target=self._listen, args=(events,), daemon=True).start()

    def _listen(self, events: "SimpleQueue[tuple[Worker, Any]]") -> None:
        for message in self.channel.messages():
            events.put((self, message))
        events.put((self, None))

    def signal(self, number: int) -> None:
        """Send a signal to a process that does a task."""
        if self.task >= 0 and self.process.poll() is None:
            self.process.send_signal(number)

    def lost(self) -> WorkerLostError:
        """Return the error of a process that ended by itself."""
        code = self.process.wait()
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        hint = "; too little memory is a usual reason, and fewer jobs need less" * (code == -signal.SIGKILL)
        return WorkerLostError(f"its process was ended {how}{hint}")

    def end(self) -> None:
        """End the process; one that trains leaves a checkpoint."""
        self.signal(signal.SIGTERM)
        self.channel.finish()
        try:
            self.process.wait(END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Crew:
    """Processes of one thread each. shared: a value that every task is given, large arrays and all.

    stopped: the signal that this process was sent, after which no further task begins; signals: their number.
    """

    def __init__(self, size: int, shared: Any = None) -> None:
        self.size, self._shared, self.stopped = size, shared, 0
        self._workers: list[Worker] = []
        self.signals = 0

    def run(self, tasks: Sequence[Task], answer: Answer) -> Iterator[Outcome]:
        """Do tasks, each by the next free process in their order; yield their outcomes as they end.

        answer: of calls that the tasks make, one at a time. What it raises ends all.
        """
        events: SimpleQueue[tuple[Worker, Any]] = SimpleQueue()
        waiting = deque(range(len(tasks)))
        with TemporaryDirectory(prefix="forecaster-") as name, self._forwarding_signals():
            folder = Path(name) if self._shared is not None else None
            if folder:
                save_shared(self._shared, folder)
            try:
                for _ in range(min(self.size, len(tasks))):
                    self._workers.append(Worker(folder, self._shared, events))
                while self._workers:
                    worker, message = events.get()
                    yield from self._take(worker, message, answer)
                    if message is None and waiting and not self.stopped:
                        self._workers.append(Worker(folder, self._shared, events))
                    elif message is not None and message[0] != CALL:
                        self._give(worker, tasks, waiting)
            finally:
                for worker in self._workers:
                    worker.end()
                self._workers = []

    def stop(self) -> None:
        """Let tasks that are being done end early, with checkpoints, and begin no other."""
        self._forward(signal.SIGTERM)

    def _take(self, worker: Worker, message: Any, answer: Answer) -> Iterator[Outcome]:
        """Take a message; yield the outcome of a task that it ends."""
        if message is None:
            self._workers.remove(worker)
            worker.channel.finish()
            error = worker.lost()
            if not worker.is_ready and not self.stopped:
                raise error  # the next would not start, either
            if worker.task >= 0:
                yield Outcome(worker.task, error=error)
            return
        worker.is_ready = True
        kind, *content = message
        if kind == CALL:
            name, arguments = content
            found = answer(worker.task, name, *arguments)
            with suppress(OSError):  # it is told by its end
                worker.channel.send(found)
        elif kind != READY:
            number, worker.task = worker.task, -1
            yield Outcome(number, *content) if kind == DONE else Outcome(number, error=content[0])

    def _give(self, worker: Worker, tasks: Sequence[Task], waiting: deque[int]) -> None:
        """Give the next task to a process that is free, or let it end."""
        if not waiting or self.stopped:
            worker.channel.finish()
            return
        worker.task = waiting.popleft()
        with suppress(OSError):
            worker.channel.send(*tasks[worker.task])

    def _forward(self, number: int) -> None:
        self.stopped = number
        for worker in self._workers:
            worker.signal(number)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self.signals += 1
        if self.signals > PATIENCE:
            raise KeyboardInterrupt("interrupted again and again")
        self._forward(number)

    @contextmanager
    def _forwarding_signals(self) -> Iterator[None]:
        """Pass on signals to all that work. Outside of the main thread they are not seen."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        # What is ignored, as in the background of a shell, stays so.
        heeded = [number for number in SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]
        before = {number: signal.signal(number, self._on_signal) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
