"""Write so that a reader finds the old content or the new one, never half of either."""

import errno
import json
import math
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from deploy.errors import ConfigError, RunError


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one step. Raises RunError if it cannot be written, such as on a full disk."""
    partial = _partial(path)
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException as error:
        with suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError):
            raise RunError(f"cannot write {path}: {error.strerror}") from error
        raise


def remove_partials(folder: Path) -> None:
    """Remove the files that killed processes were writing in a folder, if it is there."""
    for partial in folder.glob(".*.partial"):
        if partial.is_file():
            partial.unlink(missing_ok=True)


def check_regular(path: Path, most: int) -> None:
    """Raise OSError for a pipe, a device or a folder, and for a file of more bytes than `most`."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, f"{path.name} is not a regular file")
    if status.st_size > most:
        raise OSError(errno.EFBIG, f"{path.name} has {status.st_size} bytes, expected {most} at most")


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def check_writable(path: Path) -> None:
    """Raise ConfigError if no file can be written there."""
    if path.is_dir():
        raise ConfigError(f"cannot write {path}: it is a folder; choose another with -o")
    if not path.parent.is_dir():
        raise ConfigError(f"cannot write {path}: {path.parent} is not a folder")


def to_json(content: Any, *, indent: int | None = 2) -> bytes:
    """Return JSON that ends in a newline; NaN and infinity become null, since JSON has none."""
    return (json.dumps(_finite(content), indent=indent, allow_nan=False) + "\n").encode()


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


@contextmanager
def folder_in_one_step(path: Path) -> Iterator[Path]:
    """Give a folder to write into, which replaces `path` when all went well, and vanishes otherwise.

    Raises RunError if it cannot be made.
    """
    partial, old = _partial(path), path.with_name(f".{path.name}.{os.getpid()}.old")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from error
    try:
        yield partial
        replaced = path.exists()
        if replaced:
            shutil.rmtree(old, ignore_errors=True)
            path.rename(old)
        try:
            partial.rename(path)
        except BaseException:
            if replaced:
                old.rename(path)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
