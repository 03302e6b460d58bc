"""One full history goes through a session of its own: with constants folded, and with the same bits."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from deploy import Predictor
from deploy.engine.folding import with_constants
from deploy.engine.providers import CPU
from deploy.engine.sessions import FOLDED, open_session

MakeArguments = Callable[..., dict[str, Any]]


def fresh(predictor: Predictor) -> Predictor:
    """A predictor of the same bundle that has no session yet."""
    return Predictor(predictor._sessions._bundle)


@pytest.mark.parametrize("horizon", [1, 2, None])
def test_one_full_history_has_the_bits_of_any_other_session(
    predictor: Predictor, make_arguments: MakeArguments, horizon: int | None
) -> None:
    context = predictor.manifest.context_length
    two = make_arguments(predictor, [context, context + 3], horizon)
    alone = {name: values if name == "horizon" else values[:1] for name, values in two.items()}
    quick = fresh(predictor)
    found = quick.forecast(**alone).quantiles
    assert list(quick._sessions._folded) == [horizon or predictor.manifest.horizon]
    assert not quick._sessions._sessions  # the other graph is not even loaded
    np.testing.assert_array_equal(found, quick.forecast(**two).quantiles[:1])


def test_a_shorter_history_and_several_are_not_folded(plain: Predictor) -> None:
    context = plain.manifest.context_length
    slow = fresh(plain)
    for history in (np.ones(context - 1), np.ones((2, context))):
        slow.forecast(history)
    assert not slow._sessions._folded


def test_sessions_are_kept_for_the_first_horizons_alone(plain: Predictor) -> None:
    predictor, history = fresh(plain), np.ones(plain.manifest.context_length)
    for horizon in range(1, FOLDED + 3):
        assert predictor.forecast(history, horizon).quantiles.shape[1] == horizon
    assert list(predictor._sessions._folded) == list(range(1, FOLDED + 1))


def test_threads_build_one_session(plain: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    predictor, history, built = fresh(plain), np.ones(plain.manifest.context_length), []

    def build(*given: Any) -> Any:
        built.append(given[2])
        return open_session(*given)

    monkeypatch.setattr("deploy.engine.sessions.open_session", build)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: predictor.forecast(history).quantiles, range(16)))
    assert len(built) == 1
    assert all(np.array_equal(found[0], other) for other in found)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are of Unix")
def test_a_child_process_begins_without_them(plain: Predictor) -> None:
    predictor = fresh(plain)
    predictor.forecast(np.ones(plain.manifest.context_length))
    predictor._sessions.after_fork()
    assert not predictor._sessions._folded


def test_constants_take_the_places_of_inputs(plain: Predictor) -> None:
    model = plain._sessions._bundle.files["forecast.onnx"]
    assert with_constants(model, {}) == model
    fixed = with_constants(model, {"horizon": np.array([3]), "lengths": np.array([5, 22])})
    session = open_session(fixed, [(CPU, {})])
    assert [value.name for value in session.get_inputs()] == ["history"]
    history = np.full((2, 22), 2.0, np.float32)
    history[0, 5:] = np.nan
    (found,) = session.run(None, {"history": history})
    given = {"history": history, "horizon": np.array([3]), "lengths": np.array([5, 22])}
    (expected,) = open_session(model, [(CPU, {})]).run(None, given)
    np.testing.assert_array_equal(found, expected)
