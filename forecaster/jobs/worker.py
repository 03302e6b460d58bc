"""The inside of a process: it does one task after the other, and asks its parent things on the way."""

import logging
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeAlias

from deploy.errors import ForecasterError
from forecaster.jobs.messages import Channel, load_shared

# Messages to the parent: READY; CALL, name, arguments; DONE, result; FAILED, error. From it: tasks, answers.
READY, CALL, DONE, FAILED = "ready", "call", "done", "failed"
LOG = "log"  # the call that passes on what is logged: level, text
SIGNALS = (signal.SIGINT, signal.SIGTERM)

Call: TypeAlias = Callable[..., Any]  # call(name, *arguments) -> what the parent answers


def serve() -> None:
    """Do tasks from standard input until it ends. The folder of the shared value is the first argument."""
    received, sent = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed is no message
    with _holding_signals() as held:
        folder = sys.argv[1] if len(sys.argv) > 1 else ""
        channel = Channel(received, sent, load_shared(Path(folder)) if folder else None)
        logging.getLogger("forecaster").addHandler(_Relay(channel))
        channel.send(READY)
        for function, arguments in channel.messages():
            outcome = _outcome(channel, function, arguments, held)
            try:
                channel.send(*outcome)
            except (TypeError, AttributeError, pickle.PicklingError) as error:
                channel.send(FAILED, RuntimeError(f"cannot send what {function.__name__} returned: {error}"))
        held.clear()


def _outcome(
    channel: Channel, function: Callable[..., Any], arguments: tuple[Any, ...], held: list[int]
) -> tuple[Any, ...]:
    """Do a task. A signal while it is done raises KeyboardInterrupt, if the task does not heed it."""

    def call(name: str, *args: Any) -> Any:
        with _holding_signals():
            return _ask(channel, name, args)

    try:
        with _heeding_signals(held):
            return DONE, function(channel.shared, call, *arguments)
    except BaseException as error:  # noqa: BLE001 - the parent decides what it means
        return FAILED, _portable(error)


def _portable(error: BaseException) -> BaseException:
    """Return an error that another process can read, with the place of one that nobody raised on purpose."""
    place = f"In another process:\n{''.join(traceback.format_exception(error))}"
    if isinstance(error, SystemExit):
        error = RuntimeError(f"a task left its process with exit code {error.code}")
    if not isinstance(error, ForecasterError | KeyboardInterrupt):
        error.add_note(place)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - of a library, whose errors take other arguments than they keep
        return RuntimeError(place)
    return error


def _ask(channel: Channel, name: str, arguments: tuple[Any, ...]) -> Any:
    try:
        channel.send(CALL, name, arguments)
        (answer,) = channel.receive()
    except (EOFError, OSError):
        os._exit(1)  # nobody waits for a result
    return answer


class _Relay(logging.Handler):
    """Passes on warnings, and tells of nothing less."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(logging.WARNING)
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on one record."""
        with _holding_signals():
            _ask(self._channel, LOG, (record.levelno, record.getMessage()))


def _stop(number: int, _: FrameType | None) -> None:
    raise KeyboardInterrupt(f"interrupted by signal {number}")


@contextmanager
def _heeding_signals(held: list[int]) -> Iterator[None]:
    """Let signals end a task; so does one that was held back before."""
    before = {number: signal.signal(number, _stop) for number in SIGNALS}
    try:
        if held:
            _stop(held.pop(), None)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _holding_signals() -> Iterator[list[int]]:
    """Hold signals back, such as until a message is whole, since their handlers may raise; yields them."""
    held: list[int] = []
    before = {number: signal.signal(number, lambda number, _: held.append(number)) for number in SIGNALS}
    try:
        yield held
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for signalled in held:
        if callable(heeding := before[signal.Signals(signalled)]):
            heeding(signalled, None)
