"""Refusing requests at next to no cost, while no model takes any.

A refusal through HTTP parser, routes and log costs a third of a forecast, so four times the load would leave
nothing for forecasts. A request that came whole and in one piece, as small ones do, is refused by a look at
its head.
"""

from __future__ import annotations

import re

from ..answers import dump
from ..models.batcher import RETRY_AFTER, overloaded

COMPUTING = re.compile(rb"POST /(?:forecast|v2/models/[^ ]{1,100}/infer) HTTP/1\.1\r\n")
LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
# What makes the end of a request, or of the connection, something else than one length says; and lines that
# two readers may take for different things.
UNUSUAL = re.compile(
    rb"\n(?:transfer-encoding|connection|expect|upgrade|content-length[ \t]|[ \t])|[^\r]\n", re.IGNORECASE
)
HEAD_END = b"\r\n\r\n"
LONGEST_HEAD = 4096

_BODY = dump({"error": overloaded().message})
REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: %b\r\n"
    b"content-length: %d\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n\r\n%b"
    % (RETRY_AFTER.encode(), len(_BODY), _BODY)
)


def is_whole_request(data: bytes) -> bool:
    """Whether these bytes are one request for a forecast, from its first byte to its last."""
    if not COMPUTING.match(data):
        return False
    end = data.find(HEAD_END, 0, LONGEST_HEAD)
    if end < 0:
        return False
    head = data[: end + len(HEAD_END)]
    lengths = LENGTH.findall(head)
    return len(lengths) == 1 and not UNUSUAL.search(head) and len(data) == len(head) + int(lengths[0])
