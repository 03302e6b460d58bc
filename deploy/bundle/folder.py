"""Files of a folder from strangers: read once, to a limit, and nothing that lies elsewhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..errors import BundleError

# No link in the last place of the path, no waiting for the writer of a pipe; binary on Windows.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


def read_inside(folder: Path, name: str, limit: int) -> bytes:
    """All bytes of a file. A link within the folder is followed, as volumes of Kubernetes have them.

    Raises BundleError if it is larger than `limit`, is not a regular file, lies outside or cannot be read.
    """
    path = folder / name
    try:
        found = path.resolve(strict=True)
        if not found.is_relative_to(folder.resolve(strict=True)):
            raise BundleError(f"{path} is a link to {found}, outside the bundle; copy the file in its place")
        descriptor = os.open(found, _FLAGS)
        try:
            return _read(path, descriptor, limit)
        finally:
            os.close(descriptor)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that go round, before Python 3.13
        raise BundleError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


def _read(path: Path, descriptor: int, limit: int) -> bytes:
    """What is measured is what is read: one descriptor, whatever happens to the name meanwhile."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise BundleError(f"cannot read {path}: not a regular file")
    if status.st_size <= limit:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
        if len(data) <= limit:
            return data
    raise BundleError(f"{path} is larger than {limit} bytes")
