"""Every 503 of a service that has too much to do: who decides it, and what is answered.

A model's queue, the memory for bodies and the number of connections are limited. While no model takes any
request, one that came whole and in one piece, as small ones do, is refused by a look at its bytes: through
HTTP parser, routes and log a refusal costs a third of a forecast, so four times the load would leave nothing
for forecasts. (GET /v2/health/ready is 503, too, while http.serving.Readiness says no.)
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from .answers import Refusal, dump

RETRY_AFTER = "1"  # seconds; a queue is worked off within a fraction of one
BODIES = 32  # of the largest size, in memory at a time
HEALTH = ("/v2/health/live", "/v2/health/ready")
PROBES = (*HEALTH, "/metrics")
IS_SPARE = "forecaster.is_spare"  # in a scope: as many others are served as may be
TOO_MUCH = "too many requests wait; try again later"


def refuse_full(is_full: bool) -> None:
    """Raise Refusal: 503 for a request to models whose queues are full; its body is not read."""
    if is_full:
        raise _refusal()


def refuse_longer_queue(waiting: int, series: int, queue: int) -> None:
    """Raise Refusal: 503 if series that wait leave no room; alone, a request of any size is taken."""
    if waiting and waiting + series > queue:
        raise _refusal()


def refuse_more_memory(held: int, part: int, room: int) -> None:
    """Raise Refusal: 503 if the part of another body, all in bytes, is more than memory may hold."""
    if held + part > room:
        raise _refusal()


def too_many_connections() -> Refusal:
    """Return the refusal of a connection that is in the way of others."""
    return _refusal("too many connections; try again later")


def refuse_on_spare_place(scope: Mapping[str, Any]) -> None:
    """Raise Refusal: 503 for a request on a place kept for probes, unless it is one."""
    if scope.get(IS_SPARE) and scope["path"] not in PROBES:
        raise too_many_connections()


def restarting(model: str, seconds: float) -> Refusal:
    """Return the refusal of a request to a model whose process is started again. seconds: until then."""
    again = str(max(1, math.ceil(seconds)))
    return Refusal(503, f"model {model} is being started again; try again later", {"retry-after": again})


def _refusal(message: str = TOO_MUCH) -> Refusal:
    return Refusal(503, message, {"retry-after": RETRY_AFTER})


def shedding(is_full: Callable[[], bool], saw_shed: Callable[[], None]) -> Callable[[bytes], bool]:
    """Return whether bytes that came are refused as they are, with UNREAD.

    is_full: whether no model takes a request; saw_shed: told of each that is refused.
    """

    def shed(data: bytes) -> bool:
        if not is_full() or not is_whole_request(data):
            return False
        saw_shed()
        return True

    return shed


_BODY = dump({"error": TOO_MUCH})
# The answer to a request that was refused unread.
UNREAD = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: %b\r\n"
    b"content-length: %d\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n\r\n%b"
    % (RETRY_AFTER.encode(), len(_BODY), _BODY)
)
COMPUTING = re.compile(rb"POST /(?:forecast|v2/models/[^ ]{1,100}/infer) HTTP/1\.1\r\n")
LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
# Headers by which a request or the connection ends elsewhere than one length says, and lines that two readers
# may take for different things.
UNUSUAL = re.compile(
    rb"\n(?:transfer-encoding|connection|expect|upgrade|content-length[ \t]|[ \t])|[^\r]\n", re.IGNORECASE
)
HEAD_END = b"\r\n\r\n"
LONGEST_HEAD = 4096


def is_whole_request(data: bytes) -> bool:
    """Tell whether these bytes are one request for a forecast, from its first byte to its last."""
    if not COMPUTING.match(data):
        return False
    end = data.find(HEAD_END, 0, LONGEST_HEAD)
    if end < 0:
        return False
    head = data[: end + len(HEAD_END)]
    lengths = LENGTH.findall(head)
    return len(lengths) == 1 and not UNUSUAL.search(head) and len(data) == len(head) + int(lengths[0])
