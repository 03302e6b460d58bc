"""Bundles of segments: a folder with a run for each value of some columns, `country=France/category=Food`.

The names of the folders are all that says which is which, so a run can be added, replaced or moved by itself.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from ..errors import BundleError
from .bundle import MANIFEST

BUNDLE = "bundle"  # of a run
Key = tuple[str, ...]  # a value of each column
SHOWN = 3  # names in an error


@dataclass(frozen=True)
class Segments:
    """The runs of segments in a folder."""

    path: Path
    by: tuple[str, ...]  # columns
    places: Mapping[Key, Path]  # the folder of each run

    def bundles(self) -> dict[Key, Path]:
        """Return the bundle of each segment. Raises BundleError that names those without."""
        found = {key: place / BUNDLE for key, place in self.places.items()}
        lacking = [str(path.parent) for path in found.values() if not (path / MANIFEST).exists()]
        if lacking:
            more = f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
            raise BundleError(
                f"no bundle in {', '.join(lacking[:SHOWN])}{more}; `forecaster export {self.path}` makes one "
                "of each run"
            )
        return found


def segment_folder(path: Path, by: Sequence[str], key: Key) -> Path:
    """Return the folder of a segment: a level for each column."""
    return path.joinpath(
        *(f"{_written(name)}={_written(value)}" for name, value in zip(by, key, strict=True))
    )


def find_segments(path: Path) -> Segments | None:
    """Return the segments in a folder; None where it holds none, such as a run or a bundle.

    Raises BundleError where the folders are named by other columns.
    """
    found: dict[Path, tuple[tuple[str, str], ...]] = dict(_walk(path, ()))
    if not found:
        return None
    columns = {tuple(name for name, _ in parts) for parts in found.values()}
    if len(columns) > 1:
        listed = " and ".join(sorted(", ".join(names) for names in columns))
        raise BundleError(f"{path} holds segments of several columns: by {listed}; expected the same of all")
    places = {tuple(value for _, value in parts): place for place, parts in found.items()}
    return Segments(path, columns.pop(), dict(sorted(places.items())))


def _walk(folder: Path, parts: tuple[tuple[str, str], ...]) -> list[tuple[Path, tuple[tuple[str, str], ...]]]:
    """Return the deepest folders that are named as segments, and the columns and values in their names."""
    found = []
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    except OSError:  # no folder
        return []
    for name in names:
        if (part := _read(name)) is not None:
            place, own = folder / name, (*parts, part)
            found += _walk(place, own) or [(place, own)]
    return found


def _read(name: str) -> tuple[str, str] | None:
    """Return the column and the value that the name of a folder says; None for any other name."""
    column, equals, value = name.partition("=")
    if not equals or "." in value or not column:
        return None
    return unquote(column), unquote(value)


def _written(text: str) -> str:
    """Return a text as a part of a name: letters, digits, _ and -, all others by percent signs."""
    return "".join(letter if letter.isalnum() or letter in "_-" else _quoted(letter) for letter in text)


def _quoted(letter: str) -> str:
    return "%2E" if letter == "." else "%7E" if letter == "~" else quote(letter, safe="")
