"""Tasks for the tests of processes: functions of a module, as another process finds them."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from deploy.errors import ConfigError
from forecaster.jobs.worker import Call


def total(shared: np.ndarray, _call: Call, first: int, end: int) -> tuple[int, float]:
    return os.getpid(), float(shared[first:end].sum())


def threads(_shared: object, _call: Call) -> str | None:
    return os.environ.get("OMP_NUM_THREADS")


def overwrite(shared: np.ndarray, _call: Call) -> float:
    shared[:] = 7.0
    return float(shared[0])


def give_back(shared: object, _call: Call) -> object:
    return {"same": shared}


def ask(_shared: object, call: Call, name: str) -> Any:
    return call("question", name)


def fail(_shared: object, _call: Call) -> None:
    raise ConfigError("expected 1, found 2")


def fail_unexpectedly(_shared: object, _call: Call) -> None:
    raise TypeError("a defect")


class OddError(Exception):
    """An error that no pickle brings back."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def fail_oddly(_shared: object, _call: Call) -> None:
    raise OddError("a", "b")


def return_function(_shared: object, _call: Call) -> Any:
    return lambda: None


def die(_shared: object, _call: Call, number: int = signal.SIGKILL) -> None:
    os.kill(os.getpid(), number)


def leave(_shared: object, _call: Call) -> None:
    os._exit(3)


def warn(_shared: object, _call: Call) -> None:
    sys.stdout.write("printed, and no message")
    logging.getLogger("forecaster").warning("beware of %s", "dogs")


def wait(_shared: object, call: Call, folder: str) -> str:
    try:
        call("began")
        while True:
            time.sleep(0.01)
    except KeyboardInterrupt:
        Path(folder, str(os.getpid())).write_text("stopped in order")
        raise


def ask_for_ever(_shared: object, call: Call, file: str) -> None:
    Path(file).write_text(str(os.getpid()))
    while True:
        call("still here")
        time.sleep(0.01)
