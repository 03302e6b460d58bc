"""Logs: a line of JSON for each event, on standard error, written by a thread that nobody waits for."""

import logging
import os
import sys
import threading
import time
from typing import IO, Any

import orjson

# Bytes of lines that may wait for whoever reads them; what is beyond is counted and lost.
MOST_BYTES = 4 << 20
LONGEST_TEXT = 2000  # characters of a field; of a longer one the middle is left out
PATIENCE = 2.0  # seconds that the end of the service waits for its last lines
# Lines about requests that were refused or failed: so many at once, and so many a second.
TROUBLES_AT_ONCE, TROUBLES = 100, 20.0
MOST_MESSAGES = 100  # of libraries that are told apart


class Flow:
    """A flow of lines of one kind: so many at once, and so many a second; it counts what is left out."""

    def __init__(self, at_once: int, rate: float) -> None:
        self._most, self._rate = at_once, rate
        self._left, self._then = float(at_once), time.monotonic()
        self._left_out = 0

    def passes(self, fields: dict[str, Any]) -> bool:
        """Tell whether one more may be written; say in it how many were left out before."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._then) * self._rate)
        self._then = now
        if self._left < 1:
            self._left_out += 1
            return False
        self._left -= 1
        if self._left_out:
            fields["left_out"], self._left_out = self._left_out, 0
        return True


class Log:
    """A log of whole lines. Nothing of a request's body is ever written."""

    def __init__(self, stream: IO[bytes] | None = None, *, quiet: bool = False) -> None:
        """Start the thread. quiet: leave out requests that were answered well."""
        self._stream = stream if stream is not None else sys.stderr.buffer
        self._quiet = quiet
        self._troubles = {level: Flow(TROUBLES_AT_ONCE, TROUBLES) for level in ("warning", "error")}
        self._messages: dict[str, Flow] = {}
        self._change = threading.Condition()
        self._lines: list[bytes] = []
        self._size = 0  # bytes of lines that are not written yet
        self._lost = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def write(self, event: str, level: str = "info", **fields: Any) -> None:
        """Write one event; of many requests that went wrong at a time only some."""
        if event == "request":
            if level in self._troubles:
                if not self._troubles[level].passes(fields):
                    return
            elif self._quiet:
                return
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        line = {"time": f"{stamp}.{int(now % 1 * 1000):03d}Z", "level": level, "event": event}
        line |= {name: _cut(value) for name, value in fields.items()}
        with self._change:
            self._append(line)

    def seldom(self, level: str, message: str, kind: str | None = None, **fields: Any) -> None:
        """Write a message of the server, once a second at most. kind: what it has in common with others."""
        kind = message if kind is None else kind
        if kind not in self._messages:
            if len(self._messages) >= MOST_MESSAGES:
                self._messages.clear()
            self._messages[kind] = Flow(1, 1.0)
        if self._messages[kind].passes(fields):
            self.write("server", level, message=message, **fields)

    def close(self) -> None:
        """Write what waits, if somebody reads it, and end."""
        with self._change:
            self._is_closed = True
            self._change.notify()
        self._thread.join(PATIENCE)

    def _append(self, line: dict[str, Any]) -> None:
        if self._lost:
            line["lost_lines"] = self._lost
        data = orjson.dumps(line, default=str) + b"\n"
        if self._size + len(data) > MOST_BYTES:
            self._lost += 1
            return
        self._lost = 0
        self._lines.append(data)
        self._size += len(data)
        self._change.notify()

    def _work(self) -> None:
        """Write all lines that wait, at once; on the thread."""
        while True:
            with self._change:
                self._change.wait_for(lambda: self._lines or self._is_closed)
                if not self._lines:
                    return
                data = b"".join(self._lines)
                self._lines.clear()
            self._write_out(memoryview(data))
            with self._change:
                self._size -= len(data)

    def _write_out(self, data: memoryview) -> None:
        """Write past Python's buffer: its lock, held for a reader that stands still, would break the exit."""
        while data:
            try:
                data = data[os.write(self._stream.fileno(), data) :]
            except (OSError, ValueError):  # nobody reads the log any more; the service runs without
                return


def _cut(value: Any) -> Any:
    """Return a value; of a text that is too long its beginning and its end."""
    if not isinstance(value, str) or len(value) <= LONGEST_TEXT:
        return value
    return f"{value[: LONGEST_TEXT // 2]}…{value[-LONGEST_TEXT // 2 :]}"


class LibraryHandler(logging.Handler):
    """A handler that writes the warnings of libraries in the same form, each once a second at most."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        details = {}
        if record.exc_info and record.exc_info[1] is not None:
            details["error"] = repr(record.exc_info[1])
        self._log.seldom(record.levelname.lower(), record.getMessage(), str(record.msg), **details)


def capture_loggers(log: Log) -> None:
    """Let the loggers of uvicorn and asyncio write there, and nowhere else."""
    for name in ("uvicorn", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [LibraryHandler(log)]
        logger.propagate = False
        logger.setLevel(logging.WARNING)
