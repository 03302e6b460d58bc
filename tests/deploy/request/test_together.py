"""Series that lie together are taken, and refused, exactly as each of them by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from deploy import InputError, Predictor, TimeStep
from deploy.bundle.bundle import Manifest, read_bundle
from deploy.request import covariates, histories, moments
from deploy.request.arrays import pad
from deploy.request.covariates import check_along
from deploy.request.histories import check_each, check_histories
from deploy.request.levels import split_levels
from deploy.request.moments import check_last_timestamp, read_timestamps
from deploy.request.stacked import Stacked, Table, lay_together

BUNDLES = Path(__file__).parents[1] / "bundles"
PLAIN, JOINT, BOUNDED = (read_bundle(BUNDLES / name).manifest for name in ("plain", "joint", "covariates"))
MANIFESTS = {
    "logarithms": PLAIN,
    "bound": BOUNDED,
    "no bound": replace(BOUNDED, lower=None),
    "gaps expected": replace(PLAIN, training={"data": {"sparse_series": 1}}),
    "joint": JOINT,
}
# All that is refused, and what is nearly.
ODD = (0.0, -0.0, -1.0, -1e-12, 1e39, 3.4028235e38, -1e39, np.inf, -np.inf, np.nan, 1e-320)
VALUES = st.one_of(st.floats(1, 1e6), st.sampled_from((1.0, np.nan)), st.sampled_from(ODD))
USUAL = st.one_of(st.floats(1, 1e6), st.just(np.nan))
DTYPES = (np.float64, np.float32, np.float16, np.int64, np.uint8)


@st.composite
def batches(draw: st.DrawFn, axes: int, columns: int) -> Any:
    """Some series in one of the forms that lie together, some of which hold what is refused."""
    cells = draw(st.sampled_from((VALUES, USUAL, st.floats(1, 9))))
    longest = draw(st.sampled_from((3, 30, 60)))
    count = draw(st.integers(1, 5))
    is_table = draw(st.booleans())
    lengths = [draw(st.integers(0 if draw(st.integers(0, 9)) == 0 else 1, longest))] * count
    if not is_table:
        lengths = [draw(st.integers(1, longest)) for _ in lengths]
    dtype = draw(st.sampled_from(DTYPES))
    every = draw(st.sampled_from((1, 1, 2, 3)))
    rows = []
    for length in lengths:
        few = draw(st.lists(cells, min_size=1, max_size=8))
        shape = (length, columns) if axes == 2 else (length,)
        row = np.resize(np.array(few), shape)
        if every > 1:
            row[np.arange(length) % every != 0] = np.nan
        with np.errstate(all="ignore"):
            rows.append(row.astype(dtype))
    form = draw(st.sampled_from(("table", "list", "lists", "stacked")))
    if form == "table" and is_table:
        return np.stack(rows)
    if form == "lists" and axes == 1:
        return [row.tolist() for row in rows]
    if form == "stacked":
        ends = np.cumsum(lengths)
        return Stacked(np.concatenate(rows), ends - lengths, ends)
    return rows


def outcome(call: Any) -> Any:
    """What a call returns, or the words that it raises."""
    try:
        return call()
    except InputError as error:
        return str(error)


def one_by_one(manifest: Manifest, history: Any) -> tuple[NDArray[Any], ...]:
    """The reference: each series checked by itself."""
    each = check_each(manifest, history)
    left, levels = split_levels(manifest, pad(each, manifest.context_length))
    return left, levels, np.array([len(values) for values in each])


def assert_same(found: Any, expected: Any) -> None:
    """Equal bit for bit, the signs of zeros and the kinds of numbers too."""
    if isinstance(expected, str) or isinstance(found, str):
        assert found == expected
        return
    for one, other in zip(found, expected, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.tobytes() == other.tobytes()


@pytest.mark.filterwarnings("ignore:history of shape")
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("name", MANIFESTS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_histories_together_are_those_one_by_one(name: str, data: st.DataObject) -> None:
    manifest = MANIFESTS[name]
    history = data.draw(batches(2, 3) if manifest.channels else batches(1, 1))
    found = outcome(lambda: check_histories(manifest, history))
    if not isinstance(found, str):
        found = found.left, found.levels, found.lengths
    assert_same(found, outcome(lambda: one_by_one(manifest, history)))


ONES = [name for name in MANIFESTS if name != "joint"]


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("name", ONES)
@given(
    few=st.lists(st.one_of(VALUES, st.floats(1, 9), st.sampled_from((0.0, -0.0))), min_size=1, max_size=30),
    behind=st.integers(-1, 30),
    dtype=st.sampled_from(DTYPES),
    every=st.sampled_from((1, 1, 1, 2)),
)
@settings(max_examples=300, deadline=None)
def test_one_history_is_that_among_others(
    name: str, few: list[float], behind: int, dtype: type, every: int
) -> None:
    manifest = MANIFESTS[name]
    row = np.resize(np.array(few), manifest.context_length + behind)
    row[np.arange(len(row)) % every != 0] = np.nan
    with np.errstate(all="ignore"):
        row = row.astype(dtype)
    found = outcome(lambda: check_histories(manifest, row))
    if not isinstance(found, str):
        found = found.left, found.levels, found.lengths
    assert_same(found, outcome(lambda: one_by_one(manifest, row)))


@pytest.mark.parametrize("name", ONES)
def test_one_full_history_is_looked_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(histories, "lay_together")
    manifest = MANIFESTS[name]
    found = check_histories(manifest, np.arange(1, manifest.context_length + 9, dtype=np.float32))
    assert found.lengths == manifest.context_length


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@given(rows=batches(2, 2), data=st.data())
@settings(max_examples=150, deadline=None)
def test_covariates_together_are_those_one_by_one(rows: Any, data: st.DataObject) -> None:
    count = len(rows)
    lengths = np.array([data.draw(st.integers(1, 24)) for _ in range(count)])
    asked = ("known", ("a", "b"), rows, lengths)
    found = outcome(lambda: [check_along(*asked, 24)])
    assert_same(found, outcome(lambda: [pad(covariates._check_each(*asked, lambda: None), 24)]))


COUNTS = TimeStep(1, "index")
TIMES = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=4).map(np.array),
    st.lists(st.integers(0, 2**33), min_size=1, max_size=4).map(np.array),
    st.lists(st.integers(-(10**4), 10**5), min_size=1, max_size=4).map(lambda days: np.array(days, "M8[D]")),
    st.lists(st.integers(0, 2**60), min_size=1, max_size=4).map(lambda parts: np.array(parts, "M8[ns]")),
    st.just(np.array(["2024-01-01", "NaT"], "M8[s]")),
    st.just(np.array(["NaT"], "M8")),
    st.just(np.array(["2024-01-01", "2024-02-30"])),
    st.just(np.array([1.0, 2.0])),
    st.just(np.array([True])),
)


@given(last=TIMES, zone=st.sampled_from((None, "Europe/Berlin")), is_count=st.booleans())
@settings(max_examples=200, deadline=None)
def test_timestamps_together_are_those_one_by_one(last: Any, zone: str | None, *, is_count: bool) -> None:
    columns = replace(BOUNDED.columns, timezone=None if is_count else zone)
    manifest = replace(BOUNDED, columns=columns, time_step=COUNTS if is_count else BOUNDED.time_step)
    found = outcome(lambda: [check_last_timestamp(manifest, last, len(last))])
    one_by_one = "last_timestamp of series {}"
    assert_same(found, outcome(lambda: [read_timestamps(manifest, list(last), one_by_one)]))


@pytest.mark.parametrize(
    "history",
    [
        np.ones((3, 30)),
        np.ones((3, 9), np.float32),
        np.arange(1, 40),
        [1.0, 2.0],
        [np.ones(40), np.ones(3)],
        [[1.0, 2.0], [3.0]],
        Stacked(np.ones(9), np.array([0, 5]), np.array([4, 9])),
    ],
    ids=["table", "short table", "array", "list", "arrays", "lists", "stacked"],
)
def test_good_series_are_not_looked_at_one_by_one(
    plain: Predictor, history: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "check_each", None)
    assert len(plain.forecast(history).quantiles) == len(check_histories(plain.manifest, history).lengths)


def test_timestamps_of_an_array_are_not_looked_at_one_by_one(
    plain: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "read_timestamps", None)
    times = np.array(["2024-01-01", "2024-02-01"], "M8[D]")
    assert plain.forecast(np.ones((2, 30)), last_timestamp=times).timestamps is not None


def test_arrays_of_one_length_are_a_table_whose_past_is_not_copied() -> None:
    together = lay_together([np.arange(100.0), np.arange(90.0)], 1, 20)
    assert isinstance(together, Table)
    assert together.values.shape == (2, 20)


@pytest.mark.parametrize("count", [1, 63, 65, 511, 513, 600])
def test_a_series_has_the_same_bits_in_any_chunk(plain: Predictor, count: int) -> None:
    many = np.random.default_rng(0).uniform(1, 100, (600, 30)).astype(np.float32)
    found, few = plain.forecast(many[:count]).quantiles, plain.forecast(many[:7]).quantiles
    np.testing.assert_array_equal(found[:7], few[:count])
