"""What a caller knows beside the history: covariates along it and ahead of it, static categories."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import numbers, rank, refuse
from .bundle import Manifest
from .errors import InputError


def check_known(manifest: Manifest, known: Any, lengths: NDArray[np.int64]) -> list[NDArray[np.float32]]:
    """Known covariates along each history: one (time, covariate) per series, NaN = missing."""
    width, names = len(manifest.known), ", ".join(manifest.known)
    if known is None:
        raise InputError(f"this model needs known: the covariates {names} along each history")
    if rank(known) == 0:
        raise InputError(f"known: expected the covariates {names} along each history, found {known!r}")
    rows = [known] if len(lengths) == 1 and rank(known) == 2 else list(known)
    if len(rows) != len(lengths):
        raise InputError(f"known: {len(rows)} arrays for {len(lengths)} series")
    checked = [numbers(row, f"known of series {n}") for n, row in enumerate(rows)]
    for number, (row, length) in enumerate(zip(checked, lengths, strict=True)):
        kept = min(int(length), manifest.context_length)
        if row.ndim != 2 or row.shape[1] != width or len(row) < kept:
            raise InputError(
                f"known of series {number}: expected one row of {width} ({names}) for each of its last "
                f"{kept} values, found shape {row.shape}"
            )
    cut = [
        row[-min(int(length), manifest.context_length) :]
        for row, length in zip(checked, lengths, strict=True)
    ]
    for number, row in enumerate(cut):
        what, skipped = f"known of series {number}", len(checked[number]) - len(row)
        refuse(np.isinf(row), row, what, "a finite number, or NaN where missing", skipped)
    return cut


def check_future_known(manifest: Manifest, future: Any, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Known covariates of the steps to forecast: (batch, horizon, covariate), all finite."""
    (batch, horizon), names = shape, ", ".join(manifest.known)
    if future is None:
        raise InputError(
            f"this model needs future_known: the covariates {names} of the {horizon} coming steps"
        )
    values = numbers(future, "future_known")
    values = values[None] if values.ndim == 2 and batch == 1 else values
    if values.ndim != 3 or values.shape[0] != batch or values.shape[2] != len(manifest.known):
        raise InputError(
            f"future_known: expected shape ({batch}, {horizon}, {len(manifest.known)}) for {names}, "
            f"found {values.shape}"
        )
    if values.shape[1] < horizon:
        raise InputError(f"future_known: covers {values.shape[1]} steps, the horizon is {horizon}")
    values = values[:, :horizon]
    missing = np.argwhere(~np.isfinite(values))
    if len(missing):
        series, step, column = (int(i) for i in missing[0])
        found = values[series, step, column]
        raise InputError(
            f"future_known of series {series}: {manifest.known[column]!r} is {found} at step {step + 1}, "
            f"expected a finite number for each of the {horizon} steps"
        )
    return values


def encode_categories(manifest: Manifest, texts: ArrayLike | None, batch: int) -> NDArray[np.int64]:
    """Codes (batch, column) of static categories given as texts; an unknown text, or none, is code 0."""
    columns = list(manifest.vocabularies)
    codes = np.zeros((batch, len(columns)), dtype=np.int64)
    if texts is None:
        return codes
    table = np.asarray(texts, dtype=object)
    table = table[None] if table.ndim == 1 and batch == 1 else table
    if table.shape != codes.shape:
        raise InputError(
            f"static_cat: expected shape {codes.shape} for {', '.join(columns)}, found {table.shape}"
        )
    for column, name in enumerate(columns):
        code_of = {text: code for code, text in enumerate(manifest.vocabularies[name], start=1)}
        codes[:, column] = [code_of.get(str(text), 0) for text in table[:, column]]
    return codes
