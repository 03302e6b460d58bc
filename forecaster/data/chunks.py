"""A text file as pandas reads it chunk by chunk: texts become codes at once, so that few are ever held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Long enough to parse at full speed, short enough that its texts take little memory.
CHUNK_ROWS = 1 << 19
NUMBERS = "iuf"  # kinds of arrays that join to numbers

Encoded = tuple[NDArray[np.int32], Any]  # (rows,) codes, -1 = missing; an index of the distinct texts


class TypesDisagreeError(Exception):
    """A column is of one type here and of another there; only the whole file can tell which."""


def join_chunks(chunks: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All rows in one frame; texts are categories in order of first appearance.

    chunks: at least one, with the same columns. Raises TypesDisagreeError.
    """
    texts: dict[str, list[Encoded]] = {}
    others: dict[str, list[NDArray[Any]]] = {}
    names: list[str] = []
    for chunk in _read_ahead(iter(chunks)):
        names = list(chunk.columns)
        for name in names:
            column = chunk[name]
            if isinstance(column.dtype, pd.StringDtype):
                texts.setdefault(name, []).append(_encode(column))
            else:
                others.setdefault(name, []).append(column.to_numpy())
    if texts.keys() & others.keys():
        raise TypesDisagreeError
    columns: dict[str, Any] = {}
    for name in names:  # a part is freed as soon as it is joined: a large file would not fit twice
        columns[name] = _join_texts(texts.pop(name)) if name in texts else _join(others.pop(name))
    return pd.DataFrame(columns, copy=False)


def _read_ahead(chunks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The same chunks, each parsed while the one before is worked on."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, chunks, None)
            yield chunk


def _encode(column: pd.Series[str]) -> Encoded:
    codes, distinct = pd.factorize(column)
    return codes.astype(np.int32), distinct


def _join(parts: list[NDArray[Any]]) -> NDArray[Any]:
    kinds = {part.dtype.kind for part in parts}
    if len(kinds) > 1 and not kinds <= set(NUMBERS):
        raise TypesDisagreeError
    return np.concatenate(parts)


def _join_texts(parts: list[Encoded]) -> pd.Categorical:
    """The codes of each chunk as codes into the distinct texts of all."""
    distinct = parts[0][1].append([texts for _, texts in parts[1:]])
    numbers, texts = pd.factorize(distinct)
    starts = np.cumsum([0, *(len(of_part) for _, of_part in parts)])
    numbers = numbers.astype(np.min_scalar_type(-len(texts) - 1))
    codes = np.empty(sum(len(part) for part, _ in parts), dtype=numbers.dtype)
    row = 0
    for (part, _), begin, end in zip(parts, starts[:-1], starts[1:], strict=True):
        of_part = np.append(numbers[begin:end], numbers.dtype.type(-1))  # a missing text, -1, is the last
        codes[row : row + len(part)] = of_part[part]
        row += len(part)
    return pd.Categorical.from_codes(codes, categories=texts, validate=False)
