"""Made-up series as rows of Arrow, and what score_batches has to say of them, one series at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from deploy import InputError, Predictor
from deploy.bundle.bundle import Manifest

pa = pytest.importorskip("pyarrow")

MISSING_SHARE, NO_ROW_SHARE = 0.05, 0.05
START = np.datetime64("2021-03-01", "s").astype(np.int64)


@dataclass(frozen=True)
class Series:
    """One series: every step of it, of which some have no row."""

    id: str
    times: NDArray[np.int64]  # (steps,)
    columns: Mapping[str, NDArray[np.float64]]  # targets and covariates, NaN = missing
    has_row: NDArray[np.bool_]
    heads: Mapping[str, Any]  # what is static


@pytest.fixture(scope="session")
def make_series() -> Callable[..., list[Series]]:
    """make_series(predictor, lengths, seed=0): a series of each length, and what is known ahead."""

    def make(predictor: Predictor, lengths: Sequence[int], seed: int = 0) -> list[Series]:
        generator = np.random.default_rng([seed, *lengths])
        return [
            _make(predictor.manifest, generator, f"series {number}", length)
            for number, length in enumerate(lengths)
        ]

    return make


def _make(manifest: Manifest, generator: np.random.Generator, name: str, length: int) -> Series:
    ahead = manifest.horizon if manifest.known else 0
    steps = length + ahead
    start = START + 86400 * int(generator.integers(0, 28))
    times = manifest.time_step.shift(np.full(steps, start), np.arange(steps))
    columns = {}
    for target in manifest.columns.targets:
        values = 10 * np.exp(0.1 * generator.standard_normal(steps))
        values[generator.random(steps) < MISSING_SHARE] = np.nan
        values[length - 1] = 10.0
        values[length:] = np.nan
        columns[target] = values
    for covariate in (*manifest.known, *manifest.past):
        columns[covariate] = generator.standard_normal(steps)
    has_row = generator.random(steps) >= NO_ROW_SHARE
    has_row[[0, length - 1]] = True
    has_row[length:] = True
    for column in columns.values():
        column[~has_row] = np.nan
    heads = {column: str(generator.choice(texts)) for column, texts in manifest.vocabularies.items()}
    heads |= {column: float(generator.standard_normal()) for column in manifest.static}
    return Series(name, times, columns, has_row, heads)


@pytest.fixture(scope="session")
def to_batch() -> Callable[[Iterable[Series]], Any]:
    """to_batch(series): all of them as rows of one record batch, without the steps that have no row."""

    def convert(series: Iterable[Series]) -> Any:
        tables = [
            pa.table(
                {
                    "id": [one.id] * int(one.has_row.sum()),
                    "time": one.times[one.has_row].astype("datetime64[s]"),
                    **{name: values[one.has_row] for name, values in one.columns.items()},
                    **{name: [value] * int(one.has_row.sum()) for name, value in one.heads.items()},
                }
            )
            for one in series
        ]
        return pa.concat_tables(tables).combine_chunks().to_batches()[0]

    return convert


@pytest.fixture(scope="session")
def expect() -> Callable[..., dict[str, NDArray[np.float32] | str]]:
    """expect(predictor, series): the quantiles of each id by Predictor.forecast, or the text of its error."""

    def ask_one_by_one(
        predictor: Predictor, series: Iterable[Series]
    ) -> dict[str, NDArray[np.float32] | str]:
        return {one.id: _ask(predictor, one) for one in series}

    return ask_one_by_one


def _ask(predictor: Predictor, one: Series) -> NDArray[np.float32] | str:
    manifest, steps = predictor.manifest, predictor.manifest.horizon
    targets = np.stack([one.columns[name] for name in manifest.columns.targets], axis=1)
    observed = np.flatnonzero(~np.isnan(targets).all(axis=1))
    if not len(observed):
        return "no value"
    rows, after = slice(observed[0], observed[-1] + 1), slice(observed[-1] + 1, observed[-1] + 1 + steps)
    given: dict[str, Any] = {"last_timestamp": [int(one.times[observed[-1]])], "horizon": steps}
    given["history"] = [targets[rows] if manifest.channels else targets[rows, 0]]
    if manifest.known:
        known = np.stack([one.columns[name] for name in manifest.known], axis=1)
        given |= {"known": [known[rows]], "future_known": [known[after]]}
    if manifest.past:
        given["past"] = [np.stack([one.columns[name] for name in manifest.past], axis=1)[rows]]
    if manifest.vocabularies:
        given["static_cat"] = [[one.heads[name] for name in manifest.vocabularies]]
    if manifest.static:
        given["static"] = [[one.heads[name] for name in manifest.static]]
    try:
        return predictor.forecast(**given).quantiles[0].astype(np.float32)
    except InputError as error:
        return str(error)
