"""Forecast files of whole series on Ray: an actor that maps over them, with the extra `arrow`.

from deploy.ray import ScoreFiles, seen_once
files = ray.data.from_items([{"path": path} for path in paths])
made = {"bundle": "run/bundle", "seen": seen_once()}
forecasts = files.map_batches(ScoreFiles, fn_constructor_kwargs=made, batch_size=1, num_cpus=1, concurrency=8)
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .arrow.roles import Names, Roles
from .arrow.scoring import OnError, score_batches
from .arrow.seen import keys_of
from .arrow.stamps import is_text
from .engine.providers import Providers
from .errors import DataError, UnsortedError
from .predictor import Predictor

if TYPE_CHECKING:
    import pyarrow as pa

Hashes = NDArray[np.uint64]
ROWS = 1 << 17  # of a record batch that is read
ROWS_AT_ONCE = 1 << 19  # of a table of forecasts: 24 MB; each goes through the store of objects by itself


class Seen:
    """The ids of all files and the file of each, which one actor of Ray keeps: 12 bytes an id.

    By chance two of 30 million have the same hash with a probability of 1 in 40,000.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # of files
        self._parts: list[tuple[Hashes, NDArray[np.uint32]]] = []  # ascending, each longer than the next

    def add(self, path: str, hashes: Hashes) -> tuple[int, str] | None:
        """Remember ids of a file; return the place of one that another file has, and that file.

        A file that is scored again, since an actor was killed, is the same file.
        """
        number = self._numbers.setdefault(path, len(self._numbers))
        is_new = np.ones(len(hashes), dtype=np.bool_)
        for known, files in self._parts:
            place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
            is_there = known[place] == hashes
            is_cut = is_there & (files[place] != number)
            if is_cut.any():
                first = int(is_cut.argmax())
                return first, list(self._numbers)[files[place[first]]]
            is_new &= ~is_there
        if is_new.any():
            self._keep(np.sort(hashes[is_new]), np.full(is_new.sum(), number, dtype=np.uint32))
        return None

    def _keep(self, hashes: Hashes, files: NDArray[np.uint32]) -> None:
        while self._parts and len(self._parts[-1][0]) <= 2 * len(hashes):
            before, files_before = self._parts.pop()
            hashes, files = np.concatenate([before, hashes]), np.concatenate([files_before, files])
            order = np.argsort(hashes, kind="stable")
            hashes, files = hashes[order], files[order]
        self._parts.append((hashes, files))


def seen_once() -> Any:
    """Start the actor that sees that no series is in two files; one for each time that files are scored."""
    import ray

    return ray.remote(num_cpus=0, max_restarts=0)(Seen).remote()


class ScoreFiles:
    """Forecasts of files, as an actor of Ray Data: a row {"path": ...} in, tables of forecasts out.

    A file holds whole series, the rows of each one after another, oldest first: Parquet, or whatever
    pyarrow's file systems open by a URI.
    """

    def __init__(
        self,
        bundle: str,
        seen: Any,
        *,
        id: Names = None,
        time: str | None = None,
        target: Names = None,
        levels: Sequence[float] | None = None,
        on_error: OnError = "row",
        providers: Providers = "cpu",
    ) -> None:
        """Load a bundle. seen: of seen_once. providers: "cuda" with num_gpus. Others: as of score_batches."""
        self._predictor = Predictor.load(bundle, providers=providers)
        self._roles = Roles.of(self._predictor.manifest, id, time, target, levels)
        self._seen, self._on_error = seen, on_error

    def __call__(self, batch: Mapping[str, Any]) -> Iterator["pa.Table"]:
        """Yield the forecasts of files. Raises UnsortedError for a series that is cut, DataError."""
        for path in batch["path"]:
            yield from self._score(str(path))

    def _score(self, path: str) -> Iterator["pa.Table"]:
        import pyarrow as pa

        roles, waiting = self._roles, list[pa.RecordBatch]()
        for made in score_batches(
            self._read(path),
            self._predictor,
            id=roles.ids,
            time=roles.time or "",
            target=roles.targets,
            levels=roles.levels,
            on_error=self._on_error,
        ):
            self._refuse_cut(path, made)
            waiting.append(made)
            if sum(map(len, waiting)) >= ROWS_AT_ONCE:
                yield pa.Table.from_batches(waiting)
                waiting = []
        if waiting:
            yield pa.Table.from_batches(waiting)

    def _read(self, path: str) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa
        from pyarrow import fs, parquet

        try:
            system, place = fs.FileSystem.from_uri(path) if "://" in path else (fs.LocalFileSystem(), path)
            opened = system.open_input_file(place)
            plain, read = parquet.read_schema(opened), [*self._roles.read]
            self._roles.check(plain)
            coded = [
                name for name in self._roles.ids if is_text(plain.field(name).type)
            ]  # looked at once each
            file = parquet.ParquetFile(opened, read_dictionary=coded)
            for group in range(file.num_row_groups):  # a read of several holds the pages of all
                yield from file.iter_batches(ROWS, [group], read, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{path} cannot be read: {error}") from None

    def _refuse_cut(self, path: str, made: "pa.RecordBatch") -> None:
        """Raise UnsortedError where another file has a series of this one."""
        import ray

        if not self._roles.ids:
            return
        firsts = np.arange(0, made.num_rows, self._predictor.manifest.horizon)
        keys = keys_of([made.column(name).take(firsts) for name in self._roles.ids])
        found = ray.get(self._seen.add.remote(path, _hashes(keys)))
        if found is not None:
            place, other = found
            raise UnsortedError(
                f"series {keys[place].decode()} is in {other} and in {path}, so it would be forecast twice, "
                "from parts of its history; write each series into one file"
            )


def _hashes(keys: Sequence[bytes]) -> Hashes:
    """Return a hash of each id that all processes agree on."""
    digests = b"".join(hashlib.blake2b(key, digest_size=8).digest() for key in keys)
    return np.frombuffer(digests, dtype=np.uint64)
