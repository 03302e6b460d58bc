"""Messages between a process and its parent, and a value that all processes share.

A pickle is read only from a process that this one started, and only by the processes that it started.
"""

import io
import mmap
import pickle
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

ALIGNMENT = 64  # bytes: arrays begin at a line of the cache
VALUE, ARRAYS = "value.pickle", "arrays.bin"


class _Pickler(pickle.Pickler):
    def __init__(self, file: IO[bytes], shared: Any) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._shared = shared

    def persistent_id(self, value: Any) -> str | None:
        """Name the shared value, which every process has, in place of its content."""
        return "shared" if value is self._shared and value is not None else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: IO[bytes], shared: Any) -> None:
        super().__init__(file)
        self._shared = shared

    def persistent_load(self, _name: str) -> Any:
        """Return the shared value of this process."""
        return self._shared


class Channel:
    """Two streams of messages, from and to another process. A message may refer to the shared value."""

    def __init__(self, received: IO[bytes], sent: IO[bytes], shared: Any = None) -> None:
        self._received, self._sent, self.shared = received, sent, shared

    def send(self, *message: Any) -> None:
        """Send a message, or nothing of one that cannot be pickled. Raises OSError where nobody reads."""
        whole = io.BytesIO()
        _Pickler(whole, self.shared).dump(message)
        self._sent.write(whole.getbuffer())
        self._sent.flush()

    def receive(self) -> Any:
        """Return the next message. Raises EOFError where the other process has ended."""
        try:
            return _Unpickler(self._received, self.shared).load()
        except pickle.UnpicklingError as error:  # it ended in the middle of a message
            raise EOFError(str(error)) from None

    def messages(self) -> Iterator[Any]:
        """Yield messages until the other process ends."""
        with self._received, suppress(EOFError, OSError):
            while True:
                yield self.receive()

    def finish(self) -> None:
        """Let the other process find the end of the messages."""
        with suppress(OSError):  # the rest of a message that nobody reads
            self._sent.close()


def save_shared(value: Any, folder: Path) -> None:
    """Write a value to a folder, its arrays in a file of their own."""
    arrays: list[pickle.PickleBuffer] = []
    content = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL, buffer_callback=arrays.append)
    places = []
    with (folder / ARRAYS).open("wb") as file:
        for array in arrays:
            raw = array.raw()
            places.append((file.tell(), raw.nbytes))
            file.write(raw)
            file.write(bytes(-file.tell() % ALIGNMENT or ALIGNMENT))
        file.write(bytes(1))  # an empty file cannot be mapped
    (folder / VALUE).write_bytes(pickle.dumps((places, content)))


def load_shared(folder: Path) -> Any:
    """Return the value in a folder. Its arrays are those of the file, once in memory for all processes.

    A process that writes to an array gets pages of its own.
    """
    places, content = pickle.loads((folder / VALUE).read_bytes())
    with (folder / ARRAYS).open("rb") as file:
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    return pickle.loads(content, buffers=[mapped[begin : begin + size] for begin, size in places])
