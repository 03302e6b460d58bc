"""The front that every request passes: its id, its token, errors in one form, figures and a log line."""

import asyncio
import re
import time
import traceback
from dataclasses import dataclass
from itertools import count
from secrets import token_hex

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import DeadlineError
from .about.logs import Log
from .about.metrics import Metrics
from .access import Access
from .answers import KINDS, Refusal, error_answer
from .http.serving import Readiness
from .overload import IS_SPARE, refuse_on_spare_place
from .routes import ENDPOINT

REQUEST_ID = re.compile(rb"[A-Za-z0-9_.:-]{1,128}")
LONGEST_METHOD = 32  # characters in a log line
GONE = 499  # nginx's number for a client that did not wait; in logs and figures only
HEADERS = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]
CLOSE = (b"connection", b"close")
CHUNKED = b"transfer-encoding"


class Front:
    """An ASGI application around the routes."""

    def __init__(self, routes: ASGIApp, access: Access, operation: "Operation") -> None:
        """Wrap the routes. access: who may ask."""
        self._routes, self._access, self._operation = routes, access, operation
        self._process, self._numbers = token_hex(4), count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of ASGI."""
        began = time.perf_counter()
        status = GONE
        named = self._id_of(scope)
        scope["app"] = self
        scope["task"] = asyncio.current_task()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"] = [*message["headers"], *HEADERS, (b"x-request-id", named)]
                if CLOSE not in headers and self._is_last(scope, status):
                    headers.append(CLOSE)
            await send(message)

        details = {}
        try:
            try:
                self._access.check(scope)
                refuse_on_spare_place(scope)
                await self._routes(scope, receive, answer)
            except Exception as error:  # noqa: BLE001 - whatever it is, it has an answer
                refusal = to_answer(error)
                if refusal.status_code == 500 and not isinstance(error, ClientDisconnect):
                    details["error"] = "".join(traceback.format_exception(error))
                if status == GONE and not isinstance(error, ClientDisconnect):
                    await refusal(scope, receive, answer)
        except asyncio.CancelledError:  # the connection is gone
            status = GONE
        self._record(scope, status, time.perf_counter() - began, named, details)

    def _id_of(self, scope: Scope) -> bytes:
        """Return the caller's name of the request, or one of our own."""
        for name, value in scope["headers"]:
            if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
                found: bytes = value
                return found
        return f"{self._process}-{next(self._numbers)}".encode()

    def _is_last(self, scope: Scope, status: int) -> bool:
        """Tell whether the connection ends with this answer.

        It does if a body in chunks is refused, which costs more to drop than to read no further.
        """
        is_refused_in_chunks = status >= 400 and any(name == CHUNKED for name, _ in scope["headers"])
        return is_refused_in_chunks or scope.get(IS_SPARE, False) or not self._operation.readiness.is_ready

    def _record(
        self, scope: Scope, status: int, seconds: float, named: bytes, details: dict[str, str]
    ) -> None:
        endpoint = scope.get(ENDPOINT, "other")
        self._operation.metrics.saw_answer(endpoint, status, seconds)
        level = "error" if status >= 500 and status != 503 else "warning" if status >= 400 else "info"
        if "model" in scope:
            details["model"] = scope["model"]
        self._operation.log.write(
            "request",
            level,
            id=named.decode(),
            method=scope["method"][:LONGEST_METHOD],
            endpoint=endpoint,
            status=status,
            ms=round(1e3 * seconds, 3),
            **details,
        )


@dataclass(frozen=True)
class Operation:
    """The listeners that the front reports to, and the state of the service."""

    metrics: Metrics
    log: Log
    readiness: Readiness


def to_answer(error: Exception) -> Response:
    """Return the answer to an error; of what is our own fault it says nothing but that."""
    if isinstance(error, Refusal):
        return error_answer(error.status, error.message, error.headers)
    if isinstance(error, HTTPException):
        message = "there is nothing here" if error.status_code == 404 else error.detail
        return error_answer(error.status_code, message, error.headers)
    if isinstance(error, DeadlineError):
        return error_answer(504, str(error))
    return error_answer(500, f"the service failed ({KINDS[500]}); its log says more under the x-request-id")
