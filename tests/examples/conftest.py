"""The examples, over the bundles of tests/deploy."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy import Predictor

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the examples."""
    return ROOT / "examples"


@pytest.fixture(scope="session")
def bundle() -> Path:
    """A monthly model of one series a forecast, six steps, with nothing beside the history."""
    return ROOT / "tests" / "deploy" / "bundles" / "plain"


@pytest.fixture(scope="session")
def predictor(bundle: Path) -> Predictor:
    """The model that the examples run."""
    return Predictor.load(bundle)
