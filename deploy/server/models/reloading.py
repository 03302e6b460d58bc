"""Bundles, or offsets next to them, that change under a service: loaded, replayed, swapped between two runs.

A model is replaced as a whole. Requests that had it before end with it; when the last has, its thread and its
sessions go (batcher.py).
"""

import asyncio
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from ...adaptive.calibrator import offsets_of
from ...bundle.bundle import MANIFEST, MAX_MANIFEST_BYTES, parse_manifest
from ...bundle.folder import read_inside
from ...errors import BundleError, ForecasterError
from ..about.logs import Log
from ..about.metrics import Metrics
from ..settings import Settings
from .models import Models, ServedModel, load_model

LONGEST_PAUSE = 60.0  # seconds between tries of a bundle that cannot be loaded; doubled up to it
FAILED, REPLACED = "failed", "replaced"

Mark = tuple[int, int, int]  # of a file: which one it is, how large, and when it was written


class LoopEndedError(Exception):
    """The service has ended while a model was loaded."""


@dataclass
class Trouble:
    """A bundle that could not be loaded."""

    cause: str
    pause: float  # seconds until it is tried again
    again: float  # when that is
    is_said: bool = False


class Reloader:
    """A thread that looks at the manifests of the models."""

    def __init__(self, models: Models, settings: Settings, metrics: Metrics, log: Log) -> None:
        self._models, self._settings, self._metrics, self._log = models, settings, metrics, log
        self._marks: dict[str, Mark] = {}  # of manifests whose digest is that of the model
        self._offsets = {name: offsets_mark(path) for name, path in settings.bundles.items()}
        self._troubles: dict[str, Trouble] = {}
        self._asked, self._ended = threading.Event(), threading.Event()

    def start(self) -> None:
        """Look from now on. To be called on the event loop."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._watch, args=(loop,), name="reloads", daemon=True).start()

    def ask(self) -> None:
        """Look at once, and say what was found, as SIGHUP asks for."""
        self._asked.set()

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self._asked.set()

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            is_asked = self._asked.wait(self._settings.reload or None)
            self._asked.clear()
            if self._ended.is_set():
                return
            for name in self._settings.bundles:
                try:
                    self._look(name, loop, is_asked=is_asked)
                except LoopEndedError:
                    return
                except Exception as error:  # noqa: BLE001 - a thread that ends would never look again
                    self._note(name, self._models[name], repr(error), is_asked=is_asked)

    def _look(self, name: str, loop: asyncio.AbstractEventLoop, *, is_asked: bool) -> None:
        """Replace a model if its bundle is another one. Raises LoopEndedError."""
        began, served, trouble = time.monotonic(), self._models[name], self._troubles.get(name)
        if trouble and began < trouble.again and not is_asked:
            return
        path = self._settings.bundles[name]
        try:
            mark, offsets = mark_of(path), offsets_mark(path)
            are_moved = offsets != self._offsets[name]
            if mark == self._marks.get(name) and not are_moved and not is_asked:
                return
            if are_moved or digest_in(path) != served.manifest.digest:
                model = load_model(name, self._settings, self._metrics, self._log)
                swap(self._models, model, loop)
                self._say_replaced(served, model, time.monotonic() - began)
            elif is_asked:
                self._log.write("reload", model=name, bundle=served.manifest.digest[:12], outcome="unchanged")
        except (ForecasterError, OSError) as error:
            self._note(name, served, str(error), is_asked=is_asked)
        else:
            self._marks[name], self._offsets[name] = mark, offsets
            self._troubles.pop(name, None)

    def _say_replaced(self, before: ServedModel, model: ServedModel, seconds: float) -> None:
        self._metrics.saw_reload(model.name, REPLACED)
        digests = {"bundle": model.manifest.digest[:12], "before": before.manifest.digest[:12]}
        self._log.write("reload", model=model.name, **digests, outcome=REPLACED, seconds=round(seconds, 3))

    def _note(self, name: str, served: ServedModel, cause: str, *, is_asked: bool) -> None:
        """Keep the model, try again later, and say why: not the first time, when a copy may be under way."""
        self._marks.pop(name, None)
        last = self._troubles.get(name)
        pause = min(2 * last.pause, LONGEST_PAUSE) if last else self._settings.reload
        trouble = Trouble(cause, pause, time.monotonic() + pause)
        trouble.is_said = last is not None and last.is_said and last.cause == cause
        if (last or is_asked) and not (trouble.is_said and not is_asked):
            trouble.is_said = True
            self._metrics.saw_reload(name, FAILED)
            message = f"{cause}; the bundle that was there before continues"
            bundle = served.manifest.digest[:12]
            self._log.write("reload", "error", model=name, bundle=bundle, outcome=FAILED, message=message)
        self._troubles[name] = trouble


def swap(models: Models, model: ServedModel, loop: asyncio.AbstractEventLoop) -> None:
    """Put a model on the event loop; wait until it is there. Raises LoopEndedError."""
    is_there = threading.Event()

    def put() -> None:
        models.put(model)
        is_there.set()

    try:
        loop.call_soon_threadsafe(put)
    except RuntimeError:  # it is closed
        raise LoopEndedError from None
    while not is_there.wait(1.0):
        if loop.is_closed():
            raise LoopEndedError


def mark_of(path: Path) -> Mark:
    """Return what tells that a manifest is another file than before. Raises BundleError."""
    try:
        found = (path / MANIFEST).stat()
    except OSError as error:
        raise BundleError(f"cannot read {path / MANIFEST}: {error.strerror or error}") from None
    return found.st_ino, found.st_size, found.st_mtime_ns


def offsets_mark(path: Path) -> Mark | None:
    """Return what tells that the offsets next to a bundle are others than before; None where none are."""
    try:
        found = offsets_of(path).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def digest_in(path: Path) -> str:
    """Return the digest of a bundle's manifest. Raises BundleError."""
    return parse_manifest(read_inside(path, MANIFEST, MAX_MANIFEST_BYTES), path).digest
