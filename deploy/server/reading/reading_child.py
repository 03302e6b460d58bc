"""The process that reads files: a program whose last argument is a descriptor, and which calls `serve` here.

A function of that program is given each file as a path in a folder of its own. The process has a limit of
memory and of the bytes of a file that it writes, and ends as soon as the service closes its socket.
"""

import json
import os
import signal
import socket
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np

from ..models.frames import Frame, receive, send
from .readers import ANSWER, CONTENT, MANIFEST

MEMORY = 4 << 30  # bytes of addresses, of which libraries reserve one or two
WRITTEN = 1 << 30  # bytes of a file, such as of one that is unpacked
TOO_LARGE = "the file takes more memory than a request may have; send fewer rows or columns"
NAME = "name"  # in what is asked: the name of the file

# (path of the file, manifest, what is asked) -> status and JSON
Read: TypeAlias = Callable[[Path, bytes, dict[str, Any]], tuple[int, bytes]]


def limit() -> None:
    """Bound what this process may take, where the system can."""
    with suppress(ImportError):  # not on Windows
        import resource

        for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, WRITTEN)):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(read: Read, asked: dict[str, Any], arrays: Any) -> Frame:
    """Return the answer to a frame."""
    with TemporaryDirectory(prefix="forecaster-") as folder:
        os.chdir(folder)  # messages name the file alone
        path = Path(asked[NAME])
        path.write_bytes(arrays[CONTENT].tobytes())
        try:
            status, body = read(path, arrays[MANIFEST].tobytes(), asked)
        except MemoryError:
            status, body = 413, json.dumps({"error": TOO_LARGE}).encode()
        except Exception:  # noqa: BLE001 - a defect, which the log of the service has
            return {"failed": traceback.format_exc()}, {}
        finally:
            os.chdir("/")
    return {"status": status}, {ANSWER: np.frombuffer(body, np.uint8)}


def read_frames(connection: socket.socket, frames: "SimpleQueue[Frame]") -> None:
    """Hand on all frames; end the process with their end, whatever it does."""
    try:
        while True:
            frames.put(receive(connection))
    except OSError:
        os._exit(0)


def serve(read: Read, descriptor: int) -> None:
    """Read files until the service has no further use for it. descriptor: of the socket to it."""
    for number in (signal.SIGINT, signal.SIGTERM):  # sent to all processes of a group; the service ends it
        signal.signal(number, signal.SIG_IGN)
    connection = socket.socket(fileno=descriptor)
    frames: SimpleQueue[Frame] = SimpleQueue()
    threading.Thread(target=read_frames, args=(connection, frames), daemon=True).start()
    limit()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # the log of the service is JSON
    while True:
        asked, arrays = frames.get()
        send(connection, *answer(read, asked, arrays))
