"""The time that a call may take."""

import math
import time
from collections.abc import Generator
from numbers import Real
from typing import TypeVar

from ..errors import DeadlineError, InputError

TOO_LATE = "the forecast took longer than its timeout of"
Found = TypeVar("Found")
# A computation that pauses after each of its steps, so that others may run or a clock be looked at.
Steps = Generator[None, None, Found]


class Deadline:
    """A moment so many seconds from now, or never."""

    def __init__(self, seconds: float | None) -> None:
        """Begin now. Raises InputError for what is not a positive number of seconds."""
        is_number = isinstance(seconds, Real) and not isinstance(seconds, bool)
        if seconds is not None and not (is_number and seconds > 0):
            raise InputError(f"timeout must be a number of seconds above 0, found {seconds!r}")
        self._seconds = math.inf if seconds is None else float(seconds)
        self._end = time.monotonic() + self._seconds

    def check(self) -> None:
        """Raise DeadlineError once it is over."""
        if time.monotonic() > self._end:
            raise DeadlineError(f"{TOO_LATE} {self._seconds:g} s")

    @property
    def left(self) -> float:
        """Return the seconds until it is over; below 0 afterwards."""
        return self._end - time.monotonic()

    def finish(self, steps: Steps[Found]) -> Found:
        """Return the result of a computation. Raises DeadlineError between its steps."""
        while True:
            self.check()
            try:
                next(steps)
            except StopIteration as end:
                found: Found = end.value
                return found
