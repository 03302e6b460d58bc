"""Files of an untrusted bundle: read once, to a limit, as listed, and nothing that lies elsewhere."""

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import BundleError
from .manifest_check import FILES, GOLDEN

# The largest bundles of tests and benchmarks have 10 MB; protocol buffers end at 2 GiB.
MAX_GRAPH_BYTES = 1 << 29
MAX_BUNDLE_BYTES = 1 << 30
# Four histories of the longest context, as text.
MAX_GOLDEN_BYTES = 1 << 26

# No link in the last place of the path, no waiting for the writer of a pipe; binary on Windows.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


def read_files(folder: Path, listed: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of a bundle by name. Raises BundleError for one that is not as its manifest lists it.

    listed: name -> {"sha256", "bytes"}. Each is read once, so what was checked is what is used.
    """
    files: dict[str, bytes] = {}
    left = MAX_BUNDLE_BYTES
    for name in FILES:
        most = MAX_GOLDEN_BYTES if name == GOLDEN else MAX_GRAPH_BYTES
        data = files[name] = read_inside(folder, name, min(most, left))
        left -= len(data)
        size, digest = listed[name].get("bytes"), listed[name].get("sha256")
        found = hashlib.sha256(data).hexdigest()
        if len(data) != size or found != digest:
            raise BundleError(
                f"{folder / name} is damaged: found {len(data)} bytes with sha256 {found[:12]}…, expected "
                f"{size} with {str(digest)[:12]}…; export it again"
            )
    return files


def read_inside(folder: Path, name: str, limit: int) -> bytes:
    """Return all bytes of a file. A link within the folder is followed, as volumes of Kubernetes have them.

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
    """Read and measure through one descriptor, whatever happens to the name meanwhile."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise BundleError(f"cannot read {path}: not a regular file")
    if status.st_size <= limit:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
        if len(data) <= limit:
            return data
    raise BundleError(f"{path} is larger than {limit} bytes")
