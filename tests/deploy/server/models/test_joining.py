"""Several requests in one run, and one in slices: the bits of each are those that it has alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor
from deploy.engine.deadline import Deadline
from deploy.request.covariates import Covariates
from deploy.request.inputs import Request, check_request
from deploy.server.models import joining
from deploy.server.models.joining import JOINED, LocalRunner, Task, join, paced

LENGTHS = (1, 5, 22, 60, 17)


def requests_of(predictor: Predictor, horizon: int) -> list[Request]:
    """One to three series each, with what the model has beside them."""
    manifest, generator = predictor.manifest, np.random.default_rng(1)
    found = []
    for number, length in enumerate(LENGTHS):
        count = 1 + number % 3
        channels = (len(manifest.channels),) if manifest.channels else ()

        def along(width: int, count: int = count, length: int = length) -> Any:
            return generator.normal(size=(count, length, width)) if width else None

        coming = generator.normal(size=(count, horizon, len(manifest.known))) if manifest.known else None
        given = Covariates(
            last_timestamp=1_700_000_000 + 3600 * number,
            known=along(len(manifest.known)),
            future_known=coming,
            past=along(len(manifest.past)),
        )
        history = generator.uniform(1, 9, (count, length, *channels))
        found.append(check_request(manifest, history, horizon, given))
    return found


@pytest.mark.parametrize("name", ["plain", "covariates", "joint"])
@pytest.mark.parametrize("horizon", [1, 6, 13])
def test_a_request_has_the_same_bits_in_company(
    predictors: dict[str, Predictor], name: str, horizon: int
) -> None:
    predictor = predictors[name]
    requests = requests_of(predictor, horizon)
    together = LocalRunner(predictor.engine).together(requests)
    for request, found in zip(requests, together, strict=True):
        np.testing.assert_array_equal(found, predictor.engine.run(request, Deadline(None)))


def test_one_request_without_a_finite_forecast_fails_alone(predictors: dict[str, Predictor]) -> None:
    predictor = predictors["covariates"]
    requests = requests_of(predictor, 6)
    requests[1].history["history"][0, :2] = 3e38, -3e38
    found = LocalRunner(predictor.engine).together(requests)
    assert isinstance(found[1], InputError)
    assert [isinstance(outcome, np.ndarray) for outcome in found] == [True, False, True, True, True]


def test_joined_requests_keep_their_order(predictors: dict[str, Predictor]) -> None:
    requests = requests_of(predictors["plain"], 3)
    joined = join(requests)
    assert len(joined) == sum(map(len, requests))
    np.testing.assert_array_equal(joined.history["history"][1:3], requests[1].history["history"])


def test_paths_in_slices_have_the_bits_of_sample_paths(
    predictors: dict[str, Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor, runner = predictors["plain"], LocalRunner(predictors["plain"].engine)
    histories = [np.arange(1.0, 9.0), np.arange(9.0, 1.0, -1)]
    request = check_request(predictor.manifest, histories, 13, Covariates(*[None] * 6))
    monkeypatch.setattr(joining, "SLICE", 0.0)  # as short as can be
    slices = {seed: runner.slices(Task(request, 300, seed)) for seed in (5, 6)}
    found: dict[int, Any] = {}
    while slices:  # in turn, so that each finds the buffers as the other left them
        for seed in list(slices):
            try:
                next(slices[seed])
            except StopIteration as end:
                found[seed] = end.value
                del slices[seed]
    for seed, (quantiles, paths) in found.items():
        np.testing.assert_array_equal(quantiles, predictor.forecast(histories, 13).quantiles)
        np.testing.assert_array_equal(paths, predictor.sample_paths(histories, 13, 300, seed))


def test_many_series_in_slices_have_the_bits_of_one_run(predictors: dict[str, Predictor]) -> None:
    predictor = predictors["plain"]
    histories = np.random.default_rng(0).uniform(1, 9, (2 * JOINED + 5, 20))
    request = check_request(predictor.manifest, histories, 6, Covariates(*[None] * 6))
    slices = LocalRunner(predictor.engine).slices(Task(request))
    found = Deadline(None).finish(slices)
    np.testing.assert_array_equal(found, predictor.engine.run(request, Deadline(None)))


def test_a_computation_pauses_after_each_slice() -> None:
    taken: list[int] = []

    def steps() -> Any:
        for number in range(4):
            taken.append(number)
            yield
        return "done"

    paused = paced(steps(), 0.0)
    assert (next(paused), taken) == (None, [0])
    assert (next(paused), taken) == (None, [0, 1])
    assert Deadline(None).finish(paced(steps(), 1e9)) == "done"
