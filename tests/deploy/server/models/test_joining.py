"""Several requests in one run: the bits of each are those that it has alone."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor
from deploy.engine.deadline import Deadline
from deploy.request.covariates import Covariates
from deploy.request.inputs import Request, check_request
from deploy.server.models.batcher import Job
from deploy.server.models.joining import compute, join

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


def jobs_of(requests: list[Request]) -> list[Job]:
    loop = asyncio.new_event_loop()
    loop.close()
    return [Job(request, Deadline(None), asyncio.Future(loop=loop)) for request in requests]


@pytest.mark.parametrize("name", ["plain", "covariates", "joint"])
@pytest.mark.parametrize("horizon", [1, 6, 13])
def test_a_request_has_the_same_bits_in_company(
    predictors: dict[str, Predictor], name: str, horizon: int
) -> None:
    predictor = predictors[name]
    requests = requests_of(predictor, horizon)
    together = compute(predictor.engine, jobs_of(requests))
    for request, found in zip(requests, together, strict=True):
        np.testing.assert_array_equal(found, predictor.engine.run(request, Deadline(None)))


def test_one_request_without_a_finite_forecast_fails_alone(predictors: dict[str, Predictor]) -> None:
    predictor = predictors["covariates"]
    requests = requests_of(predictor, 6)
    requests[1].history["history"][0, :2] = 3e38, -3e38
    found = compute(predictor.engine, jobs_of(requests))
    assert isinstance(found[1], InputError)
    assert [isinstance(outcome, np.ndarray) for outcome in found] == [True, False, True, True, True]


def test_joined_requests_keep_their_order(predictors: dict[str, Predictor]) -> None:
    requests = requests_of(predictors["plain"], 3)
    joined = join(requests)
    assert len(joined) == sum(map(len, requests))
    np.testing.assert_array_equal(joined.history["history"][1:3], requests[1].history["history"])
