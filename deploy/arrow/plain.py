"""Arrays of Arrow as arrays of numpy, and back, by their buffers.

pyarrow's own ways import pandas where it is installed, which takes as long as the forecasts of 40,000 series
and 60 MB.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def to_numpy(column: pa.Array) -> NDArray[Any]:
    """Return numbers, or truth values; those of nulls are any. Times are the whole numbers that they are."""
    kind, begin, end = column.type, column.offset, column.offset + len(column)
    buffer = column.buffers()[1]
    if buffer is None or not len(column):  # of nulls alone there may be none
        return np.zeros(len(column), dtype=_dtype(kind))
    if pa.types.is_boolean(kind):
        return _bits(buffer, begin, end)
    found: NDArray[Any] = np.frombuffer(buffer, dtype=_dtype(kind), count=end)[begin:]
    return found


def is_missing(column: pa.Array) -> NDArray[np.bool_]:
    """Return which values are null."""
    if not column.null_count:
        return np.zeros(len(column), dtype=np.bool_)
    validity = column.buffers()[0]
    if validity is None:
        return np.ones(len(column), dtype=np.bool_)
    return ~_bits(validity, column.offset, column.offset + len(column))


def from_numpy(
    values: NDArray[Any], missing: NDArray[np.bool_] | None = None, kind: pa.DataType | None = None
) -> pa.Array:
    """Return numbers as an array of Arrow, null where missing. kind: by default that of numpy."""
    validity = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    buffers = [validity, pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(kind or pa.from_numpy_dtype(values.dtype), len(values), buffers)


def _bits(buffer: pa.Buffer, begin: int, end: int) -> NDArray[np.bool_]:
    octets = np.frombuffer(buffer, dtype=np.uint8)[begin // 8 : -(-end // 8)]
    bits = np.unpackbits(octets, bitorder="little")[begin % 8 :][: end - begin]
    return bits.view(np.bool_)


def _dtype(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "bool"
    letter = "f" if pa.types.is_floating(kind) else "u" if pa.types.is_unsigned_integer(kind) else "i"
    return f"{letter}{kind.bit_width // 8}"
