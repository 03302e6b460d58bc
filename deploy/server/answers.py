"""Answers of the service: JSON, and errors of one form, {"error": text}."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from numpy.typing import NDArray
from starlette.responses import Response

JSON = "application/json"
# An answer to a mistake stays short, however long the mistake is: 4 bytes a character at most.
LONGEST_ERROR = 480
# Numbers of an answer that take a millisecond to write as JSON, in which nothing else runs.
AT_ONCE = 10_000

# Kinds of errors, as metrics and logs name them.
KINDS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method",
    408: "slow_request",
    413: "too_large",
    415: "encoding",
    422: "unusable",
    500: "internal",
    501: "no_reader",
    503: "overloaded",
    504: "deadline",
}


class Refusal(Exception):  # noqa: N818 - an answer
    """The refusal of a request. message: which field, what was found, what was expected."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer. content: whatever orjson writes, arrays of numpy among it."""
    return Response(dump(content), status, headers, JSON)


def dump(content: Any) -> bytes:
    """Return JSON; arrays of numpy are lists."""
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


async def write_answer(write: Callable[[], Response], numbers: int) -> Response:
    """Return the answer that `write` gives, on a thread if it has so many numbers that others would wait."""
    return write() if numbers <= AT_ONCE else await asyncio.to_thread(write)


def in_parts(items: Sequence[Any] | NDArray[Any], numbers: int) -> Any:
    """Return a list as `dump` takes it, written in parts, so that other threads run in between.

    numbers: of each item.
    """
    size = max(1, AT_ONCE // max(1, numbers))
    parts = (dump(items[begin : begin + size])[1:-1] for begin in range(0, len(items), size))
    return orjson.Fragment(b"[" + b",".join(parts) + b"]")


def error_answer(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error in one form, printable and short whatever the message quotes."""
    return json_answer({"error": shorten(message)}, status, headers)


def shorten(message: str) -> str:
    """Return the message in one line; its middle is left out if it is long."""
    line = "".join(letter if letter.isprintable() else " " for letter in message[: 2 * LONGEST_ERROR])
    if len(line) <= LONGEST_ERROR:
        return line
    return line[: LONGEST_ERROR - 1] + "…"
