"""From checked arguments to the tensors of the graphs: names, types, alignment."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest

from deploy import DeadlineError, Predictor
from deploy.request.covariates import Covariates
from deploy.request.histories import BLOCK, check_histories
from deploy.request.inputs import Request, check_request
from deploy.time.timestep import MISSING_TIME

MakeArguments = Callable[..., dict[str, Any]]
HOUR = 3600
CONTEXT = 24


@pytest.fixture
def ask(covariates: Predictor, make_arguments: MakeArguments) -> Callable[..., Request]:
    """ask(lengths, horizon, **given): the request of the hourly model, with `given` in place of the rest."""

    def request(lengths: list[int], horizon: int = 7, **given: Any) -> Request:
        arguments = {**make_arguments(covariates, lengths, horizon), **given}
        history, steps = arguments.pop("history"), arguments.pop("horizon")
        return check_request(covariates.manifest, history, steps, Covariates(**arguments))

    return request


@pytest.mark.parametrize("part", ["names", "dtype", "shape"])
def test_tensors_are_what_the_manifest_declares(
    covariates: Predictor, ask: Callable[..., Request], part: str
) -> None:
    request = ask([24, 10], 7)
    sizes = {"batch": 2, "time": CONTEXT, "horizon": 7}
    tensors = {**request.history, **request.future, "horizon": np.array([request.horizon])}
    declared = covariates.manifest.graphs["forecast.onnx"]["inputs"]
    expected = {
        "names": sorted(declared),
        "dtype": {name: tensor["dtype"] for name, tensor in declared.items()},
        "shape": {name: [sizes.get(n, n) for n in tensor["shape"]] for name, tensor in declared.items()},
    }
    found = {
        "names": sorted(tensors),
        "dtype": {name: str(tensor.dtype) for name, tensor in tensors.items()},
        "shape": {name: list(tensor.shape) for name, tensor in tensors.items()},
    }
    assert found[part] == expected[part]


def test_a_short_history_stands_left_and_the_rest_is_missing(ask: Callable[..., Request]) -> None:
    found = ask([3], history=[1.0, 2.0, 3.0])
    whole = found.history["history"] + found.levels
    np.testing.assert_array_equal(whole, [[1.0, 2.0, 3.0, *[np.nan] * 21]])


def test_of_a_long_history_the_end_is_kept(ask: Callable[..., Request]) -> None:
    found = ask([30], history=np.arange(30))
    np.testing.assert_array_equal(found.history["history"] + found.levels, [np.arange(6, 30)])


def test_lengths_count_what_was_kept(ask: Callable[..., Request]) -> None:
    np.testing.assert_array_equal(ask([1, 24, 60]).history["lengths"], [1, 24, 24])


def test_known_stands_where_its_history_does(ask: Callable[..., Request]) -> None:
    known = [np.arange(6).reshape(3, 2), np.arange(60).reshape(30, 2)]
    found = ask([3, 30], known=known).history["known"]
    np.testing.assert_array_equal(found[0, :4, 0], [0, 2, 4, np.nan])
    np.testing.assert_array_equal(found[1, :, 1], np.arange(13, 60, 2))


@pytest.mark.parametrize("length", [1, 10, 24])
def test_a_history_ends_at_its_last_timestamp(ask: Callable[..., Request], length: int) -> None:
    found = ask([length], last_timestamp=1000 * HOUR).history["timestamps"][0, :length]
    np.testing.assert_array_equal(found, np.arange(1001 - length, 1001) * HOUR)


def test_a_long_history_ends_at_its_last_timestamp(ask: Callable[..., Request]) -> None:
    found = ask([60], last_timestamp=1000 * HOUR).history["timestamps"][0]
    np.testing.assert_array_equal(found, np.arange(1001 - CONTEXT, 1001) * HOUR)


def test_the_future_begins_one_step_after_the_last_timestamp(ask: Callable[..., Request]) -> None:
    found = ask([10, 24], 3, last_timestamp=[0, -HOUR]).future["future_timestamps"]
    np.testing.assert_array_equal(found, [[HOUR, 2 * HOUR, 3 * HOUR], [0, HOUR, 2 * HOUR]])


@pytest.mark.parametrize(("side", "name"), [("history", "timestamps"), ("future", "future_timestamps")])
def test_without_a_last_timestamp_every_time_is_missing(
    ask: Callable[..., Request], side: str, name: str
) -> None:
    assert (getattr(ask([10, 24], last_timestamp=None), side)[name] == MISSING_TIME).all()


def test_a_category_is_its_place_in_the_vocabulary_and_0_where_unknown(ask: Callable[..., Request]) -> None:
    texts = [["north", "toys"], ["west", "food"], ["nowhere", None]]
    found = ask([5, 5, 5], static_cat=texts).history["static_cat"]
    np.testing.assert_array_equal(found, [[1, 2], [3, 1], [0, 0]])


def test_chunks_are_the_series_in_their_order(ask: Callable[..., Request]) -> None:
    request = ask([3, 24, 10])
    chunks = list(request.chunks(2))
    assert [len(chunk) for chunk in chunks] == [2, 1]
    assert {chunk.horizon for chunk in chunks} == {request.horizon}
    for side in ("history", "future"):
        for name, tensor in getattr(request, side).items():
            np.testing.assert_array_equal(
                np.concatenate([getattr(chunk, side)[name] for chunk in chunks]), tensor
            )


def test_the_time_of_a_call_is_looked_at_before_each_history_covariate_and_time(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(covariates, [24] * 50, 12)
    history, horizon = list(map(np.ma.asarray, arguments.pop("history"))), arguments.pop("horizon")
    for name in ("known", "past"):
        arguments[name] = list(map(np.ma.asarray, arguments[name]))
    arguments["last_timestamp"] = arguments["last_timestamp"].tolist()
    looks = MagicMock()
    check_request(covariates.manifest, history, horizon, Covariates(**arguments), check_time=looks)
    assert looks.call_count >= 4 * 50  # history, known, past, last_timestamp


def test_the_time_of_a_call_is_looked_at_between_blocks_of_series_that_lie_together(plain: Predictor) -> None:
    looks = MagicMock()
    check_histories(plain.manifest, np.ones((3 * BLOCK, 2)), check_time=looks)
    assert looks.call_count == 3


@pytest.mark.parametrize("call", ["forecast", "sample_paths"])
def test_a_call_ends_at_its_deadline_while_its_series_are_checked(
    plain: Predictor, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    clock = itertools.count()
    monkeypatch.setattr("deploy.engine.deadline.time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr("deploy.predictor.check_paths", lambda *_: pytest.fail("all series were checked"))
    monkeypatch.setattr(plain.engine, "run", lambda *_: pytest.fail("all series were checked"))
    with pytest.raises(DeadlineError, match="longer than its timeout of 20 s"):
        getattr(plain, call)([(1.0, 2.0)] * 100, timeout=20)  # tuples are looked at one by one
