"""A service with a reader of files that does what stands in them: `python -m fake_reader BUNDLE`."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from deploy.server.__main__ import run
from deploy.server.reading.readers import ProcessReader
from deploy.server.reading.reading_child import serve


def answer(path: Path, manifest: bytes, asked: dict[str, Any]) -> tuple[int, bytes]:
    """Say what was asked, or take too long, too much memory, too large a file, or end."""
    word = path.read_bytes()
    if word == b"sleep":
        time.sleep(60)
    elif word == b"memory":
        bytearray(8 << 30)
    elif word == b"write":
        with Path("large").open("wb") as file:
            file.truncate(2 << 30)
    elif word == b"die":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif word == b"fail":
        raise ValueError("a defect")
    elif word == b"odd":
        return 302, b"{}"
    said = {"size": len(word), "path": str(path), "digest": json.loads(manifest)["digest"], **asked}
    return 422 if word == b"bad" else 200, json.dumps({**said, "process": os.getpid()}).encode()


if __name__ == "__main__":
    if sys.argv[1].isdigit():  # the process that reads
        serve(answer, int(sys.argv[1]))
    sys.exit(run(None, "serve", None, lambda: ProcessReader("fake_reader", (".csv",))))
