"""Places that a user names: files, links, devices, pipes, and `-` for standard input and standard output.

A file is replaced in one step, a link leads to its file, and a device or a pipe is written through.
"""

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias

STANDARD = Path("-")  # standard input where it is read, standard output where it is written
INPUT, OUTPUT = 0, 1  # the descriptors of both
Data: TypeAlias = bytes | Iterable[bytes]  # of a file, in one piece or in several
_MOST_LINKS = 40  # of a path, as Linux has it


def is_standard_input(path: Path) -> bool:
    """Return whether a path to read is `-`, /dev/stdin or the like."""
    return path == STANDARD or descriptor_of(path) == INPUT


def is_standard_output(path: Path) -> bool:
    """Return whether a path to write is `-`, /dev/stdout or the like."""
    return path == STANDARD or descriptor_of(path) == OUTPUT


def input_name(path: Path) -> str:
    """Return what messages call a path to read."""
    return "standard input" if is_standard_input(path) else str(path)


def output_name(path: Path) -> str:
    """Return what messages call a path to write."""
    return "standard output" if is_standard_output(path) else str(path)


def is_stream(path: Path) -> bool:
    """Return whether a path can be read only once, from its beginning to its end."""
    status = status_of(path, INPUT)
    return is_standard_input(path) or (status is not None and not _is_at_rest(status))


def _is_at_rest(status: os.stat_result) -> bool:
    return any(is_kind(status.st_mode) for is_kind in (stat.S_ISREG, stat.S_ISDIR, stat.S_ISBLK))


@contextmanager
def open_input(path: Path) -> Iterator[BinaryIO]:
    """Give the bytes of a file, a pipe or standard input. Raises OSError."""
    if not is_standard_input(path):
        with path.open("rb") as file:
            yield file
    elif sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    else:
        yield sys.stdin.buffer


def write_output(path: Path, data: Data) -> None:
    """Write a file in one step; follow a link, and write through a device or a pipe. Raises OSError."""
    descriptor = OUTPUT if path == STANDARD else descriptor_of(path)
    if descriptor == OUTPUT:
        write_standard(data)
        return
    target = Path(os.path.realpath(path))
    with suppress(BrokenPipeError):  # who reads it has read enough
        if descriptor is not None:
            with os.fdopen(os.dup(descriptor), "wb") as file:
                file.writelines(_pieces(data))
        elif target.exists() and not target.is_file():
            with target.open("wb") as file:
                file.writelines(_pieces(data))
        elif target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        else:
            replace_file(target, data)


def write_standard(data: Data = b"") -> None:
    """Write all that waits for standard output, then this. Raises OSError.

    A reader that has read enough is no error: what is left is dropped.
    """
    if sys.stdout is None:
        if data:
            raise OSError(errno.EBADF, "it is closed")
        return
    try:
        sys.stdout.flush()
        if data:
            sys.stdout.buffer.writelines(_pieces(data))
            sys.stdout.buffer.flush()
    except OSError as error:
        # The interpreter would complain of the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise


def replace_file(path: Path, data: Data) -> None:
    """Replace a file in one step, or make it; it keeps its permissions. Raises OSError."""
    partial = partial_of(path)
    try:
        with partial.open("wb") as file:
            file.writelines(_pieces(data))
            file.flush()
            os.fsync(file.fileno())
        with suppress(OSError):  # there may be none, or a disk without permissions
            shutil.copymode(path, partial)
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def _pieces(data: Data) -> Iterable[bytes]:
    return (data,) if isinstance(data, bytes) else data


def partial_of(path: Path) -> Path:
    """Return the place next to a file or folder where this process makes it."""
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def status_of(path: Path, standard: int) -> os.stat_result | None:
    """Return what is at a path, through links; None for nothing. standard: the descriptor that `-` means."""
    try:
        return os.fstat(standard) if path == STANDARD else path.stat()
    except (OSError, ValueError):
        return None


def descriptor_of(path: Path) -> int | None:
    """Return the open file of this process that a path names, such as /dev/stdout; None for other paths."""
    for _ in range(_MOST_LINKS):
        folder = os.path.realpath(path.parent)
        if folder in ("/dev/fd", f"/proc/{os.getpid()}/fd") and path.name.isdecimal():
            return int(path.name)
        if not path.is_symlink():
            return None
        path = Path(folder) / path.readlink()
    return None
