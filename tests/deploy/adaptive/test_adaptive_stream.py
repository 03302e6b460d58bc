"""Streams whose quantiles move with the values that follow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor, Stream
from deploy.adaptive.remembered import encode
from deploy.adaptive.said import MOST_GROUPS
from deploy.bundle.bundle import canonical, digest_of

LATER = ("latest", "surprise")
MODELS = ("plain", "covariates", "joint")


def fed(arguments: dict[str, Any], begin: int, end: int, stream: Stream) -> None:
    """Forecast before each value."""
    coming = {name: arguments[name] for name in ("future_known",) if name in arguments}
    for at in range(begin, end):
        stream.forecast(**coming)
        along = {name: arguments[name][0][at : at + 1] for name in ("known", "past") if name in arguments}
        stream.update(arguments["history"][0][at : at + 1], **along)


@pytest.fixture(params=MODELS)
def opened(
    request: pytest.FixtureRequest, make_arguments: Callable[..., dict[str, Any]]
) -> tuple[Predictor, dict[str, Any], Callable[..., Stream]]:
    predictor: Predictor = request.getfixturevalue(request.param)
    arguments = make_arguments(predictor, [90])

    def stream(**options: Any) -> Stream:
        beginning = {name: arguments[name][0][:30] for name in ("known", "past") if name in arguments}
        static = {name: arguments[name] for name in ("static_cat", "static") if name in arguments}
        return predictor.stream(arguments["history"][0][:30], **beginning, **static, **options)

    return predictor, arguments, stream


def quantiles_of(stream: Stream, arguments: dict[str, Any]) -> Any:
    return stream.forecast(**{n: arguments[n] for n in ("future_known",) if n in arguments}).quantiles


def test_what_was_said_moves_the_next_forecasts(opened: Any) -> None:
    _, arguments, make = opened
    adaptive, plain = make(), make(adaptive=False)
    for stream in (adaptive, plain):
        fed(arguments, 30, 60, stream)
    model = quantiles_of(plain, arguments)
    found = quantiles_of(adaptive, arguments)
    assert found.shape == model.shape
    assert (np.diff(found, axis=-1) >= 0).all()
    assert not np.array_equal(found, model)
    np.testing.assert_array_equal(found, quantiles_of(adaptive, arguments))  # asked twice, the same


def test_a_stream_that_said_nothing_is_the_model(opened: Any) -> None:
    _, arguments, make = opened
    adaptive, plain = make(), make(adaptive=False)
    for stream in (adaptive, plain):
        along = {name: arguments[name][0][30:60] for name in ("known", "past") if name in arguments}
        stream.update(arguments["history"][0][30:60], **along)
    assert adaptive.to_bytes() == plain.to_bytes()
    np.testing.assert_array_equal(quantiles_of(adaptive, arguments), quantiles_of(plain, arguments))


def test_bytes_keep_what_was_learnt_and_said(opened: Any) -> None:
    predictor, arguments, make = opened
    stream = make()
    fed(arguments, 30, 50, stream)
    again = Stream.from_bytes(predictor, stream.to_bytes())
    for each in (stream, again):
        fed(arguments, 50, 60, each)
    assert again.to_bytes() == stream.to_bytes()
    np.testing.assert_array_equal(quantiles_of(again, arguments), quantiles_of(stream, arguments))


def test_bytes_without_adaptation_are_the_models(opened: Any) -> None:
    predictor, arguments, make = opened
    stream, plain = make(), make(adaptive=False)
    for each in (stream, plain):
        fed(arguments, 30, 50, each)
    found = Stream.from_bytes(predictor, stream.to_bytes(), adaptive=False)
    np.testing.assert_array_equal(quantiles_of(found, arguments), quantiles_of(plain, arguments))
    assert found.to_bytes() == plain.to_bytes()


def test_several_values_at_once_teach_the_same(plain: Predictor) -> None:
    values = np.abs(np.random.default_rng(0).normal(5, 1, 40))
    one, other = (plain.stream(values[:30]) for _ in range(2))
    for stream in (one, other):
        stream.forecast()
    one.update(values[30:])
    for value in values[30:]:
        other.update(value)
    np.testing.assert_array_equal(one.forecast().quantiles, other.forecast().quantiles)


def test_an_update_that_is_refused_teaches_nothing(plain: Predictor) -> None:
    stream = plain.stream(np.arange(1.0, 20.0))
    stream.forecast()
    before = stream.to_bytes()
    with pytest.raises(InputError):
        stream.update([20.0, np.inf])
    assert stream.to_bytes() == before


def test_so_many_forecasts_wait_at_most(plain: Predictor) -> None:
    stream = plain.stream(np.arange(1.0, 20.0))
    horizon = plain.manifest.horizon
    for value in range(3 * horizon):
        stream.forecast()
        stream.update(20.0 + value)
    adaptation = stream._state.adaptation
    assert adaptation is not None
    assert len(adaptation.said) <= min(MOST_GROUPS, horizon)


def test_a_value_far_off_is_an_anomaly_until_the_next(plain: Predictor) -> None:
    stream = plain.stream(np.abs(np.random.default_rng(0).normal(5, 1, 40)))
    assert stream.anomaly is None
    median = float(stream.forecast(1).median[0, 0])
    stream.update(median)
    assert stream.anomaly == pytest.approx(1, abs=0.01)
    stream.forecast(1)
    stream.update(1e6)
    assert isinstance(stream.anomaly, float)
    assert stream.anomaly < 1e-6
    again = Stream.from_bytes(plain, stream.to_bytes())
    assert (again.anomaly, again.alarm) == (stream.anomaly, stream.alarm)
    stream.update(5.0)  # nothing was said of it
    assert stream.anomaly is None
    stream.forecast(1)
    stream.update(np.nan)
    assert stream.anomaly is None


def test_channels_of_a_joint_model_have_p_values_of_their_own(
    joint: Predictor, make_arguments: Callable[..., dict[str, Any]]
) -> None:
    arguments = make_arguments(joint, [90])
    values, known = arguments["history"][0], arguments["known"][0]
    stream = joint.stream(values[:30], known=known[:30])
    stream.forecast(future_known=arguments["future_known"])
    stream.update(values[30] + [1e6, *[0.0] * (values.shape[1] - 1)], known=known[30])
    p_values = stream.anomaly
    assert isinstance(p_values, np.ndarray)
    assert p_values.shape == (values.shape[1],)
    assert p_values[0] < 1e-6 < p_values[1]


def test_a_stream_that_is_not_adaptive_has_no_alarm(plain: Predictor) -> None:
    stream = plain.stream(np.arange(1.0, 20.0), adaptive=False)
    stream.forecast()
    stream.update(20.0)
    assert stream.anomaly is None
    assert stream.alarm is None


def test_a_series_that_changes_rings_the_alarm_for_good(plain: Predictor) -> None:
    generator = np.random.default_rng(1)
    values = 20 + generator.normal(0, 1, 150)
    stream = plain.stream(values[:50])
    for value in values[50:]:
        stream.forecast(1)
        stream.update(value)
    assert stream.alarm is not None
    assert not stream.alarm
    assert stream.alarm.compared == 100
    for step in range(30):
        stream.forecast(1)
        stream.update(20 * 1.5**step)
    assert stream.alarm
    assert Stream.from_bytes(plain, stream.to_bytes()).alarm


def test_bytes_of_the_version_before_are_read(plain: Predictor) -> None:
    stream = plain.stream(np.arange(1.0, 20.0))
    stream.forecast()
    stream.update(20.0)
    content = json.loads(stream.to_bytes())
    early = {name: content["adaptation"][name] for name in content["adaptation"] if name not in LATER}
    content = {**content, "version": 3, "adaptation": early}
    again = Stream.from_bytes(plain, canonical({**content, "digest": digest_of(content)}))
    np.testing.assert_array_equal(again.forecast().quantiles, stream.forecast().quantiles)
    assert again.anomaly is None


def test_a_short_forecast_teaches_its_steps(plain: Predictor) -> None:
    stream = plain.stream(np.arange(1.0, 20.0))
    stream.forecast(1)
    stream.update([20.0, 21.0])
    adaptation = stream._state.adaptation
    assert adaptation is not None
    assert adaptation.tracker.counts.sum() == 1
    assert not adaptation.said


def surprised(content: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {**content, "surprise": {**content["surprise"], **changed}}


FORGED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no fields": lambda _: {},
    "a text": lambda _: "adapted",
    "an infinite spread": lambda content: {**content, "spread": 1e300},
    "offsets of another model": lambda content: {**content, "offsets": content["drift"]},
    "a negative count": lambda content: {**content, "compared": -1},
    "said as a text": lambda content: {**content, "said": "much"},
    "said too much": lambda content: {**content, "said": content["said"] * 20},
    "said by halves": lambda content: {**content, "said": [{"origin": 1}]},
    "said of no steps": lambda content: {**content, "said": [{**content["said"][0], "quantiles": ""}]},
    "said in the future": lambda content: {**content, "said": [{**content["said"][0], "origin": 10**6}]},
    "a surprise of no fields": lambda content: {**content, "surprise": {}},
    "a p-value above 1": lambda content: surprised(content, p_values=encode(np.array([2.0]), "<f8")),
    "a capital below 0": lambda content: surprised(content, resting=encode(np.array([-1.0]), "<f8")),
    "capitals of other series": lambda content: surprised(content, resting=encode(np.ones(2), "<f8")),
    "counts of half a series": lambda content: surprised(content, counts="AAAA"),
    "no highest capital": lambda content: surprised(content, highest=0.5),
    "excesses below 0": lambda content: surprised(content, excesses=encode(-np.ones((1, 2, 3)), "<f8")),
    "surprised in the future": lambda content: surprised(content, at=10**6),
    "latest of another model": lambda content: {**content, "latest": {**content["said"][0], "anchor": ""}},
    "said long ago": lambda content: {**content, "steps": 10**6},
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_forged_adaptations_are_refused(plain: Predictor, forge: Callable[[dict[str, Any]], Any]) -> None:
    stream = plain.stream(np.arange(1.0, 20.0))
    stream.forecast()
    stream.update(20.0)
    content = json.loads(stream.to_bytes())
    assert content["version"] == 4
    forged = {**content, "adaptation": forge(content["adaptation"])}
    with pytest.raises(InputError):
        Stream.from_bytes(plain, canonical({**forged, "digest": digest_of(forged)}))
