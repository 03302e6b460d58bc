"""POST /read: the bytes of a file in, its series out, by the reader that the service was handed.

One file is read at a time, and few wait; whoever hangs up ends the reading of theirs.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ...errors import DeadlineError
from ..answers import JSON, Refusal
from ..http.bodies import Bodies
from ..models.models import Models, ServedModel
from ..overload import refuse_full
from ..settings import Limits
from .asked_reading import read_query
from .readers import Answered, Reader, too_slow

WAITING = 8  # requests, with that under way
FILES = 4  # of the largest size, in memory at a time
NO_READER = "this service reads no files, `forecaster serve` does; POST /forecast takes series as JSON"


class ReadEndpoint:
    """The endpoint: it takes a file, waits for its turn, and hands it to the reader."""

    def __init__(self, models: Models, limits: Limits, reader: Reader | None) -> None:
        """reader: None where the service has none."""
        self._models, self._limits, self._reader = models, limits, reader
        self._bodies = Bodies(limits.file, FILES)
        self._waiting = 0
        self._turn = asyncio.Lock()
        self._manifests: dict[str, tuple[str, bytes]] = {}  # of each model that was asked for, and its digest

    async def post(self, request: Request) -> Response:
        """Read the file that is the body."""
        if self._reader is None:
            raise Refusal(501, NO_READER)
        refuse_full(self._waiting >= WAITING)
        model, asked = read_query(request.query_params.multi_items(), self._models)
        request.scope["model"] = model.name
        self._waiting += 1
        try:
            content = await self._bodies.read(request, bytes)
            found = await self._read(self._reader, model, content, asked)
        finally:
            self._waiting -= 1
        return Response(found.body, found.status, media_type=JSON)

    async def _read(
        self, reader: Reader, model: ServedModel, content: bytes, asked: Mapping[str, Any]
    ) -> Answered:
        """Return the answer of the reader, once it is free. Raises DeadlineError, Refusal."""
        loop, seconds = asyncio.get_running_loop(), self._limits.reading
        end = loop.time() + seconds
        try:
            async with asyncio.timeout_at(end):
                await self._turn.acquire()
        except TimeoutError:
            raise DeadlineError(too_slow(seconds)) from None
        try:
            limits = {"points": self._limits.points, "horizon": self._limits.longest_horizon(model.manifest)}
            said = {**asked, **limits, "model": model.name}
            given = content, self._manifest(model), said, max(end - loop.time(), 0.001)
            reading = asyncio.ensure_future(asyncio.to_thread(reader.read, *given))
            try:
                return await asyncio.shield(reading)
            except asyncio.CancelledError:  # whoever asked is gone
                reader.stop()
                with suppress(Exception):
                    await reading
                raise
        finally:
            self._turn.release()

    def _manifest(self, model: ServedModel) -> bytes:
        """Return the manifest of the bundle that a model has now."""
        digest, written = self._manifests.get(model.name, ("", b""))
        if digest != model.manifest.digest:
            digest, written = model.manifest.digest, json.dumps(model.manifest.to_json()).encode()
            self._manifests[model.name] = digest, written
        return written
