"""Keep the outputs of a command off its inputs, and off the run and the bundle that it reads."""

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from .errors import ConfigError
from .places import INPUT, OUTPUT, STANDARD, input_name, is_stream, output_name, status_of

Output = tuple[str, Path]  # the option that names a place, and the place

# A block device is a whole disk.
NO_PLACES = ((stat.S_ISDIR, "a folder"), (stat.S_ISBLK, "a block device"), (stat.S_ISSOCK, "a socket"))


def check_outputs(outputs: Sequence[Output], inputs: Sequence[Path], kept: Iterable[Path] = ()) -> None:
    """Raise ConfigError for an output that cannot be written, or that would replace what is in use.

    inputs: the files that are read; kept: the files of the run and of the bundle that are read. Names do not
    count: links, hard links and other spellings of a path are seen through.
    """
    for number, path in enumerate(inputs):
        if is_stream(path) and any(_is_one(path, other, INPUT, INPUT) for other in inputs[:number]):
            raise ConfigError(
                f"{input_name(path)} can be read only once; name a file for one of its two uses"
            )
    used = [(path, "which this command reads") for path in inputs]
    used += [(path, "a file of the run or the bundle in use") for path in kept]
    for number, (option, path) in enumerate(outputs):
        check_place(option, path)
        for other, what in used:
            if _is_kept(path) and _is_one(path, other, OUTPUT, INPUT):
                raise ConfigError(
                    f"cannot write {output_name(path)} over {input_name(other)}, {what}; choose another with "
                    f"{option}, such as {option} OTHER{path.suffix}"
                )
        for first, other in outputs[:number]:
            if os.path.realpath(path) == os.path.realpath(other) or _is_one(path, other, OUTPUT, OUTPUT):
                raise ConfigError(
                    f"cannot write both {first} {other} and {option} {path} to one place; choose "
                    f"another with {option}"
                )


def check_place(option: str, path: Path) -> None:
    """Raise ConfigError if no output can be written there; what there is stays as it is."""
    if found := _why_not(path):
        raise ConfigError(f"cannot write {path}: {found}; choose another with {option}")


def _why_not(path: Path) -> str:
    """Return why no output can be written to a path; nothing where it can."""
    if path == STANDARD:
        return ""
    folder = Path(os.path.realpath(path)).parent
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if not folder.is_dir():
            return f"{folder if path.is_symlink() else path.parent} is not a folder"
        return "" if os.access(folder, os.W_OK) else "its folder is read-only"
    except OSError as error:  # such as links that go round
        return str(error.strerror)
    if kind := next((name for is_kind, name in NO_PLACES if is_kind(mode)), ""):
        return f"it is {kind}"
    if not os.access(path, os.W_OK):
        return "it is read-only"
    return "its folder is read-only" if stat.S_ISREG(mode) and not os.access(folder, os.W_OK) else ""


def lies_in(path: Path, folder: Path) -> bool:
    """Return whether a path lies below a folder, by its own name or by what it links to."""
    found = os.path.realpath(folder)
    return any(
        str(place) == found or _is_one(place, folder, INPUT, INPUT)
        for named in (Path(os.path.realpath(path)), Path.cwd() / path)
        for place in named.parents
    )


def _is_kept(path: Path) -> bool:
    """Return whether a place keeps what is written to it: a terminal may well be both input and output."""
    found = status_of(path, OUTPUT)
    return found is not None and (stat.S_ISREG(found.st_mode) or stat.S_ISFIFO(found.st_mode))


def _is_one(first: Path, second: Path, of_first: int, of_second: int) -> bool:
    """Return whether two paths lead to one place. of_first, of_second: the descriptor that `-` means."""
    one, other = status_of(first, of_first), status_of(second, of_second)
    return one is not None and other is not None and os.path.samestat(one, other)
