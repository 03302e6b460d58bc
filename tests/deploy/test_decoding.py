"""The loop over decoder_step.onnx: what is fed to each step and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deploy import BundleError
from deploy.decoding import decode, future_patch, run
from deploy.inputs import Request
from deploy.timestep import MISSING_TIME

PATCH = 5


class Recorder:
    """Stands in for an InferenceSession: keeps what it is fed and answers with `answer(inputs)`."""

    def __init__(self, answer: Callable[[dict[str, Any]], dict[str, Any]], outputs: list[str]) -> None:
        self.answer, self.outputs = answer, outputs
        self.fed: list[dict[str, Any]] = []

    def get_outputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=name) for name in self.outputs]

    def run(self, names: list[str], inputs: dict[str, Any]) -> list[Any]:
        self.fed.append(inputs)
        answer = self.answer(inputs)
        return [answer[name] for name in names]


ENCODING = {
    "h": np.zeros((2, 3), np.float32),
    "c": np.full((2, 3), 100, np.float32),
    "previous": np.full((2, PATCH), 200, np.float32),
    "location": np.full((2, 1), 7, np.float32),
    "scale": np.full((2, 1), 9, np.float32),
    "highway": np.full((2, 40), 11, np.float32),
    "static_state": np.full((2, 4), 13, np.float32),
}


def one_step(inputs: dict[str, Any]) -> dict[str, Any]:
    """State and feedback count the steps; the quantiles are the number of the step."""
    number = float(inputs["step"][0])
    return {
        "quantiles": np.full((2, PATCH, 9), number, np.float32),
        "next_quantiles": np.full((2, PATCH, 9), -1, np.float32),
        "feedback": inputs["previous"] + 1,
        "next_h": inputs["h"] + 1,
        "next_c": inputs["c"] + 1,
    }


def decoded(horizon: int, encoding: dict[str, Any] = ENCODING) -> tuple[Any, Recorder]:
    """Quantiles and the recorder of the steps for a batch of two."""
    encoder = Recorder(lambda _: encoding, list(encoding))
    step = Recorder(one_step, ["next_h", "quantiles", "feedback", "next_quantiles", "next_c"])
    request = Request(horizon, {"lengths": np.array([1, 1])}, {}, None)
    return decode(encoder, step, request, PATCH), step  # type: ignore[arg-type]


@pytest.mark.parametrize(("horizon", "steps"), [(1, 1), (4, 1), (5, 1), (6, 2), (10, 2), (11, 3), (40, 8)])
def test_every_begun_patch_takes_one_step(horizon: int, steps: int) -> None:
    assert len(decoded(horizon)[1].fed) == steps


@pytest.mark.parametrize("horizon", [1, 5, 6, 12])
def test_the_last_patch_is_cut_to_the_horizon(horizon: int) -> None:
    assert decoded(horizon)[0].shape == (2, horizon, 9)


def test_patches_follow_one_another() -> None:
    np.testing.assert_array_equal(decoded(12)[0][0, :, 0], [0] * 5 + [1] * 5 + [2] * 2)


@pytest.mark.parametrize(("name", "first"), [("h", 0), ("c", 100), ("previous", 200)])
def test_each_step_is_fed_what_the_one_before_returned(name: str, first: float) -> None:
    assert [float(inputs[name].flat[0]) for inputs in decoded(15)[1].fed] == [first, first + 1, first + 2]


@pytest.mark.parametrize("name", ["location", "scale", "highway", "static_state"])
def test_each_step_is_fed_the_same_constants(name: str) -> None:
    assert all(inputs[name] is ENCODING[name] for inputs in decoded(15)[1].fed)


@pytest.mark.parametrize("name", ["highway", "static_state"])
def test_a_constant_that_the_model_lacks_is_not_fed(name: str) -> None:
    fewer = {key: value for key, value in ENCODING.items() if key != name}
    assert all(name not in inputs for inputs in decoded(15, fewer)[1].fed)


def test_each_step_is_fed_its_number() -> None:
    steps = [inputs["step"] for inputs in decoded(15)[1].fed]
    assert [(step.dtype, step.tolist()) for step in steps] == [
        (np.int64, [0]),
        (np.int64, [1]),
        (np.int64, [2]),
    ]


def test_outputs_are_named() -> None:
    session = Recorder(lambda _: {"a": 1, "b": 2}, ["b", "a"])
    assert run(session, {}) == {"b": 2, "a": 1}  # type: ignore[arg-type]


FUTURE = Request(
    7,
    {"lengths": np.array([1, 1])},
    {
        "future_timestamps": np.arange(14).reshape(2, 7),
        "future_known": np.arange(28, dtype=np.float32).reshape(2, 7, 2),
    },
    None,
)


def test_a_patch_within_the_horizon_is_a_part_of_the_future() -> None:
    part = future_patch(FUTURE, 0, PATCH)
    np.testing.assert_array_equal(part["future_timestamps"], [[0, 1, 2, 3, 4], [7, 8, 9, 10, 11]])
    np.testing.assert_array_equal(part["future_known"], FUTURE.future["future_known"][:, :5])


def test_timestamps_beyond_the_horizon_are_missing() -> None:
    found = future_patch(FUTURE, 1, PATCH)["future_timestamps"]
    np.testing.assert_array_equal(found, [[5, 6, *[MISSING_TIME] * 3], [12, 13, *[MISSING_TIME] * 3]])


def test_known_values_beyond_the_horizon_are_missing() -> None:
    found = future_patch(FUTURE, 1, PATCH)["future_known"]
    np.testing.assert_array_equal(np.isnan(found[0, :, 0]), [False, False, True, True, True])


def test_padding_a_patch_keeps_its_types() -> None:
    part = future_patch(FUTURE, 1, PATCH)
    assert (part["future_timestamps"].dtype, part["future_known"].dtype) == (np.int64, np.float32)


def test_a_model_without_a_known_future_has_nothing_to_cut() -> None:
    assert future_patch(Request(7, {}, {}, None), 0, PATCH) == {}


def test_a_graph_that_fails_is_a_bundle_that_fails() -> None:
    def fail(_: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("no memory for 2^40 values")

    with pytest.raises(BundleError) as error:
        run(Recorder(fail, ["quantiles"]), {})  # type: ignore[arg-type]
    assert str(error.value) == "onnxruntime cannot run the graph: no memory for 2^40 values"


@pytest.mark.parametrize("shape", [(2, PATCH - 1, 9), (3, PATCH, 9), (2,), ()], ids=str)
def test_a_step_that_gives_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    def other(inputs: dict[str, Any]) -> dict[str, Any]:
        return {**one_step(inputs), "quantiles": np.zeros(shape, np.float32)}

    encoder = Recorder(lambda _: ENCODING, list(ENCODING))
    step = Recorder(other, ["next_h", "quantiles", "feedback", "next_quantiles", "next_c"])
    request = Request(6, {"lengths": np.array([1, 1])}, {}, None)
    with pytest.raises(BundleError, match=r"^the graph gives quantiles of shape \("):
        decode(encoder, step, request, PATCH)  # type: ignore[arg-type]
