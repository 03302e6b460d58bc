"""The loop in bound buffers equals the plain one, whatever its buffers held before."""

from __future__ import annotations

import copy
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from deploy import Predictor
from deploy.bundle.contract import DECODER_STEP, ENCODER
from deploy.engine.buffers import Device, device_of
from deploy.engine.deadline import Deadline
from deploy.engine.loop import IDLE_LOOPS, Loop, Loops, free_run, future_patch
from deploy.errors import BundleError, DeadlineError, InputError
from deploy.request.covariates import Covariates
from deploy.request.inputs import Request, Tensors, check_request
from deploy.time.timestep import MISSING_TIME

PATCH = 5
CONSTANT = ("location", "scale", "highway", "static_state")


def run(session: Any, inputs: Tensors) -> Tensors:
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def plain_loop(encoder: Any, decoder_step: Any, request: Request, patch_length: int) -> NDArray[np.float32]:
    """The reference: one run with named tensors after the other."""
    encoding = run(encoder, request.history)
    constant = {name: encoding[name] for name in CONSTANT if name in encoding}
    state = {name: encoding[name] for name in ("h", "c", "previous")}
    patches = []
    for step in range(-(-request.horizon // patch_length)):
        number = {"step": np.array([step], dtype=np.int64)}
        inputs = {**constant, **state, **number, **future_patch(request, step, patch_length)}
        outputs = run(decoder_step, inputs)
        patches.append(outputs["quantiles"])
        state = {"h": outputs["next_h"], "c": outputs["next_c"], "previous": outputs["feedback"]}
    return np.concatenate(patches, axis=1)[:, : request.horizon]


def request_for(predictor: Predictor, arguments: dict[str, Any], horizon: int) -> Request:
    history = arguments.pop("history")
    arguments.pop("horizon", None)
    return check_request(predictor.manifest, history, horizon, Covariates(**arguments))


def reference(predictor: Predictor, request: Request) -> NDArray[np.float32]:
    sessions = predictor.engine.session(ENCODER), predictor.engine.session(DECODER_STEP)
    return plain_loop(*sessions, request, predictor.manifest.patch_length)


def new_loop(predictor: Predictor, batch: int) -> Loop:
    return Loop(
        predictor.engine.session(ENCODER), predictor.engine.session(DECODER_STEP), predictor.manifest, batch
    )


@pytest.mark.parametrize("steps", ["one", "patch", "patch and one", "longest"])
def test_it_gives_the_bits_of_the_plain_loop(
    predictor: Predictor, make_arguments: Callable[..., dict[str, Any]], steps: str
) -> None:
    patch, longest = predictor.manifest.patch_length, predictor.manifest.max_horizon
    horizon = {"one": 1, "patch": patch, "patch and one": patch + 1, "longest": longest}[steps]
    loop = new_loop(predictor, 3)
    for lengths in ([30, 7, 1], [2, 50, 24]):  # the second finds what the first left in the buffers
        request = request_for(predictor, make_arguments(predictor, lengths, horizon), horizon)
        found = free_run(loop, request, patch, Deadline(None))
        np.testing.assert_array_equal(found, reference(predictor, request))


def test_it_goes_on_from_a_given_encoding(
    predictor: Predictor, make_arguments: Callable[..., dict[str, Any]]
) -> None:
    request = request_for(predictor, make_arguments(predictor, [30, 7], 1), 1)
    loop, future = new_loop(predictor, 2), future_patch(request, 0, predictor.manifest.patch_length)
    loop.step(0, future)  # so that the other state would be next
    loop.begin(run(predictor.engine.session(ENCODER), request.history))
    loop.step(0, future)
    np.testing.assert_array_equal(loop.quantiles()[:, :1], reference(predictor, request))


def test_a_step_follows_the_patch_that_it_is_fed(plain: Predictor) -> None:
    request = request_for(plain, {"history": [np.arange(1.0, 30.0)]}, 3)
    outputs = []
    for fed in (None, 0.25, 0.25, 3.0):
        loop = new_loop(plain, 1)
        loop.encode(request.history)
        loop.step(0, {})
        if fed is not None:
            loop.feed(np.array([[fed]], np.float32))
        loop.step(1, {})
        outputs.append(loop.quantiles("next_quantiles").copy())
    assert np.array_equal(outputs[1], outputs[2])
    assert not np.array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[1], outputs[3])


def test_a_loop_is_built_once_for_each_size(plain: Predictor) -> None:
    built: list[int] = []

    def build(batch: int) -> Loop:
        built.append(batch)
        return new_loop(plain, batch)

    loops = Loops(build)
    for batch in (1, 2, 1, 2):
        with loops.borrow(batch) as loop:
            assert loop.batch == batch
    assert built == [1, 2]
    with loops.borrow(1) as first, loops.borrow(1) as second:
        assert first is not second
    assert built == [1, 2, 1]


def test_only_so_many_loops_wait(plain: Predictor) -> None:
    loops = Loops(lambda batch: new_loop(plain, batch))
    for batch in range(1, IDLE_LOOPS + 5):
        with loops.borrow(batch):
            pass
    assert [loop.batch for loop in loops._idle] == list(range(5, IDLE_LOOPS + 5))


def test_a_loop_that_failed_is_not_used_again(plain: Predictor) -> None:
    loops = Loops(lambda batch: new_loop(plain, batch))
    with pytest.raises(KeyError), loops.borrow(1):
        raise KeyError
    assert loops._idle == []


class OnDevice:
    """A session of which only the provider and its options are known."""

    def __init__(self, provider: str, **options: str) -> None:
        self.provider, self.options = provider, options

    def get_providers(self) -> list[str]:
        return [self.provider, "CPUExecutionProvider"]

    def get_provider_options(self) -> dict[str, dict[str, str]]:
        return {self.provider: self.options}


@pytest.mark.parametrize(
    ("session", "device"),
    [
        (OnDevice("CPUExecutionProvider"), Device("cpu", 0)),
        (OnDevice("CUDAExecutionProvider"), Device("cuda", 0)),
        (OnDevice("CUDAExecutionProvider", device_id="1"), Device("cuda", 1)),
        (OnDevice("TensorrtExecutionProvider", device_id="1"), Device("cpu", 0)),
    ],
)
def test_tensors_lie_on_the_device_of_the_provider(session: Any, device: Device) -> None:
    assert device_of(session) == device


def test_inputs_are_bound_anew_before_each_run_where_they_may_have_been_copied(
    plain: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = plain.engine.session(DECODER_STEP)
    monkeypatch.setattr(session, "get_providers", lambda: ["XnnpackExecutionProvider"])
    binds = Counter[str]()
    make = session.io_binding

    def io_binding() -> Any:
        binding = make()
        bind = binding.bind_ortvalue_input
        monkeypatch.setattr(
            binding, "bind_ortvalue_input", lambda name, value: (binds.update([name]), bind(name, value))
        )
        return binding

    monkeypatch.setattr(session, "io_binding", io_binding)
    request = request_for(plain, {"history": [np.arange(1.0, 30.0)]}, 4)
    found = free_run(new_loop(plain, 1), request, 1, Deadline(None))
    np.testing.assert_array_equal(found, reference(plain, request))
    assert binds["step"] == 2 + 4  # two bindings, four steps


@pytest.mark.parametrize("graph", [ENCODER, DECODER_STEP])
def test_a_graph_that_fails_is_a_bundle_that_fails(
    plain: Predictor, monkeypatch: pytest.MonkeyPatch, graph: str
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("no memory for 2^40 values")

    loop = new_loop(plain, 1)
    monkeypatch.setattr(plain.engine.session(graph), "run_with_iobinding", fail)
    request = request_for(plain, {"history": [np.arange(1.0, 30.0)]}, 3)
    with pytest.raises(BundleError, match=r"^onnxruntime cannot run the graph: no memory for 2\^40 values$"):
        free_run(loop, request, 1, Deadline(None))


def test_a_step_that_gives_another_shape_than_it_declares_is_refused(plain: Predictor) -> None:
    graphs = copy.deepcopy(plain.manifest.graphs)
    graphs[DECODER_STEP]["outputs"]["quantiles"]["shape"] = ["batch", 1, 7]
    sessions = plain.engine.session(ENCODER), plain.engine.session(DECODER_STEP)
    loop = Loop(*sessions, replace(plain.manifest, graphs=graphs), 1)
    request = request_for(plain, {"history": [np.arange(1.0, 30.0)]}, 3)
    with pytest.raises(BundleError, match="onnxruntime cannot run the graph"):
        free_run(loop, request, 1, Deadline(None))


@pytest.mark.parametrize("method", ["graph", "step"])
def test_a_forecast_ends_at_its_deadline(
    plain: Predictor, monkeypatch: pytest.MonkeyPatch, method: Any
) -> None:
    assert plain.forecast([1.0, 2.0], method=method, timeout=60).median.shape == (1, 6)
    now = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(now)))
    with pytest.raises(DeadlineError, match=r"longer than its timeout of 0\.5 s"):
        plain.forecast([1.0, 2.0], method=method, timeout=0.5)


@pytest.mark.parametrize("timeout", [0, -1.0, "1", float("nan")])
def test_a_timeout_is_a_number_of_seconds(plain: Predictor, timeout: Any) -> None:
    with pytest.raises(InputError, match="timeout must be a number of seconds above 0"):
        plain.forecast([1.0, 2.0], timeout=timeout)


FUTURE = Request(
    7,
    {"lengths": np.array([1, 1])},
    {
        "future_timestamps": np.arange(14).reshape(2, 7),
        "future_known": np.arange(28, dtype=np.float32).reshape(2, 7, 2),
    },
    None,
    np.zeros(2),
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
    assert future_patch(Request(7, {}, {}, None, np.zeros(0)), 0, PATCH) == {}
