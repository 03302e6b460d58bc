"""A worker behind a queue: histories as JSON lines in, forecasts as JSON lines out.

    read-somewhere | python examples/consumer.py run/bundle dead-letters.jsonl | write-somewhere

In: {"id": 7, "values": [1, null, 3], "horizon": 6, "last_timestamp": "2024-06-01", "deadline": 1718000000};
all but values may be left out, deadline is in seconds since 1970. What no forecast comes of goes to the dead
letters, with the reason. After SIGTERM all that was read is answered. Lines that come during a run go into
the next one together. With a broker, replace read_batches, and acknowledge what `work` has flushed.
"""

import json
import os
import select
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from deploy import DeadlineError, ForecasterError, InputError, Predictor

TIMEOUT = 10.0  # seconds that a run may take
LONGEST_LINE = 8 << 20  # bytes; what is longer is no message

Message = dict[str, Any]


def read_batches(descriptor: int, stopping: threading.Event) -> Iterator[list[bytes]]:
    """The lines that are there, until the end or until it has to stop. The pipe is the queue, and bounded."""
    rest, data = b"", b"\n"
    while data and not stopping.is_set():
        if select.select([descriptor], [], [], 0.1)[0]:  # so often it looks whether to stop
            data = os.read(descriptor, 1 << 20)
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            yield lines
    yield [rest]


class Worker:
    """Every line ends in an answer or in a dead letter."""

    def __init__(self, predictor: Predictor, answers: IO[str], dead: IO[str]) -> None:
        self.predictor, self.answers, self.dead = predictor, answers, dead

    def work(self, lines: list[bytes]) -> None:
        """As many runs as there are horizons, with and without times, of which a run has one."""
        groups = defaultdict(list)
        for line in filter(None, map(bytes.strip, lines)):
            try:
                message = read_message(line)
                groups[message.get("horizon"), "last_timestamp" in message].append((line, message))
            except (ValueError, TypeError, RecursionError) as error:
                self.bury(line, error)
        for group in groups.values():
            self.forecast(group)
        self.answers.flush()
        self.dead.flush()

    def forecast(self, group: list[tuple[bytes, Message]]) -> None:
        """One run; each message by itself where one of them spoils it."""
        messages = [message for _, message in group]
        times = [message["last_timestamp"] for message in messages if "last_timestamp" in message]
        histories, horizon = [message["values"] for message in messages], messages[0].get("horizon")
        try:
            found = self.predictor.forecast(histories, horizon, last_timestamp=times or None, timeout=TIMEOUT)
        except (InputError, DeadlineError) as error:
            if len(group) == 1:
                self.bury(group[0][0], error)
            else:
                for one in group:
                    self.forecast([one])
            return
        levels = [f"{level:g}" for level in found.quantile_levels]
        for message, quantiles in zip(messages, found.quantiles, strict=True):
            rows = dict(zip(levels, np.moveaxis(quantiles, -1, 0).tolist(), strict=True))
            self.answers.write(json.dumps({"id": message.get("id"), "quantiles": rows}) + "\n")

    def bury(self, line: bytes, reason: Exception) -> None:
        """The line as it came, for whoever looks into it."""
        letter = {"error": str(reason), "line": line.decode("utf-8", "backslashreplace")}
        self.dead.write(json.dumps(letter) + "\n")


def read_message(line: bytes) -> Message:
    """A message in time; the Predictor checks the rest. Raises ValueError, TypeError, RecursionError."""
    message = json.loads(line)
    if not isinstance(message, dict) or not isinstance(message.get("values"), list):
        raise ValueError("expected an object with a list called values")
    if time.time() > message.get("deadline", np.inf):
        raise ValueError(f"its deadline {message['deadline']} is over")
    message["values"] = [np.nan if value is None else value for value in message["values"]]
    return message


def main(bundle: str, dead_letters: str) -> int:
    """Until the input ends, or SIGTERM; the exit code."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    try:
        predictor = Predictor.load(bundle, verify=True)
    except ForecasterError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    with Path(dead_letters).open("a", encoding="utf-8") as dead:
        worker = Worker(predictor, sys.stdout, dead)
        for lines in read_batches(sys.stdin.fileno(), stopping):
            worker.work(lines)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
