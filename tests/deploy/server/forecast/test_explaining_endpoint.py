"""POST /forecast says what forecasts rest on, and lets values be imposed on sample paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from running import BUNDLES, Service

from deploy import Predictor

pytestmark = pytest.mark.slow

PARTS = ("level", "linear", "recurrent", "bound")


@pytest.fixture(scope="module", params=[(), ("--isolate",)], ids=["here", "isolated"])
def serving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of a bundle that explains and of one exported before, in its process and in others."""
    named = [f"{name}={BUNDLES / name}" for name in ("explained", "joint")]
    running = Service(tmp_path_factory.mktemp("explaining"), *named, *request.param)
    yield running
    running.kill()


def body(**asked: Any) -> dict[str, Any]:
    values = [10 + step % 4 + step / 9 for step in range(20)]
    series = {"values": values, "known": {"promo": [0.0] * 20}, "future_known": {"promo": [1.0] * 6}}
    series |= {"static": {"shop": "north"}, "last_timestamp": "2024-01-01T20:00:00"}
    return {"horizon": 6, "series": [series], **asked}


def test_parts_sum_to_the_median_and_shares_to_1(serving: Service) -> None:
    (found,) = serving.forecast(body(explain=True))["forecasts"]
    explained = found["explanation"]
    parts = np.array([explained[name] for name in PARTS])
    np.testing.assert_allclose(parts.sum(axis=0), found["median"], rtol=1e-5)
    assert sum(explained["rests_on"].values()) == pytest.approx(1)
    assert list(explained["rests_on"].values()) == sorted(explained["rests_on"].values(), reverse=True)
    assert explained["sentence"].startswith("It rests to ")
    assert explained["made_of"].startswith("The level is ")
    made = Predictor.load(BUNDLES / "explained").forecast(
        body()["series"][0]["values"],
        6,
        known=np.zeros((20, 1)),
        future_known=np.ones((6, 1)),
        static_cat=["north"],
        last_timestamp="2024-01-01T20:00:00",
    )
    assert explained["sentence"] == made.explain().sentence()


def test_an_explanation_goes_with_paths(serving: Service) -> None:
    (found,) = serving.forecast(body(explain=True, paths=3))["forecasts"]
    assert np.array(found["paths"]).shape == (3, 6)
    assert "explanation" in found
    assert "explanation" not in serving.forecast(body(paths=3))["forecasts"][0]


def test_imposed_values_are_those_of_every_path_and_move_the_rest(serving: Service) -> None:
    asked = body(paths=50)
    free = np.array(serving.forecast(asked)["forecasts"][0]["paths"])
    asked["series"][0]["fixed"] = [None, 30.0]
    held = np.array(serving.forecast(asked)["forecasts"][0]["paths"])
    assert (held[:, 1] == 30.0).all()
    np.testing.assert_allclose(held[:, 0], free[:, 0], rtol=1e-5)  # as they are written
    assert (held[:, 2:] > free[:, 2:] + 0.1).any()


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"explain": 1}, 400, "explain: expected true or false, found 1"),
        ({"series": [body()["series"][0]] * 5, "explain": True}, 413, "explain: 5 series, at most 4"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    serving: Service, change: dict[str, Any], status: int, said: str
) -> None:
    found = serving.refusal({**body(), **change})
    assert found[0] == status
    assert said in found[1]


def test_values_that_cannot_be_imposed_are_refused(serving: Service) -> None:
    asked = body()
    asked["series"][0]["fixed"] = [1.0]
    assert serving.refusal(asked) == (
        422,
        "fixed: values are imposed on sample paths; ask for some by paths",
    )
    asked = body(paths=2)
    asked["series"][0]["fixed"] = [1.0] * 7
    assert serving.refusal(asked) == (422, "series[0].fixed: 7 values for 6 steps")
    asked["series"][0]["fixed"] = [-5.0]
    status, said = serving.refusal(asked)
    assert status == 422
    assert "at least 0" in said or "-5" in said


def test_a_bundle_of_before_says_so_and_forecasts(serving: Service) -> None:
    example = next(model for model in serving.get("/models")["models"] if model["name"] == "joint")["example"]
    example["model"] = "joint"
    assert serving.forecast(example)["forecasts"]
    status, said = serving.refusal({**example, "explain": True})
    assert status == 422
    assert "exported before forecasts could be explained; export its run again" in said
