"""Record batches of rows or of lists as arrays of numbers, and where each series begins in them."""

from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..errors import ConfigError, InputError, UnsortedError
from ..time.timestep import MISSING_TIME, Timestamps
from .plain import from_numpy, is_missing, to_numpy
from .roles import Roles, is_list
from .stamps import Stamps, plain_type
from .steps import fixed_length

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Rows:
    """Rows of one or of several series, as arrays."""

    times: Timestamps | None  # (rows,) on the model's clock; None: not known
    numbers: dict[str, NDArray[np.float64]]  # (rows,) of each column, NaN = missing
    is_even: bool  # whether all rows of a series are known to stand a step apart

    def __len__(self) -> int:
        return len(next(iter(self.numbers.values())))

    def __getitem__(self, part: slice) -> "Rows":
        times = None if self.times is None else self.times[part]
        return Rows(times, {name: column[part] for name, column in self.numbers.items()}, self.is_even)

    @classmethod
    def joined(cls, parts: list[Self]) -> "Rows":
        """Return rows after rows."""
        if len(parts) == 1:
            return parts[0]
        times = [part.times for part in parts if part.times is not None]
        columns = {name: np.concatenate([part.numbers[name] for part in parts]) for name in parts[0].numbers}
        return cls(np.concatenate(times) if times else None, columns, all(part.is_even for part in parts))


@dataclass(frozen=True)
class Block:
    """Series one after another: the rows of series s are `offsets[s]` to `offsets[s + 1]`."""

    heads: pa.RecordBatch  # a row a series: its id, and what is static
    offsets: NDArray[np.int64]  # (series + 1,)
    rows: Rows

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, part: slice) -> "Block":
        begin, end, _ = part.indices(len(self))
        offsets = self.offsets[begin : end + 1]
        rows = self.rows[slice(int(offsets[0]), int(offsets[-1]))]
        return Block(self.heads.slice(begin, end - begin), offsets - offsets[0], rows)

    def take(self, series: NDArray[np.int64]) -> "Block":
        """Return some series, in that order."""
        sizes = np.diff(self.offsets)[series]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[series] - offsets[:-1], sizes)
        times = None if self.rows.times is None else self.rows.times[places]
        numbers = {name: column[places] for name, column in self.rows.numbers.items()}
        return Block(self.heads.take(from_numpy(series)), offsets, Rows(times, numbers, self.rows.is_even))


@dataclass(frozen=True)
class BatchReader:
    """Batches of one schema, read for a model."""

    roles: Roles
    schema: pa.Schema
    stamps: Stamps | None  # None: times are not known

    @classmethod
    def of(cls, roles: Roles, batch: pa.RecordBatch) -> Self:
        """Return the reader of batches like this one. Raises ConfigError."""
        roles.check(batch.schema)
        if roles.time is None:
            return cls(roles, batch.schema, None)
        column = batch.column(roles.time)
        values = column.flatten() if is_list(column.type) else column
        return cls(roles, batch.schema, Stamps.of(roles.manifest, roles.time, values))

    @property
    def are_lists(self) -> bool:
        """Return whether each row is a whole series."""
        return self.roles.are_lists(self.schema)

    def read(self, batch: pa.RecordBatch) -> Block:
        """Return the rows of a batch. Raises ConfigError for another schema, InputError, UnsortedError."""
        if not batch.schema.equals(self.schema):
            raise ConfigError(f"batches differ: the first had {self.schema}, another has {batch.schema}")
        return self._of_lists(batch) if self.are_lists else self._of_rows(batch)

    def _of_rows(self, batch: pa.RecordBatch) -> Block:
        begins = begins_of(batch, self.roles)
        starts = np.flatnonzero(begins)
        times = None if self.stamps is None else self.stamps.read(batch.column(self.stamps.name))
        heads = self._heads(batch.select(self.roles.heads).take(from_numpy(starts)))
        is_even = times is None or (
            not batch.column(self.roles.time).null_count
            and bool((begins[1:] | self.follows(times[:-1], times[1:])).all())
        )
        if times is not None and not is_even:
            back = np.flatnonzero((times[1:] < times[:-1]) & ~begins[1:] & (times[1:] != MISSING_TIME))
            if len(back):
                series = int(np.searchsorted(starts, back[0], side="right")) - 1
                raise goes_back(self, heads, series, times[back[0]], times[back[0] + 1])
        numbers = {name: to_numbers(batch.column(name)) for name in self.roles.numbers}
        return Block(heads, np.append(starts, batch.num_rows), Rows(times, numbers, is_even))

    def follows(self, before: Timestamps, after: Timestamps) -> NDArray[np.bool_]:
        """Return which times are known to be a step after others, and none is missing."""
        length = fixed_length(self.roles.manifest.time_step)
        found: NDArray[np.bool_]
        found = np.zeros(len(after), dtype=np.bool_) if length is None else after - before == length
        return found

    def _of_lists(self, batch: pa.RecordBatch) -> Block:
        """Return the flat values of lists; one that is shorter than others of its row misses its last."""
        lengths = {name: _lengths(batch.column(name)) for name in self.roles.numbers}
        sizes = np.maximum.reduce([*lengths.values(), np.ones(batch.num_rows, dtype=np.int64)])
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        numbers = {}
        for name, counts in lengths.items():
            flat = to_numbers(batch.column(name).flatten())
            numbers[name] = _placed(flat, counts, offsets, np.nan)
        times = self._list_times(batch, offsets, lengths[self.roles.targets[0]])
        return Block(self._heads(batch), offsets, Rows(times, numbers, is_even=times is None))

    def _list_times(
        self, batch: pa.RecordBatch, offsets: NDArray[np.int64], of_target: NDArray[np.int64]
    ) -> Timestamps | None:
        """Return a time for each row: that of a list, or counted from the time of the last value."""
        if self.stamps is None:
            return None
        column = batch.column(self.stamps.name)
        if is_list(column.type):
            return _placed(self.stamps.read(column.flatten()), _lengths(column), offsets, MISSING_TIME)
        sizes = np.diff(offsets)
        last = np.repeat(self.stamps.read(column), sizes)
        ahead = np.arange(offsets[-1]) - np.repeat(offsets[:-1] + of_target - 1, sizes)
        missing = last == MISSING_TIME
        shifted = self.roles.manifest.time_step.shift(np.where(missing, 0, last), ahead)
        return np.where(missing, MISSING_TIME, shifted)

    def _heads(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the columns that a series has one value of, without dictionaries. Raises InputError."""
        columns = {name: batch.column(name) for name in self.roles.heads}
        plain = {name: column.cast(plain_type(column.type)) for name, column in columns.items()}
        for name in self.roles.ids:
            if plain[name].null_count:
                raise InputError(f'column "{name}": an id is null; expected one in each row')
        if not plain:
            return pa.RecordBatch.from_arrays([pa.nulls(batch.num_rows)], [""])
        return pa.RecordBatch.from_pydict(plain)


def begins_of(batch: pa.RecordBatch, roles: Roles, before: pa.RecordBatch | None = None) -> NDArray[np.bool_]:
    """Return which rows are the first of a series: (rows,). before: the row before the batch; None: none."""
    if roles.are_lists(batch.schema):
        return np.ones(batch.num_rows, dtype=np.bool_)
    begins = np.zeros(batch.num_rows, dtype=np.bool_)
    begins[0] = before is None or not is_of_one_series(before, batch, roles)
    for name in roles.ids:
        begins[1:] |= _changes(batch.column(name))
    return begins


def is_of_one_series(before: pa.RecordBatch, after: pa.RecordBatch, roles: Roles) -> bool:
    """Return whether the last row of one batch and the first of another are of one series."""
    return all(before.column(name)[-1].as_py() == after.column(name)[0].as_py() for name in roles.ids)


def name_of(heads: pa.RecordBatch, roles: Roles, series: int) -> str:
    """Return how an error calls a series."""
    texts = [str(heads.column(name)[series]) for name in roles.ids]
    return f"series {'/'.join(texts)}" if texts else "the series"


def goes_back(
    reader: BatchReader, heads: pa.RecordBatch, series: int, before: int, after: int
) -> UnsortedError:
    """Return the error of a series whose rows do not ascend in time."""
    stamps, roles = reader.stamps, reader.roles
    said = [stamps.say(int(time)) for time in (before, after)] if stamps else []
    remedy = "" if roles.ids else "; if there are several series, name the column of their ids by id="
    return UnsortedError(
        f"{name_of(heads, roles, series)}: its times go back, from {' to '.join(said)}; "
        f"sort the rows by id and time{remedy}"
    )


def to_numbers(column: pa.Array) -> NDArray[np.float64]:
    """Return float64, NaN where null."""
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        column = column.cast(pa.float64())
    found: NDArray[np.float64] = to_numpy(column).astype(np.float64, copy=False)
    return np.where(is_missing(column), np.nan, found) if column.null_count else found


def _changes(column: pa.Array) -> NDArray[np.bool_]:
    """Return which values but the first differ from the one before: (rows - 1,)."""
    if pa.types.is_dictionary(column.type) and column.null_count == 0:
        codes = to_numpy(column.indices)
        changed: NDArray[np.bool_] = codes[1:] != codes[:-1]
        places = np.flatnonzero(changed)  # a dictionary may hold a value twice
        before, after = (column.dictionary.take(from_numpy(codes[at])) for at in (places, places + 1))
        changed[places] = to_booleans(pc.not_equal(before, after))
        return changed
    plain = column.cast(plain_type(column.type))
    return to_booleans(pc.not_equal(plain[1:], plain[:-1]))


def to_booleans(column: pa.Array) -> NDArray[np.bool_]:
    """Return truth values, true where null."""
    found: NDArray[np.bool_] = to_numpy(column)
    return found | is_missing(column) if column.null_count else found


def _lengths(column: pa.Array) -> NDArray[np.int64]:
    """Return the length of each list: (rows,), 0 where null."""
    counts = pc.list_value_length(column)
    found: NDArray[np.int64] = np.where(is_missing(counts), 0, to_numpy(counts)).astype(np.int64)
    return found


def _placed(
    flat: NDArray[Number], counts: NDArray[np.int64], offsets: NDArray[np.int64], missing: float
) -> NDArray[Number]:
    """Return lists one after another, each at its offset and as long as its rows."""
    if (counts == np.diff(offsets)).all():
        return flat
    found = np.full(offsets[-1], missing, dtype=flat.dtype)
    begins = np.cumsum(counts) - counts
    found[np.arange(len(flat)) + np.repeat(offsets[:-1] - begins, counts)] = flat
    return found
