"""Begin again in a child process after a fork, with nothing that a thread of its parent may have locked.

Threads do not survive a fork, but what they had locked stays locked: in Python, and within onnxruntime, where
a session would wait for ever. So a child begins with new locks and no sessions, and builds its own when they
are first needed.
"""

import os
import threading
from typing import Any, Protocol
from weakref import WeakSet


class Renewed(Protocol):
    """An object that has locks, sessions, or both."""

    def after_fork(self) -> Any:
        """Begin again with new locks and no session. Returns what must not be freed, as that may lock."""


_alive: "WeakSet[Renewed]" = WeakSet()
_building = threading.Lock()  # while one thread forks no other is within the global state of onnxruntime


def building() -> threading.Lock:
    """Return the lock to hold while a session is built; a fork waits for it."""
    return _building


def renew_after_fork(renewed: Renewed) -> None:
    """Call its after_fork in every child process; it is held weakly."""
    _alive.add(renewed)


def _renew() -> None:
    _building.release()
    left = [renewed.after_fork() for renewed in _alive]
    if any(left):
        _keep_for_ever(left)


def _keep_for_ever(left: list[Any]) -> None:
    """Count one reference too many. It is memory that the child shares with its parent, and never touches."""
    import ctypes

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(left))


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(before=_building.acquire, after_in_parent=_building.release, after_in_child=_renew)
