"""Logs: a line of JSON for each event, on standard error, written by a thread that nobody waits for."""

import logging
import os
import sys
import threading
import time
from queue import Empty, SimpleQueue
from typing import IO, Any

import orjson

# Lines that may wait for whoever reads them; what is beyond is counted and lost, and no request waits.
MOST_LINES = 10_000
PATIENCE = 2.0  # seconds that the end of the service waits for its last lines


class Log:
    """A log of whole lines. Nothing of a request's body is ever written."""

    def __init__(self, stream: IO[bytes] | None = None, *, quiet: bool = False) -> None:
        """Start the thread. quiet: leave out requests that were answered well."""
        self._stream = stream if stream is not None else sys.stderr.buffer
        self._quiet = quiet
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._lost = 0
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def write(self, event: str, level: str = "info", **fields: Any) -> None:
        """Write one event."""
        if self._quiet and level == "info" and event == "request":
            return
        if self._lines.qsize() >= MOST_LINES:
            self._lost += 1
            return
        if self._lost:
            fields["lost_lines"], self._lost = self._lost, 0
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        line = {"time": f"{stamp}.{int(now % 1 * 1000):03d}Z", "level": level, "event": event, **fields}
        self._lines.put(orjson.dumps(line, default=str) + b"\n")

    def close(self) -> None:
        """Write what waits, if somebody reads it, and end."""
        self._lines.put(None)
        self._thread.join(PATIENCE)

    def _work(self) -> None:
        """Write all lines that wait, at once; on the thread."""
        last = False
        while not last:
            lines = [self._lines.get()]
            try:
                while len(lines) < MOST_LINES:
                    lines.append(self._lines.get_nowait())
            except Empty:
                pass
            last = lines[-1] is None
            self._write_out(memoryview(b"".join(line for line in lines if line is not None)))

    def _write_out(self, data: memoryview) -> None:
        """Write past Python's buffer: its lock, held for a reader that stands still, would break the exit."""
        while data:
            try:
                data = data[os.write(self._stream.fileno(), data) :]
            except (OSError, ValueError):  # nobody reads the log any more; the service runs without
                return


class UvicornHandler(logging.Handler):
    """A handler that writes the warnings of uvicorn in the same form."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        details = {}
        if record.exc_info and record.exc_info[1] is not None:
            details["error"] = repr(record.exc_info[1])
        self._log.write("server", record.levelname.lower(), message=record.getMessage(), **details)


def capture_uvicorn(log: Log) -> None:
    """Let uvicorn's own loggers write there, and nowhere else."""
    logger = logging.getLogger("uvicorn")
    logger.handlers = [UvicornHandler(log)]
    logger.propagate = False
    logger.setLevel(logging.WARNING)
