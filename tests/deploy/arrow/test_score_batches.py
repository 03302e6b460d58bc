"""Record batches through a predictor: each series once, bit-equal, wherever batches are cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy import InputError, Predictor, UnsortedError
from deploy.errors import ConfigError

pa = pytest.importorskip("pyarrow")

from deploy.arrow import blocks, score_batches, score_schema  # noqa: E402

pytestmark = pytest.mark.slow
LENGTHS = (3, 70, 1, 24, 25, 140, 8, 2, 400)
BORDERS = st.lists(st.integers(0, 700), max_size=12)


def cut(batch: Any, borders: list[int]) -> Iterator[Any]:
    ends = sorted({0, *(border for border in borders if border < batch.num_rows), batch.num_rows})
    for begin, end in pairwise(ends):
        yield batch.slice(begin, end - begin)


def table(batches: Iterator[Any]) -> Any:
    return pa.Table.from_batches(batches)


def quantiles(predictor: Predictor, found: Any) -> np.ndarray:
    """(rows, quantile)."""
    return np.stack([found[f"q{level:g}"].to_numpy() for level in predictor.manifest.quantile_levels], axis=1)


def check(predictor: Predictor, found: Any, expected: dict[str, Any]) -> None:
    """Hold forecasts against those of each series alone, in order."""
    per_series = predictor.manifest.horizon * max(len(predictor.manifest.channels), 1)
    assert found["id"].to_pylist() == [name for name in expected for _ in range(per_series)]
    values, errors = quantiles(predictor, found), found["error"].to_pylist()
    for number, forecast in enumerate(expected.values()):
        rows = slice(number * per_series, (number + 1) * per_series)
        if isinstance(forecast, str):
            assert np.isnan(values[rows]).all()
            assert None not in errors[rows]
        else:
            by_target = np.moveaxis(forecast, 1, 0) if forecast.ndim > 2 else forecast
            np.testing.assert_array_equal(values[rows], by_target.reshape(per_series, -1))
            assert errors[rows] == [None] * per_series


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(borders=BORDERS, seed=st.integers(0, 3))
def test_forecasts_are_those_of_each_series_alone_wherever_batches_are_cut(
    borders: list[int],
    seed: int,
    predictor: Predictor,
    make_series: Callable[..., Any],
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
) -> None:
    series = make_series(predictor, LENGTHS, seed)
    found = table(score_batches(cut(to_batch(series), borders), predictor, id="id"))
    check(predictor, found, expect(predictor, series))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(borders=BORDERS, size=st.integers(1, 4), most_rows=st.integers(1, 200))
def test_small_blocks_and_rows_that_are_let_go_change_nothing(
    borders: list[int],
    size: int,
    most_rows: int,
    covariates: Predictor,
    make_series: Callable[..., Any],
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
) -> None:
    series = make_series(covariates, (5, 900, 30, 1, 620))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "SERIES", size)
        patch.setattr(blocks, "ROWS", 50)
        patch.setattr(blocks, "MOST_ROWS", most_rows)
        found = table(score_batches(cut(to_batch(series), borders), covariates, id="id"))
    check(covariates, found, expect(covariates, series))


def test_a_series_that_cannot_be_forecast_is_rows_without_quantiles_and_with_a_reason(
    plain: Predictor,
    make_series: Callable[..., Any],
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
) -> None:
    series = make_series(plain, (30, 30, 30, 30, 12))
    series[1].columns["y"][27] = np.inf
    series[2].columns["y"][:] = np.nan
    series[3].columns["y"][20] = -4.0
    found = table(score_batches([to_batch(series)], plain, id="id"))
    check(plain, found, expect(plain, series))
    reasons = found["error"].to_pylist()[:: plain.manifest.horizon]
    assert reasons == [
        None,
        "position 27: found inf, expected a finite number, or NaN where missing",
        "it has no observed value",
        "position 20: found -4.0, expected above 0 (this model takes logarithms)",
        None,
    ]
    with pytest.raises(InputError, match="series series 1: position 27: found inf"):
        list(score_batches([to_batch(series)], plain, id="id", on_error="raise"))


def test_known_covariates_that_end_too_early_are_an_error_of_their_series(
    covariates: Predictor, make_series: Callable[..., Any], to_batch: Callable[..., Any]
) -> None:
    series = make_series(covariates, (30, 30))
    series[0].has_row[-2:] = False
    found = table(score_batches([to_batch(series)], covariates, id="id"))
    horizon = covariates.manifest.horizon
    assert "'promo' is nan at step 11, expected a finite number" in found["error"].to_pylist()[0]
    assert found["error"].to_pylist()[horizon:] == [None] * horizon


def test_rows_off_the_step_and_two_at_one_time_are_errors_of_their_series(plain: Predictor) -> None:
    days = [
        "2024-01-01",
        "2024-02-01",
        "2024-02-15",
        "2024-03-01",
        *["2024-01-01", "2024-01-01", "2024-02-01"],
    ]
    batch = pa.record_batch(
        {"id": ["a"] * 4 + ["b"] * 3, "time": np.array(days, dtype="datetime64[s]"), "y": [1.0] * 7}
    )
    found = table(score_batches([batch], plain, id="id"))
    assert found["error"].to_pylist()[:: plain.manifest.horizon] == [
        "2024-02-15T00:00:00 is no whole number of steps (1 month) from 2024-03-01T00:00:00",
        "it has two rows at 2024-01-01T00:00:00",
    ]
    coming = found["time"].to_pylist()
    assert [str(coming[0].date()), str(coming[plain.manifest.horizon].date())] == ["2024-04-01", "2024-03-01"]


@pytest.mark.parametrize("borders", [[], [1], [2], [3], [4]])
def test_an_id_that_returns_raises(plain: Predictor, borders: list[int]) -> None:
    batch = pa.record_batch({"id": ["a", "a", "b", "a", "c"], "y": [1.0] * 5})
    with pytest.raises(UnsortedError, match="series a returns after another one"):
        list(score_batches(cut(batch, borders), plain, id="id", time=""))


@pytest.mark.parametrize("borders", [[], [1], [2], [3], [4]])
def test_times_that_go_back_raise(plain: Predictor, borders: list[int]) -> None:
    days = np.array(
        ["2024-01-01", "2024-02-01", "2024-03-01", "2024-01-01", "2024-04-01"], dtype="datetime64[s]"
    )
    batch = pa.record_batch({"id": ["a", "b", "b", "b", "c"], "time": days, "y": [1.0] * 5})
    with pytest.raises(UnsortedError, match=r"series b: its times go back, from 2024-03-01.* to 2024-01-01"):
        list(score_batches(cut(batch, borders), plain, id="id"))


def test_rows_of_several_series_without_ids_raise(plain: Predictor) -> None:
    days = np.array(["2024-01-01", "2024-02-01", "2024-01-01"], dtype="datetime64[s]")
    batch = pa.record_batch({"time": days, "y": [1.0, 2.0, 3.0]})
    with pytest.raises(UnsortedError, match="name the column of their ids by id="):
        list(score_batches([batch], plain))


def test_lists_give_what_rows_give(
    predictor: Predictor, make_series: Callable[..., Any], expect: Callable[..., Any]
) -> None:
    series = make_series(predictor, (3, 70, 24, 25))
    for one in series:
        one.has_row[:] = True
    names = list(series[0].columns)
    columns = {name: [one.columns[name] for one in series] for name in names}
    ends = {one.id: int(np.flatnonzero(~np.isnan(one.columns["y"])).max()) + 1 for one in series}
    for name in predictor.manifest.columns.targets:  # they may be shorter than what is known ahead
        columns[name] = [one.columns[name][: ends[one.id]] for one in series]
    heads = {name: [one.heads[name] for one in series] for name in series[0].heads}
    ids = {"id": [one.id for one in series]}
    last = np.array([one.times[ends[one.id] - 1] for one in series]).astype("datetime64[s]")
    whole = [one.times.astype("datetime64[s]") for one in series]
    for times in (pa.array(last), pa.array(whole)):
        batch = pa.record_batch({**ids, "time": times, **columns, **heads})
        found = table(score_batches(cut(batch, [1, 2]), predictor, id="id"))
        check(predictor, found, expect(predictor, series))


def test_several_targets_that_are_not_joint_are_forecast_apart(
    plain: Predictor,
    make_series: Callable[..., Any],
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
) -> None:
    one = make_series(plain, (30, 12))
    batch = to_batch(one)
    second = np.concatenate([series.columns["y"][series.has_row] for series in one])[::-1]
    both = pa.record_batch({**{name: batch[name] for name in batch.schema.names}, "x": second})
    found = table(score_batches([both], plain, id="id", target=["y", "x"]))
    horizon = plain.manifest.horizon
    assert found["target"].to_pylist() == (["y"] * horizon + ["x"] * horizon) * 2
    of_y = found.filter(pa.compute.equal(found["target"], "y"))
    check(plain, of_y, expect(plain, one))
    alone = table(score_batches([both], plain, id="id", target="x"))
    of_x = found.filter(pa.compute.equal(found["target"], "x")).drop_columns("target")
    assert of_x.equals(alone.cast(of_x.schema))


def test_levels_horizon_and_no_times(
    plain: Predictor, make_series: Callable[..., Any], to_batch: Callable[..., Any]
) -> None:
    (one,) = make_series(plain, (30,))
    one.has_row[:] = True
    batch = to_batch([one])
    found = table(score_batches([batch], plain, id=(), time="", levels=[0.9, 0.1], horizon=8))
    assert found.schema.names == ["step", "q0.9", "q0.1", "error"]
    assert found["step"].to_pylist() == [1, 2, 3, 4, 5, 6, 7, 8]
    expected = plain.forecast(one.columns["y"], 8).quantiles[0, :, [8, 0]].astype(np.float32)
    np.testing.assert_array_equal(np.stack([found["q0.9"], found["q0.1"]]), expected)


def test_the_schema_is_known_before_any_batch(
    predictor: Predictor, make_series: Callable[..., Any], to_batch: Callable[..., Any]
) -> None:
    batch = to_batch(make_series(predictor, (30, 12)))
    coming = score_schema(batch.schema, predictor.manifest, id="id", levels=[0.5])
    (found,) = score_batches([batch], predictor, id="id", levels=[0.5])
    assert found.schema == coming


def test_nothing_gives_nothing(plain: Predictor) -> None:
    empty = pa.record_batch({"id": pa.array([], pa.string()), "time": pa.array([], pa.timestamp("s"))})
    assert list(score_batches([], plain)) == []
    assert list(score_batches([empty], plain)) == []


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"y": [1.0]}, {"id": "id", "time": ""}, 'no column "id" among y; name the column by id='),
        ({"y": [1.0]}, {}, 'no column "time" among y; name the column by time='),
        ({"y": ["a"]}, {"time": ""}, 'column "y" has the type string; expected numbers'),
        ({"y": [1.0], "time": [1.5]}, {}, 'column "time" has the type double; expected timestamps'),
        ({"y": [1.0]}, {"time": "", "levels": [0.42]}, "level 0.42 was not trained"),
        ({"y": [1.0], "q0.5": ["a"]}, {"id": "q0.5", "time": ""}, 'would be called "q0.5"; rename one'),
        ({"y": [[1.0]]}, {"time": ""}, "name the column of their ids by id="),
        ({"y": [1.0]}, {"time": "", "on_error": "skip"}, "on_error must be 'row' or 'raise', found 'skip'"),
    ],
)
def test_what_does_not_fit_is_said(
    plain: Predictor, columns: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")):
        list(score_batches([pa.record_batch(columns)], plain, **options))


def test_a_null_id_and_batches_of_different_columns_are_refused(plain: Predictor) -> None:
    with pytest.raises(InputError, match='column "id": an id is null'):
        list(score_batches([pa.record_batch({"id": ["a", None], "y": [1.0, 2.0]})], plain, id="id", time=""))
    first, other = (pa.record_batch({"id": ["a"], "y": values}) for values in ([1.0], [1]))
    with pytest.raises(ConfigError, match="batches differ"):
        list(score_batches([first, other], plain, id="id", time=""))
