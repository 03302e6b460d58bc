"""Bodies in chunks, read as many chunks at a time as there are.

h11 makes an event of each chunk, at 20 µs: a packet of 1-byte chunks would hold the event loop for a second.
"""

import re
from collections.abc import Callable
from typing import Any

import h11
from h11._readers import READERS, ChunkedReader
from h11._receivebuffer import ReceiveBuffer

# What h11 takes for the head of a chunk, with its extension.
CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t\x20-\x7e\x80-\xff]*)?[ \t]*\r\n")
# A body whose chunks are smaller on average, and more than so many, costs more to read than it says.
LEAST_MEAN = 8  # bytes
MANY = 2048


class MergingReader(ChunkedReader):
    """A reader of h11 that returns all whole chunks in the buffer as one event."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks = self._bytes = 0

    def __call__(self, buf: ReceiveBuffer) -> h11.Data | h11.EndOfMessage | None:
        """Return the next event, as h11 does. Raises h11.LocalProtocolError, also for too small chunks."""
        is_between = not (self._bytes_in_chunk or self._bytes_to_discard or self._reading_trailer)
        merged = self._merge(buf) if is_between else b""
        event = h11.Data(data=merged) if merged else super().__call__(buf)
        if isinstance(event, h11.Data):
            self._chunks += bool(event.chunk_start)
            self._bytes += len(event.data)
            if self._chunks > MANY and self._bytes < LEAST_MEAN * self._chunks:
                raise h11.LocalProtocolError(
                    f"{self._chunks} chunks of {self._bytes / self._chunks:.1f} bytes on average, "
                    f"expected {LEAST_MEAN} or more"
                )
        return event

    def _merge(self, buf: ReceiveBuffer) -> bytes:
        """Take the whole chunks that the buffer begins with, MANY at most; return their content."""
        data, at = bytes(buf), 0
        parts: list[bytes] = []
        while len(parts) < MANY and (head := CHUNK_HEAD.match(data, at)):
            start = head.end()
            stop = start + int(head[1], 16)
            if stop == start or data[stop : stop + 2] != b"\r\n":  # the last one, or one that is not whole
                break
            parts.append(data[start:stop])
            at = stop + 2
        if parts:
            buf.maybe_extract_at_most(at)
            self._chunks += len(parts)
        return b"".join(parts)


class Parser(h11.Connection):
    """A server's connection of h11 that merges chunks, and keeps what was wrong."""

    fault = ""  # of the other side, in words of h11

    def next_event(self) -> Any:
        """Return the next event, as h11 does."""
        try:
            return super().next_event()
        except h11.RemoteProtocolError as error:
            self.fault = str(error)
            raise

    def _get_io_object(self, role: Any, event: Any, io_dict: Any) -> Callable[..., Any] | None:
        found = super()._get_io_object(role, event, io_dict)
        return MergingReader() if io_dict is READERS and isinstance(found, ChunkedReader) else found
