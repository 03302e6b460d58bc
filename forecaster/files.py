"""Write so that a reader finds the old content or the new one, never half of either."""

import errno
import json
import math
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy import places
from deploy.errors import RunError
from deploy.places import STANDARD, output_name, partial_of, replace_file


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one step. Raises RunError if it cannot be written, such as on a full disk."""
    try:
        replace_file(path, data)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}; make room, or write elsewhere") from error


def write_output(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file that a user named: through a link, a device or a pipe; `-` is standard output.

    Raises RunError if it cannot be written.
    """
    try:
        places.write_output(path, data)
    except OSError as error:
        raise RunError(f"cannot write {output_name(path)}: {error.strerror}; write elsewhere") from error


def print_text(text: str = "") -> None:
    """Write to standard output, and what waits for it before. Raises RunError, such as on a full disk."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    write_output(STANDARD, text.encode(encoding, errors="replace"))


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


def to_json(content: Any, *, indent: int | None = 2) -> bytes:
    """Return JSON that ends in a newline; NaN and infinity become null, since JSON has none."""
    try:
        text = json.dumps(content, indent=indent, allow_nan=False)
    except ValueError:  # which seldom is the case, and to look for it takes as long as to write
        text = json.dumps(_finite(content), indent=indent, allow_nan=False)
    return (text + "\n").encode()


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


@contextmanager
def folder_in_one_step(path: Path) -> Iterator[Path]:
    """Give a folder to write into, which replaces `path` when all went well, and vanishes otherwise.

    A link to a folder stays, and leads to the new one. Raises RunError if it cannot be made.
    """
    named, path = path, Path(os.path.realpath(path))
    partial, old = partial_of(path), path.with_name(f".{path.name}.{os.getpid()}.old")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"cannot write {named}: {error.strerror}; write elsewhere") from error
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
