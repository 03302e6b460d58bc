"""A model in a process of its own, which is started again whenever it ends; `serve --isolate`.

What crashes a process, in onnxruntime or below, takes one model with it for a moment, and not the service.
The service itself holds no session of onnxruntime.
"""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ...bundle.bundle import MANIFEST, MAX_MANIFEST_BYTES, Manifest, read_bundle
from ...bundle.folder import read_inside
from ...engine.deadline import Steps
from ...engine.info import RuntimeInfo
from ...errors import BundleError
from ...request.inputs import Request
from ..about.logs import Log
from ..overload import restarting
from ..settings import Settings
from .frames import FIXED, Arrays, Frame, read_error, request_arrays
from .joining import Outcome, Task
from .processes import Channel, cause_of, spawn

START = 300.0  # seconds that a start may take
HUNG = 30.0  # seconds of one run, or as many as requests may wait, after which the process is ended
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds until it is started again; twice as long each time
STEADY = 60.0  # seconds after which a process counts as one that works, and pauses are short again


class Watch(Protocol):
    """A listener that is told of restarts."""

    def saw_restart(self) -> None:
        """Take note that the process was started again."""


class IsolatedRunner:
    """A Runner of another process."""

    def __init__(self, name: str, path: Path, settings: Settings, log: Log, watch: Watch) -> None:
        """Read the bundle, and start the process; it replays the golden cases.

        Every start has the bytes that are read now. Raises BundleError, ProviderError, ExtraMissingError.
        """
        bundle = read_bundle(path)
        self.manifest: Manifest = bundle.manifest
        files = {**bundle.files, "manifest": read_inside(path, MANIFEST, MAX_MANIFEST_BYTES)}
        self._arrays = {file: np.frombuffer(data, np.uint8) for file, data in files.items()}
        self._loading = {"path": str(path), "provider": settings.provider}
        self._longest = max(HUNG, settings.limits.timeout)
        self._name, self._log, self._watch = name, log, watch
        self._ended: deque[int] = deque()  # tasks that nobody waits for any more
        self._numbers = count()
        self._ending = threading.Event()
        self._back = 0.0  # when the process is started again
        self._channel: Channel | None = None
        self.info = self._start()
        threading.Thread(target=self._keep, name="restarts", daemon=True).start()

    @property
    def is_up(self) -> bool:
        """Tell whether its process runs."""
        return self._channel is not None

    def check(self) -> None:
        """Raise Refusal: 503 while the process is started again."""
        self._running()

    def together(self, requests: Sequence[Request]) -> Sequence[Outcome]:
        """Return the outcome of each of some requests of the same horizon: its quantiles."""
        arrays: dict[str, Any] = {}
        for place, request in enumerate(requests):
            arrays |= request_arrays(request, f"{place}/")
        asked = {"do": "together", "horizon": requests[0].horizon, "requests": len(requests)}
        return read_outcomes(*self._ask(self._running(), asked, arrays))

    def slices(self, task: Task) -> Steps[Outcome]:
        """Compute in slices, as Runner says."""
        channel, number = self._running(), next(self._numbers)
        begin = {"do": "begin", "horizon": task.request.horizon, "paths": task.paths, "seed": task.seed}
        begin["explains"] = task.explains
        arrays = {**request_arrays(task.request), **({} if task.fixed is None else {FIXED: task.fixed})}
        try:
            found = self._ask(channel, {**begin, "number": number}, arrays)
            while not found[0]["is_done"]:
                yield
                found = self._ask(channel, {"do": "advance", "number": number}, {})
        finally:
            self._ended.append(number)
        (outcome,) = read_outcomes(*found)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        """End the process."""
        self._ending.set()
        if self._channel is not None:
            self._channel.end()

    def _running(self) -> Channel:
        """Return the channel. Raises Refusal: 503."""
        if self._channel is None:
            raise restarting(self._name, self._back - time.monotonic())
        return self._channel

    def _ask(self, channel: Channel, content: Mapping[str, Any], arrays: Arrays) -> Frame:
        """Return an answer. Raises Refusal: 503 for a process that ends before it, or has ended since."""
        ended = [self._ended.popleft() for _ in range(len(self._ended))]
        try:
            return channel.ask({**content, "ended": ended}, arrays, self._longest)
        except TimeoutError:
            self._log.write("hung", "error", model=self._name, seconds=self._longest)
            raise restarting(self._name, SHORTEST_PAUSE) from None
        except OSError:
            raise restarting(self._name, SHORTEST_PAUSE) from None

    def _start(self) -> RuntimeInfo:
        channel, told = start(self._loading, self._arrays)
        for message in told["warnings"]:
            self._log.write("warning", level="warning", model=self._name, message=message)
        info = RuntimeInfo(**told["info"])
        if info.bundle_digest != self.manifest.digest:
            channel.end()
            raise BundleError(f"{self._loading['path']} changed while it was read; start again")
        self._channel = channel
        return info

    def _keep(self) -> None:
        """Start the process again whenever it ends; on a thread."""
        pause = SHORTEST_PAUSE
        while self._channel is not None:
            began = time.monotonic()
            code = self._channel.wait()
            pause = SHORTEST_PAUSE if time.monotonic() - began > STEADY else pause
            self._back, self._channel = time.monotonic() + pause, None
            if self._ending.is_set():
                return
            self._log.write("crashed", "error", model=self._name, cause=cause_of(code), pause=pause)
            while self._channel is None and not self._ending.wait(pause):
                pause = min(2 * pause, LONGEST_PAUSE)
                self._restart(pause)

    def _restart(self, pause: float) -> None:
        """Try to start it. pause: seconds until it is tried again, if need be."""
        try:
            self._start()
        except Exception as error:  # noqa: BLE001 - a thread that ends would leave the model down
            self._back = time.monotonic() + pause
            self._log.write("crashed", "error", model=self._name, cause=str(error), pause=pause)
            return
        self._watch.saw_restart()
        self._log.write("restarted", "warning", model=self._name)
        if self._ending.is_set():  # while it was started
            self.close()


def start(loading: Mapping[str, Any], files: Arrays) -> tuple[Channel, dict[str, Any]]:
    """Return a process that has loaded a model, and what it tells of it.

    Raises BundleError if it ends or does not answer, and whatever loading raises there.
    """
    channel = spawn(f"{__package__}.child")
    try:
        told, _ = channel.ask(loading, files, START)
    except OSError:
        cause = cause_of(channel.wait())
        raise BundleError(
            f"{loading['path']}: the process of its model ended with {cause} before it was ready"
        ) from None
    if "error" in told:
        channel.end()
        raise read_error(told["error"])
    return channel, told


def read_outcomes(content: dict[str, Any], arrays: Arrays) -> list[Outcome]:
    """Return outcomes as a Runner does, of the answer of a process."""
    found: list[Outcome] = []
    for outcome in content["outcomes"]:
        if "error" in outcome:
            found.append(read_error(outcome["error"]))
            continue
        parts = tuple(arrays[name] for name in outcome["arrays"])
        found.append(parts[0] if len(parts) == 1 else parts)
    return found
