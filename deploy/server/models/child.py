"""The process of one model: `python -m deploy.server.models.child DESCRIPTOR`, started by isolation.py.

It computes what its service asks for over a socket, and ends as soon as the service closes it or is gone, in
the middle of a run, too.
"""

import os
import signal
import socket
import sys
import threading
import warnings
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ...bundle.bundle import Bundle, parse_manifest
from ...engine.deadline import Steps
from ...errors import ForecasterError
from ...predictor import Predictor
from .frames import FIXED, Arrays, Frame, receive, request_of, send, write_error
from .joining import LocalRunner, Outcome, Task

MANIFEST = "manifest"  # its bytes; all other arrays of the first frame are files of the bundle


class Worker:
    """The computations of one model, asked for by frames."""

    def __init__(self, runner: LocalRunner) -> None:
        self._runner = runner
        self._slices: dict[int, Steps[Outcome]] = {}  # of the tasks under way

    def answer(self, content: dict[str, Any], arrays: Arrays) -> Frame:
        """Return the answer to a frame: an outcome for each request of a run, or what a slice came to."""
        for number in content["ended"]:
            self._slices.pop(number, None)
        if content["do"] == "together":
            horizon, count = content["horizon"], content["requests"]
            requests = [request_of(horizon, arrays, f"{place}/") for place in range(count)]
            return write_outcomes(self._runner.together(requests))
        number = content["number"]
        if content["do"] == "begin":
            tensors = {name: array for name, array in arrays.items() if name != FIXED}
            task = Task(
                request_of(content["horizon"], tensors),
                content["paths"],
                content["seed"],
                arrays.get(FIXED),
                content["explains"],
            )
            self._slices[number] = self._runner.slices(task)
        return self._advance(number)

    def _advance(self, number: int) -> Frame:
        try:
            next(self._slices[number])
        except StopIteration as end:
            outcome = end.value
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            outcome = error
        else:
            return {"is_done": False}, {}
        del self._slices[number]
        content, arrays = write_outcomes([outcome])
        return {"is_done": True, **content}, arrays


def write_outcomes(outcomes: Any) -> Frame:
    """Return outcomes as a frame: an error, or the names of the arrays that a result is made of."""
    content: list[Any] = []
    arrays: dict[str, Any] = {}
    for place, outcome in enumerate(outcomes):
        if isinstance(outcome, Exception):
            content.append({"error": write_error(outcome)})
            continue
        parts = outcome if isinstance(outcome, tuple) else (outcome,)
        names = [f"{place}/{part}" for part in range(len(parts))]
        arrays.update(zip(names, parts, strict=True))
        content.append({"arrays": names})
    return {"outcomes": content}, arrays


def load(content: dict[str, Any], arrays: Arrays) -> tuple[Predictor, dict[str, Any]]:
    """Return the model of the first frame, with its golden cases replayed, and what its service is told."""
    files = {name: array.tobytes() for name, array in arrays.items()}
    path = Path(content["path"])
    manifest = parse_manifest(files.pop(MANIFEST), path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        predictor = Predictor(Bundle(path, manifest, files), content["provider"])
        predictor.verify()
        info = asdict(predictor.info())
    return predictor, {"info": info, "warnings": [str(warning.message) for warning in caught]}


def read_frames(connection: socket.socket, frames: "SimpleQueue[Frame]") -> None:
    """Hand on all frames; end the process with their end, whatever it does."""
    try:
        while True:
            frames.put(receive(connection))
    except OSError:
        os._exit(0)


def main(descriptor: int) -> None:
    """Load a model, and compute until the service has no further use for it."""
    hangup = [signal.SIGHUP] if hasattr(signal, "SIGHUP") else []  # Windows has none
    for number in (signal.SIGINT, signal.SIGTERM, *hangup):  # sent to all of a group; the service ends it
        signal.signal(number, signal.SIG_IGN)
    connection = socket.socket(fileno=descriptor)
    frames: SimpleQueue[Frame] = SimpleQueue()
    threading.Thread(target=read_frames, args=(connection, frames), daemon=True).start()
    try:
        predictor, told = load(*frames.get())
    except ForecasterError as error:
        send(connection, {"error": write_error(error)}, {})
        return
    send(connection, told, {})
    worker = Worker(LocalRunner(predictor.engine))
    while True:
        send(connection, *worker.answer(*frames.get()))


if __name__ == "__main__":
    main(int(sys.argv[1]))
