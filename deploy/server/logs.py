"""Logs: a line of JSON for each event, on standard error."""

from __future__ import annotations

import logging
import sys
import time
from typing import IO, Any

import orjson


class Log:
    """Writes whole lines. Nothing of a request's body is ever written."""

    def __init__(self, stream: IO[bytes] | None = None, *, quiet: bool = False) -> None:
        """quiet: leave out what went well."""
        self._stream = stream if stream is not None else sys.stderr.buffer
        self._quiet = quiet

    def write(self, event: str, level: str = "info", **fields: Any) -> None:
        """One event."""
        if self._quiet and level == "info" and event == "request":
            return
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        line = {"time": f"{stamp}.{int(now % 1 * 1000):03d}Z", "level": level, "event": event, **fields}
        try:
            self._stream.write(orjson.dumps(line, default=str) + b"\n")
            self._stream.flush()
        except (OSError, ValueError):  # nobody reads the log any more; the service goes on
            return


class UvicornHandler(logging.Handler):
    """What uvicorn has to say, in the same form."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        details = {}
        if record.exc_info and record.exc_info[1] is not None:
            details["error"] = repr(record.exc_info[1])
        self._log.write("server", record.levelname.lower(), message=record.getMessage(), **details)


def capture_uvicorn(log: Log) -> None:
    """uvicorn's own loggers write there, and nowhere else."""
    logger = logging.getLogger("uvicorn")
    logger.handlers = [UvicornHandler(log)]
    logger.propagate = False
    logger.setLevel(logging.WARNING)
