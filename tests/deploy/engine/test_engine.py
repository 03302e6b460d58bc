"""The engine runs a checked request: in chunks, by either way, from Predictor in one step."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy import BundleError, Predictor
from deploy.bundle.bundle import read_bundle
from deploy.engine.deadline import Deadline
from deploy.engine.engine import CHUNK, LARGE_CHUNK, MANY, Engine
from deploy.request.covariates import Covariates
from deploy.request.inputs import Request, check_request
from deploy.request.levels import with_levels

NEVER = Deadline(None)


class Told:
    """A session that passes runs on, and remembers the callers and the number of series of each."""

    def __init__(self, real: Any) -> None:
        self.real, self.callers, self.series = real, [], []

    def run(self, names: list[str], inputs: dict[str, Any]) -> Any:
        self.callers = [frame.function for frame in inspect.stack()[1:4]]
        self.series.append(len(inputs["lengths"]))
        return self.real.run(names, inputs)


def request_of(predictor: Predictor, series: int) -> Request:
    histories = [np.arange(1.0, 9.0 + number % 5) for number in range(series)]
    return check_request(predictor.manifest, histories, 3, Covariates())


def test_a_forecast_reaches_the_session_in_three_hops(
    plain: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Told(plain.engine.session("forecast.onnx"))
    monkeypatch.setattr(plain.engine, "session", lambda _: session)
    plain.forecast([1.0, 2.0, 3.0])
    assert session.callers == ["run", "publish", "forecast"]


@pytest.mark.parametrize(
    ("series", "chunks"),
    [(2 * CHUNK + 1, [CHUNK, CHUNK, 1]), (MANY + 1, [LARGE_CHUNK] * (MANY // LARGE_CHUNK) + [1])],
)
def test_many_series_are_run_in_chunks_with_the_bits_of_one_run(
    plain: Predictor, bundles: Path, series: int, chunks: list[int]
) -> None:
    session = Told(plain.engine.session("forecast.onnx"))
    engine = Engine(read_bundle(bundles / "plain"), lambda _: session)
    request = request_of(plain, series)
    found = engine.run(request, NEVER)
    assert session.series == chunks
    (whole,) = session.real.run(["quantiles"], request.tensors())
    np.testing.assert_array_equal(found, with_levels(plain.manifest, whole, request.levels[:, None, None]))


@pytest.mark.parametrize("method", ["graph", "step"])
def test_the_golden_cases_are_replayed_by_the_way_that_is_named(
    plain: Predictor, bundles: Path, monkeypatch: pytest.MonkeyPatch, method: Any
) -> None:
    engine, ways = Engine(read_bundle(bundles / "plain"), plain.engine.session), []
    run: Callable[..., Any] = engine.run
    monkeypatch.setattr(engine, "run", lambda *given: (ways.append(given[2]), run(*given))[1])
    assert engine.verify(method).cases == 2
    assert ways == [method, method]


def test_quantiles_of_another_shape_than_the_manifest_declares_are_refused(
    plain: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wide(Told):
        def run(self, names: list[str], inputs: dict[str, Any]) -> Any:
            return [found[..., None] for found in self.real.run(names, inputs)]

    session = Wide(plain.engine.session("forecast.onnx"))
    monkeypatch.setattr(plain.engine, "session", lambda _: session)
    with pytest.raises(BundleError, match=r"quantiles of shape \(1, 3, 9, 1\), expected \(1, 3, 9\)"):
        plain.engine.run(request_of(plain, 1), NEVER)
