"""The last values of series, judged: as a stream says of each, wherever batches are cut."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy import Predictor
from deploy.errors import ConfigError

pa = pytest.importorskip("pyarrow")

from deploy.arrow import blocks, score_batches, score_schema  # noqa: E402

pytestmark = pytest.mark.slow
LENGTHS = (3, 70, 1, 24, 25, 140, 8, 2, 400)
JUDGED = 6
# A stream keeps what it has said in float32, near its first median: far out, a chance shows that.
CHANCE = 1e-4


def table(batches: Iterator[Any]) -> Any:
    return pa.Table.from_batches(batches)


def cut(batch: Any, borders: list[int]) -> Iterator[Any]:
    ends = sorted({0, *(border for border in borders if border < batch.num_rows), batch.num_rows})
    for begin, end in pairwise(ends):
        yield batch.slice(begin, end - begin)


def told_by_streams(predictor: Predictor, one: Any, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """P-values and quantiles of the last values of a series, (step, D) and (step, D, level), by streams.

    A stream is opened before them and asked once; each value is the first that is observed after that.
    """
    manifest = predictor.manifest
    targets = np.stack([one.columns[name] for name in manifest.columns.targets], axis=1)
    observed = np.flatnonzero(~np.isnan(targets).all(axis=1))
    begin, end = observed[0], observed[-1] + 1
    judged = min(steps, (end - begin) // 2)
    anomalies = np.full((steps, targets.shape[1]), np.nan)
    quantiles = np.full((steps, targets.shape[1], len(manifest.quantile_levels)), np.nan, dtype=np.float32)
    if not judged:
        return anomalies, quantiles
    origin, values = end - judged, targets if manifest.channels else targets[:, 0]
    along = {
        name: np.stack([one.columns[column] for column in columns], axis=1)
        for name, columns in (("known", manifest.known), ("past", manifest.past))
        if columns
    }
    heads: dict[str, Any] = {}
    if manifest.vocabularies:
        heads["static_cat"] = [[one.heads[name] for name in manifest.vocabularies]]
    if manifest.static:
        heads["static"] = [[one.heads[name] for name in manifest.static]]
    last = int(manifest.time_step.shift(one.times[end - 1], np.array(-judged)))
    before = {name: rows[begin:origin] for name, rows in along.items()}
    stream = predictor.stream(values[begin:origin], last_timestamp=last, **before, **heads)
    coming = {"future_known": along["known"][origin : origin + steps]} if "known" in along else {}
    said = stream.forecast(steps, **coming).quantiles[0].reshape(steps, targets.shape[1], -1)
    quantiles[steps - judged :] = said[:judged]
    for lead in range(judged):
        one_of_them = copy.copy(stream)
        fresh = np.full_like(values[origin : origin + lead + 1], np.nan)
        fresh[-1] = values[origin + lead]
        one_of_them.update(fresh, **{name: rows[origin:][: lead + 1] for name, rows in along.items()})
        found = one_of_them.anomaly
        anomalies[steps - judged + lead] = np.nan if found is None else found
    return anomalies, quantiles


def test_a_value_has_the_p_value_and_the_quantiles_that_a_stream_gives_it(
    predictor: Predictor, make_series: Callable[..., Any], to_batch: Callable[..., Any]
) -> None:
    series, manifest = make_series(predictor, LENGTHS), predictor.manifest
    targets = manifest.columns.targets
    for number, one in enumerate(series):
        one.has_row[:] = True
        for name in (*manifest.known, *manifest.past):
            one.columns[name][:] = np.random.default_rng(number).standard_normal(len(one.times))
        end = len(one.times) - (manifest.horizon if manifest.known else 0)
        one.columns[targets[0]][end - 2] *= 4.0  # unusual
    found = table(score_batches([to_batch(series)], predictor, id="id", anomalies=JUDGED))
    steps = JUDGED + manifest.horizon
    shape = (len(series), len(targets), steps)
    assert found["step"].to_pylist()[:steps] == [*range(1 - JUDGED, manifest.horizon + 1)]
    anomalies = found["anomaly"].to_numpy(zero_copy_only=False).reshape(shape)
    names = [f"q{level:g}" for level in manifest.quantile_levels]
    quantiles = np.stack([found[name].to_numpy(zero_copy_only=False).reshape(shape) for name in names], -1)
    assert np.isnan(anomalies[:, :, JUDGED:]).all()
    assert np.nanmin(anomalies) < 1e-3
    for number, one in enumerate(series):
        expected, said = told_by_streams(predictor, one, JUDGED)
        np.testing.assert_allclose(anomalies[number, :, :JUDGED].T, expected, rtol=CHANCE)
        np.testing.assert_array_equal(np.moveaxis(quantiles[number, :, :JUDGED], 0, 1), said)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    borders=st.lists(st.integers(0, 700), max_size=12),
    seed=st.integers(0, 3),
    size=st.integers(1, 9),
    most_rows=st.integers(1, 200),
    steps=st.integers(1, 3),
)
def test_cuts_of_batches_change_no_bit_and_the_forecasts_stay_as_they_are(
    borders: list[int],
    seed: int,
    size: int,
    most_rows: int,
    steps: int,
    predictor: Predictor,
    make_series: Callable[..., Any],
    to_batch: Callable[..., Any],
) -> None:
    batch = to_batch(make_series(predictor, (*LENGTHS, 900), seed))
    whole = table(score_batches([batch], predictor, id="id", anomalies=steps))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "SERIES", size)
        patch.setattr(blocks, "ROWS", 50)
        patch.setattr(blocks, "MOST_ROWS", most_rows)
        found = table(score_batches(cut(batch, borders), predictor, id="id", anomalies=steps))
    assert found.equals(whole)
    plain = table(score_batches([batch], predictor, id="id"))
    is_coming = pa.compute.greater(whole["step"], 0)
    assert whole.filter(is_coming).select(plain.schema.names).equals(plain)


def test_rows_before_the_forecast_have_the_values_and_the_times_of_the_data(plain: Predictor) -> None:
    months = np.array(["2023-10", "2023-11", "2023-12", "2024-02"], dtype="datetime64[M]")
    batch = pa.record_batch(
        {"id": ["a"] * 4, "time": months.astype("datetime64[s]"), "y": [10.0, 11.0, 12.0, 13.0]}
    )
    found = table(score_batches([batch], plain, id="id", anomalies=3)).slice(0, 3).to_pydict()
    assert [str(time.date()) for time in found["time"]] == ["2023-12-01", "2024-01-01", "2024-02-01"]
    assert found["step"] == [-2, -1, 0]
    assert found["value"] == [12.0, None, 13.0]
    assert [chance is None for chance in found["anomaly"]] == [True, True, False]  # 5 steps: 2 are judged
    assert [level is None for level in found["q0.5"]] == [True, False, False]


def test_what_cannot_be_judged_says_why_and_is_forecast_nonetheless(
    covariates: Predictor, make_series: Callable[..., Any], to_batch: Callable[..., Any]
) -> None:
    series = make_series(covariates, (1, 40, 40))
    for one in series:
        one.has_row[:] = True
        for name in (*covariates.manifest.known, *covariates.manifest.past):
            one.columns[name][:] = 1.0
    series[1].columns["promo"][38] = np.nan
    found = table(score_batches([to_batch(series)], covariates, id="id", anomalies=2))
    errors = np.array(found["error"].to_pylist(), dtype=object).reshape(3, -1)
    assert errors[0, 0] == "it has no value before its last ones"
    assert "'promo' is nan at step 1, expected a finite number" in errors[1, 0]
    assert errors[2, 0] is None
    assert (errors[:, 2:] == None).all()  # noqa: E711
    chances = found["anomaly"].to_numpy(zero_copy_only=False).reshape(3, -1)
    assert np.isnan(chances[:2]).all()
    assert np.isfinite(chances[2, :2]).all()


def test_a_value_that_the_model_cannot_take_is_judged_or_has_no_p_value(
    plain: Predictor, make_series: Callable[..., Any], to_batch: Callable[..., Any]
) -> None:
    """Of logarithms: a value below 0 is as unusual as can be, and one that is not finite is no value."""
    series = make_series(plain, (30, 30))
    for one, value in zip(series, (-4.0, np.inf), strict=True):
        one.has_row[:], one.columns["y"][29] = True, value
    found = table(score_batches([to_batch(series)], plain, id="id", anomalies=1))
    below, not_finite = found["anomaly"].to_pylist()[:: 1 + plain.manifest.horizon]
    assert below < 1e-6
    assert not_finite is None
    assert found["error"].to_pylist()[0] is None


def test_targets_that_are_not_joint_are_judged_apart(plain: Predictor) -> None:
    generator = np.random.default_rng(2)
    columns = {name: np.exp(generator.normal(size=30)) for name in ("y", "z")}
    columns["z"][29] = 1e6
    batch = pa.record_batch({"id": ["a"] * 30, **columns})
    found = table(score_batches([batch], plain, id="id", time="", target=("y", "z"), anomalies=1))
    alone = [
        table(score_batches([batch], plain, id="id", time="", target=name, anomalies=1)) for name in columns
    ]
    wanted = pa.concat_tables(alone)
    assert found.select(wanted.schema.names).equals(wanted)
    assert found["anomaly"].to_pylist()[1 + plain.manifest.horizon] < 1e-6


def test_the_schema_is_known_before(plain: Predictor) -> None:
    batch = pa.record_batch({"id": ["a"] * 3, "y": [1.0, 2.0, 3.0]})
    schema = score_schema(batch.schema, plain.manifest, id="id", time="", levels=[0.5], anomalies=2)
    assert schema.names == ["id", "step", "value", "anomaly", "q0.5", "error"]
    found = table(score_batches([batch], plain, id="id", time="", levels=[0.5], anomalies=2))
    assert found.schema == schema


@pytest.mark.parametrize("steps", [-1, 1000])
def test_no_more_than_a_horizon_is_judged(plain: Predictor, steps: int) -> None:
    batch = pa.record_batch({"id": ["a"], "y": [1.0]})
    with pytest.raises(ConfigError, match=f"at most the {plain.manifest.horizon} steps .* found {steps}"):
        list(score_batches([batch], plain, id="id", time="", anomalies=steps))
