"""Streams: what they forecast, what they refuse, and that they go on elsewhere."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor, Stream, TimeStep
from deploy.adaptive.stream_state import StreamState

pytestmark = pytest.mark.slow

Arguments = dict[str, Any]
MakeArguments = Callable[..., Arguments]
LENGTH = 90
MODELS = ("plain", "covariates", "joint", "hours in a zone", "days in a zone")
UPDATES = int(os.environ.get("UPDATES", "20000"))


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Predictor:
    """Each bundle, and one as if trained in a time zone, whose steps are hours and days."""
    steps = {"hours in a zone": TimeStep(1, "hour"), "days in a zone": TimeStep(1, "day")}
    if request.param in steps:
        zoned: Callable[[TimeStep], Predictor] = request.getfixturevalue("zoned")
        return zoned(steps[request.param])
    found: Predictor = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def whole(model: Predictor, make_arguments: MakeArguments) -> Arguments:
    """One series of 90 values across the change of the clock on 31 March, by the hour and by the day."""
    arguments = make_arguments(model, [LENGTH])
    return {**arguments, "last_timestamp": "2024-04-02T12:00" + ("Z" if model.manifest.clock else "")}


def opened(model: Predictor, whole: Arguments, length: int) -> Stream:
    """A stream of the first `length` values."""
    beginning = {name: whole[name][0][:length] for name in ("known", "past") if name in whole}
    static = {name: whole[name] for name in ("static_cat", "static") if name in whole}
    back = np.array([length - LENGTH])
    last = model.manifest.time_step.shift(on_the_clock(model, whole), back)
    moment = last if model.manifest.clock is None else model.manifest.clock.to_utc(last)
    return model.stream(whole["history"][0][:length], last_timestamp=int(moment[0]), **beginning, **static)


def on_the_clock(model: Predictor, whole: Arguments) -> Any:
    last = np.array([np.datetime64(whole["last_timestamp"].rstrip("Z"), "s").astype(np.int64)])
    return last if model.manifest.clock is None else model.manifest.clock.from_utc(last)


def update_to(stream: Stream, whole: Arguments, begin: int, end: int) -> None:
    along = {name: whole[name][0][begin:end] for name in ("known", "past") if name in whole}
    stream.update(whole["history"][0][begin:end], **along)


def coming(whole: Arguments) -> Arguments:
    return {name: whole[name] for name in ("future_known",) if name in whole}


@pytest.mark.parametrize("method", ["graph", "step"])
@pytest.mark.parametrize("seed", range(4))
def test_a_stream_forecasts_the_bits_of_the_whole_history(
    model: Predictor, whole: Arguments, seed: int, method: Any
) -> None:
    generator = np.random.default_rng(seed)
    first = int(generator.integers(1, LENGTH))
    stream, at = opened(model, whole, first), first
    while at < LENGTH:
        end = min(LENGTH, at + int(generator.choice([1, 2, 7, 60])))
        update_to(stream, whole, at, end)
        at = end
    found = stream.forecast(**coming(whole), method=method)
    expected = model.forecast(**whole, method=method)
    np.testing.assert_array_equal(found.quantiles, expected.quantiles)
    np.testing.assert_array_equal(found.timestamps, expected.timestamps)


def test_a_stream_keeps_a_context(model: Predictor, whole: Arguments) -> None:
    stream = opened(model, whole, 2)
    update_to(stream, whole, 2, LENGTH)
    assert len(stream) == len(stream.values) == model.manifest.context_length


def test_one_observation_needs_no_axis_of_time(covariates: Predictor, joint: Predictor) -> None:
    scalar = covariates.stream([1.0], known=np.zeros((1, 2)), past=np.zeros((1, 2)))
    scalar.update(2.5, known=[1.0, 2.0], past=[3.0, 4.0])
    np.testing.assert_array_equal(scalar.values, np.array([1.0, 2.5], dtype=np.float32))
    several = joint.stream(np.ones((2, 3)), known=np.zeros((2, 1)))
    several.update([1.0, 2.0, 3.0], known=[0.5])
    np.testing.assert_array_equal(several.values[-1], np.array([1.0, 2.0, 3.0], dtype=np.float32))


def test_months_are_counted_from_the_first_history(plain: Predictor) -> None:
    stream = plain.stream([1.0], last_timestamp="2024-01-31")
    for day in ("2024-02-29", "2024-03-31", "2024-04-30"):
        stream.update(2.0)
        assert stream.last_timestamp == np.datetime64(day, "s")


def test_without_a_calendar_the_last_timestamp_is_a_count(with_step: Callable[..., Predictor]) -> None:
    stream = with_step(TimeStep(10, "index")).stream([1.0], last_timestamp=5)
    stream.update([1.0, 2.0])
    assert stream.last_timestamp == 25


def test_without_a_last_timestamp_there_is_none_later(plain: Predictor) -> None:
    stream = plain.stream([1.0])
    stream.update(2.0)
    assert stream.last_timestamp is None
    assert stream.forecast().timestamps is None


# Of the plain model: (values, what is said)
REFUSED_UPDATES: dict[str, tuple[Any, str]] = {
    "an infinity": (
        [1.0, np.inf],
        "update 3, position 1: found inf, expected a finite number, or NaN where missing",
    ),
    "a value under the logarithm": (
        -1.0,
        "update 3, position 0: found -1.0, expected above 0 (this model takes logarithms)",
    ),
    "what float32 cannot hold": (
        np.array([1e39]),
        "update 3, position 0: found 1e+39, expected within float32, below 3.4e38",
    ),
    "a text": ("5", "update 3: expected numbers, found dtype <U1"),
    "None": (None, "update 3: expected numbers, found dtype object"),
    "a boolean": (True, "update 3: expected numbers, found dtype bool"),
    "no values": ([], "update 3 is empty; expected at least 1 value"),
    "two axes": ([[1.0]], "update 3: expected one value a step, found shape (1, 1)"),
}


@pytest.mark.parametrize(("values", "expected"), REFUSED_UPDATES.values(), ids=REFUSED_UPDATES)
def test_an_update_that_cannot_be_used_is_named_and_changes_nothing(
    plain: Predictor, values: Any, expected: str
) -> None:
    stream = plain.stream([1.0], last_timestamp="2024-01-31")
    stream.update(2.0)
    stream.update([3.0, np.nan])
    before = stream.to_bytes()
    with pytest.raises(InputError) as error:
        stream.update(values)
    assert str(error.value) == expected
    assert stream.to_bytes() == before


# Of the model with covariates: (arguments of an update of 2 values, what is said)
REFUSED_ROWS: dict[str, tuple[Arguments, str]] = {
    "no known": ({"past": np.ones((2, 2))}, "known of update 1: this model needs promo, temperature along"),
    "no past": ({"known": np.ones((2, 2))}, "past of update 1: this model needs visitors, stock along"),
    "too few rows": (
        {"known": np.ones((1, 2)), "past": np.ones((2, 2))},
        "known of update 1: 1 rows for 2 new values",
    ),
    "too many rows": (
        {"known": np.ones((2, 2)), "past": np.ones((3, 2))},
        "past of update 1: 3 rows for 2 new values",
    ),
    "one column": (
        {"known": np.ones((2, 1)), "past": np.ones((2, 2))},
        "known of update 1: expected one row of 2 (promo, temperature) for each of its last 2 values",
    ),
    "an infinity": (
        {"known": np.ones((2, 2)), "past": [[1.0, 2.0], [np.inf, 3.0]]},
        "past of update 1, position (1, 0): found inf, expected a finite number, or NaN where missing",
    ),
    "texts": (
        {"known": [["a", "b"]] * 2, "past": np.ones((2, 2))},
        "known of update 1: expected numbers, found dtype <U1",
    ),
}


@pytest.mark.parametrize(("rows", "expected"), REFUSED_ROWS.values(), ids=REFUSED_ROWS)
def test_rows_beside_an_update_that_cannot_be_used_are_named_and_change_nothing(
    covariates: Predictor, rows: Arguments, expected: str
) -> None:
    stream = covariates.stream([1.0], known=np.ones((1, 2)), past=np.ones((1, 2)))
    before = stream.to_bytes()
    with pytest.raises(InputError) as error:
        stream.update([1.0, 2.0], **rows)
    assert str(error.value).startswith(expected)
    assert stream.to_bytes() == before


def test_a_channel_too_few_is_refused(joint: Predictor) -> None:
    stream = joint.stream(np.ones((2, 3)), known=np.zeros((2, 1)))
    with pytest.raises(
        InputError, match=r"^update 1: expected 3 values a step \(x, y, z\), found shape \(1, 2\)"
    ):
        stream.update([1.0, 2.0], known=[0.0])


def test_covariates_of_a_model_without_them_are_refused(plain: Predictor) -> None:
    with pytest.raises(InputError, match=r"^this model has no known-future covariates; leave out "):
        plain.stream([1.0]).update(2.0, known=[1.0])


def test_a_stream_is_one_series(plain: Predictor) -> None:
    with pytest.raises(InputError, match=r"^a stream is one series, found 2$"):
        plain.stream([[1.0], [2.0]])


def test_a_context_of_gaps_is_refused_by_the_forecast(plain: Predictor) -> None:
    stream = plain.stream([1.0])
    stream.update(np.full(22, np.nan))
    with pytest.raises(InputError, match=r"^series 0: its last 22 values are all NaN; "):
        stream.forecast()


def test_a_stream_does_not_change_with_what_it_was_opened_on(plain: Predictor) -> None:
    history = np.arange(1.0, 9.0, dtype=np.float32)
    stream = plain.stream(history)
    before = stream.forecast().quantiles
    history[:] = 99
    stream.values[:] = 99
    np.testing.assert_array_equal(stream.forecast().quantiles, before)


def test_a_stream_of_bytes_goes_on_where_it_was(model: Predictor, whole: Arguments) -> None:
    stream = opened(model, whole, 40)
    update_to(stream, whole, 40, 50)
    again = Stream.from_bytes(model, stream.to_bytes())
    for each in (stream, again):
        update_to(each, whole, 50, LENGTH)
    assert again.to_bytes() == stream.to_bytes()
    expected = model.forecast(**whole)
    found = again.forecast(**coming(whole))
    np.testing.assert_array_equal(found.quantiles, expected.quantiles)
    np.testing.assert_array_equal(found.timestamps, expected.timestamps)


FRESH = """
import sys
from deploy import Predictor, Stream
stream = Stream.from_bytes(Predictor.load({bundle!r}), bytes.fromhex({data!r}))
stream.update([2.5, 3.5])
print(stream.forecast().quantiles.tobytes().hex(), stream.last_timestamp)
"""


def test_a_fresh_process_goes_on_to_the_same_bits(
    plain: Predictor, bundles: Path, run_python: Callable[..., str]
) -> None:
    stream = plain.stream([1.0, np.nan, 3.1], last_timestamp="2024-01-31")
    stream.update(0.1)
    data = stream.to_bytes()
    stream.update([2.5, 3.5])
    found = run_python(FRESH.format(bundle=str(bundles / "plain"), data=data.hex()))
    assert found == f"{stream.forecast().quantiles.tobytes().hex()} {stream.last_timestamp}"


def test_a_stream_does_not_grow_with_its_updates(plain: Predictor) -> None:
    stream = plain.stream([1.0], last_timestamp=0)
    stream.update(np.ones(100))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(UPDATES):
        stream.update(1.0 + number % 7)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    # The context is 88 bytes; a float32 kept of every update would be 80,000.
    assert grown < 4096


def test_updates_of_several_threads_are_all_there(plain: Predictor) -> None:
    stream = plain.stream([1.0], last_timestamp=0)

    def feed() -> None:
        for _ in range(200):
            stream.update([1.0, 2.0])
            stream.forecast(1)

    threads = [threading.Thread(target=feed) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state: StreamState = stream._state
    assert (state.updates, state.steps) == (1600, 3200)
    np.testing.assert_array_equal(stream.values, np.array([1.0, 2.0] * 11, dtype=np.float32))
