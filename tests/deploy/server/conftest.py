"""Services under test: on free ports, in processes of their own, over the bundles of tests/deploy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running import BUNDLES, Service

from deploy import Predictor

NAMES = ("plain", "covariates", "joint")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """start(*arguments, **environment): a service that ends with the test; by default of the plain bundle."""
    started: list[Service] = []

    def begin(*arguments: str, **environment: str) -> Service:
        named = arguments if any("bundles" in text for text in arguments) else (bundle("plain"), *arguments)
        started.append(Service(tmp_path, *named, **environment))
        return started[-1]

    yield begin
    for service in started:
        service.kill()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service of all bundles for all that changes nothing in it; `plain` is the first."""
    arguments = [f"{name}={BUNDLES / name}" for name in NAMES]
    running = Service(tmp_path_factory.mktemp("service"), *arguments)
    yield running
    running.kill()


@pytest.fixture(scope="session")
def predictors() -> dict[str, Predictor]:
    """The same models without a service."""
    return {name: Predictor.load(BUNDLES / name) for name in NAMES}


@pytest.fixture(scope="session")
def examples(service: Service) -> dict[str, dict[str, Any]]:
    """A request for each model, as the service itself gives it."""
    return {model["name"]: model["example"] for model in service.get("/models")["models"]}


def bundle(name: str) -> str:
    """A bundle as the command line takes it."""
    return str(BUNDLES / name)
