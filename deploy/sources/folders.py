"""The Parquet files below a folder as one table: a path `store=1/day=2/0.parquet` holds two columns."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..errors import DataError
from .named import Remote, source_name
from .remote import open_file_system, telling

ENDINGS = (".parquet", ".parq", ".pq")
HIDDEN = ("_", ".")  # how Hive and Spark begin the names of what is no data
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # null, as Hive writes it
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")  # as a number is written; 007 is a text
DIGITS = re.compile(r"(\d+)")
READERS = 16  # of the ends of files, which hold their columns
SHOWN = 3

Found = dict[str, int]  # path -> bytes


@dataclass(frozen=True)
class Part:
    """A file of a folder."""

    path: str  # in the file system of the folder
    name: str  # below the folder
    size: int  # bytes
    keys: dict[str, str | None]  # of its partition


@dataclass(frozen=True)
class Folder:
    """The Parquet files below a folder, in order of their names: part-2 is before part-10."""

    source: Path | Remote
    parts: tuple[Part, ...]
    others: tuple[str, ...]  # files that are left out, since they are no Parquet
    system: Any = None  # of fsspec; None: of this machine

    @property
    def name(self) -> str:
        """Return what messages call it."""
        return source_name(self.source)


def find_parts(source: Path | Remote) -> Folder:
    """Return the Parquet files below a folder. Raises DataError where there is none, or one lacks a key."""
    system, root, found = _list_remote(source) if isinstance(source, Remote) else (None, *_list_local(source))
    name = source_name(source)
    below = {path: path[len(root) :].lstrip("/") for path in found}
    shown = {path: text for path, text in below.items() if not _is_hidden(text)}
    paths = sorted((path for path in shown if shown[path].lower().endswith(ENDINGS)), key=_natural)
    others = tuple(shown[path] for path in sorted({*shown} - {*paths}))
    if not paths:
        held = ", ".join(others[:SHOWN]) + (", ..." if len(others) > SHOWN else "")
        raise DataError(f"{name}: the folder holds no Parquet file (*.parquet), found {held or 'no file'}")
    parts = tuple(Part(path, shown[path], found[path], _keys_of(shown[path])) for path in paths)
    for part in parts[1:]:
        if [*part.keys] != [*parts[0].keys]:
            first, other = (", ".join(one.keys) or "none" for one in (parts[0], part))
            raise DataError(
                f"{name}: the folders of {parts[0].name} name the columns {first}, those of {part.name} "
                f"{other}; expected the same for all files"
            )
    return Folder(source, parts, others, system)


def _list_local(folder: Path) -> tuple[str, Found]:
    found = {}
    for place, _, names in os.walk(folder):
        for path in (Path(place, name) for name in names):
            if path.is_file():
                found[path.as_posix()] = path.stat().st_size
    return folder.as_posix() if folder != Path() else "", found


def _list_remote(folder: Remote) -> tuple[Any, str, Found]:
    system, root = open_file_system(folder)
    with telling(folder):
        found = system.find(root, detail=True)
        return (
            system,
            str(system.info(root)["name"]).rstrip("/"),
            {path: int(status.get("size") or 0) for path, status in found.items()},
        )


def _is_hidden(name: str) -> bool:
    return any(part.startswith(HIDDEN) for part in name.split("/"))


def _natural(path: str) -> list[tuple[int, str]]:
    """Return a key of order by which numbers in a path count as such."""
    return [(int(part) if part.isdecimal() else -1, part) for part in DIGITS.split(path)]


def _keys_of(name: str) -> dict[str, str | None]:
    """Return the columns that the folders of a file name, each with its value; None is null."""
    pairs = [part.partition("=") for part in name.split("/")[:-1] if "=" in part]
    return {unquote(key): None if value == NO_VALUE else unquote(value) for key, _, value in pairs}


def open_dataset(folder: Folder) -> Any:
    """Return a folder as a pyarrow.dataset.Dataset whose columns are those of all files.

    A column that a file lacks is null there; whole and fractional numbers together are fractional. Raises
    DataError for a damaged file, and for columns whose types have nothing in common.
    """
    import pyarrow
    import pyarrow.dataset as datasets

    form = datasets.ParquetFileFormat()
    system = _system_of(folder)
    schemas = _read_schemas(folder, form, system)
    types = _key_types(folder)
    fragments = [
        form.make_fragment(part.path, system, _is_of(part, types, schema))
        for part, schema in zip(folder.parts, schemas, strict=True)
    ]
    try:
        schema = pyarrow.unify_schemas(schemas, promote_options="permissive")
    except pyarrow.ArrowException as error:
        raise DataError(f"{folder.name}: its files do not fit together: {error}") from None
    keys = [pyarrow.field(key, kind) for key, kind in types.items() if key not in schema.names]
    return datasets.FileSystemDataset(fragments, pyarrow.schema([*schema, *keys]), form, system)


def _system_of(folder: Folder) -> Any:
    import pyarrow.fs as systems

    if folder.system is None:
        return systems.LocalFileSystem()
    return systems.PyFileSystem(systems.FSSpecHandler(folder.system))


def _read_schemas(folder: Folder, form: Any, system: Any) -> list[Any]:
    """Return the columns of each file, none as a dictionary, which each file would have to itself."""
    import pyarrow

    def read(part: Part) -> Any:
        try:
            schema = form.inspect(part.path, system)
        except (pyarrow.ArrowException, OSError) as error:
            raise DataError(f"{folder.name}: the Parquet file {part.name} is damaged: {error}") from None
        plain = [pyarrow.types.is_dictionary(field.type) for field in schema]
        fields = [
            field.with_type(field.type.value_type) if is_coded else field
            for field, is_coded in zip(schema, plain, strict=True)
        ]
        return pyarrow.schema(fields)

    with ThreadPoolExecutor(READERS) as readers:
        return [*readers.map(read, folder.parts)]


def _key_types(folder: Folder) -> dict[str, Any]:
    """Return the type of each column that the folders name: whole numbers where all are written so."""
    import pyarrow

    values = {key: [part.keys[key] for part in folder.parts] for key in folder.parts[0].keys}
    whole = {
        key for key, texts in values.items() if all(text is None or WHOLE.fullmatch(text) for text in texts)
    }
    return {key: pyarrow.int64() if key in whole else pyarrow.string() for key in values}


def _is_of(part: Part, types: dict[str, Any], schema: Any) -> Any:
    """Return what holds for all rows of a file: the values that its path names and it has no column of."""
    import pyarrow
    import pyarrow.dataset as datasets

    held = datasets.scalar(True)
    for key, kind in types.items():
        if key not in schema.names:
            value, column = part.keys[key], datasets.field(key)
            of_kind = int(value) if value is not None and pyarrow.types.is_integer(kind) else value
            held &= (
                column.is_null()
                if value is None
                else column == datasets.scalar(pyarrow.scalar(of_kind, kind))
            )
    return held
