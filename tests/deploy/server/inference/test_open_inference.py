"""The Open Inference Protocol as tritonclient speaks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from running import BUNDLES, Service
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from deploy import Predictor
from deploy.time.timestep import MISSING_TIME

Tensors = dict[str, np.ndarray[Any, Any]]
HISTORY = np.array([[5.0, 6.0, np.nan, 8.0, 7.0], [1.0, 2.0, 3.0, np.nan, np.nan]], dtype=np.float32)
PLAIN: Tensors = {"history": HISTORY, "lengths": np.array([5, 3]), "horizon": np.array([4])}


@pytest.fixture
def client(service: Service) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(f"127.0.0.1:{service.port}") as connected:
        yield connected


MANY = {"history": np.ones((500, 22), np.float32), "lengths": np.full(500, 22), "horizon": np.array([18])}


def inputs_of(tensors: Tensors, *, binary: bool = True) -> list[Any]:
    inputs = []
    for name, values in tensors.items():
        tensor = triton.InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
        inputs.append(tensor.set_data_from_numpy(values, binary_data=binary))
    return inputs


def whole(tensors: Tensors) -> Tensors:
    """Without NaN, which JSON does not have."""
    return {**tensors, "history": np.nan_to_num(tensors["history"], nan=4.0)}


def expected(predictors: dict[str, Predictor], tensors: Tensors = PLAIN) -> np.ndarray[Any, Any]:
    rows = [row[:length] for row, length in zip(tensors["history"], tensors["lengths"], strict=True)]
    made = predictors["plain"].forecast(rows, int(tensors["horizon"][0]))
    return made.quantiles.astype(np.float32)  # as the protocol has them


def test_the_server_says_that_it_is_live_and_ready(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("plain")
    assert client.is_model_ready("plain", "1")
    assert not client.is_model_ready("nothing")
    assert not client.is_model_ready("plain", "2")


def test_the_server_says_what_it_is(client: triton.InferenceServerClient) -> None:
    found = client.get_server_metadata()
    assert found["name"] == "lstm-forecaster"
    assert "binary_tensor_data" in found["extensions"]


def test_the_tensors_are_those_of_the_graph(
    client: triton.InferenceServerClient, predictors: dict[str, Predictor]
) -> None:
    found = client.get_model_metadata("covariates")
    assert (found["name"], found["versions"]) == ("covariates", ["1"])
    declared = predictors["covariates"].manifest.graphs["forecast.onnx"]["inputs"]
    assert [tensor["name"] for tensor in found["inputs"]] == list(declared)
    by_name = {tensor["name"]: tensor for tensor in found["inputs"]}
    assert by_name["known"] == {"name": "known", "datatype": "FP32", "shape": [-1, -1, 2]}
    assert by_name["horizon"] == {"name": "horizon", "datatype": "INT64", "shape": [1]}
    assert found["outputs"] == [{"name": "quantiles", "datatype": "FP32", "shape": [-1, -1, 9]}]


def test_the_configuration_has_the_same_tensors(client: triton.InferenceServerClient) -> None:
    found = client.get_model_config("plain")
    assert found["max_batch_size"] == 0
    assert found["input"][0] == {"name": "history", "data_type": "TYPE_FP32", "dims": [-1, -1]}


def test_the_index_lists_all_models(client: triton.InferenceServerClient) -> None:
    found = [(model["name"], model["state"]) for model in client.get_model_repository_index()]
    assert found == [("plain", "READY"), ("covariates", "READY"), ("joint", "READY")]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_quantiles_are_those_of_the_predictor_bit_for_bit(
    client: triton.InferenceServerClient, predictors: dict[str, Predictor], binary_in: bool, binary_out: bool
) -> None:
    tensors = PLAIN if binary_in else whole(PLAIN)
    outputs = [triton.InferRequestedOutput("quantiles", binary_data=binary_out)]
    result = client.infer("plain", inputs_of(tensors, binary=binary_in), outputs=outputs, request_id="7")
    np.testing.assert_array_equal(result.as_numpy("quantiles"), expected(predictors, tensors))
    assert result.get_response()["id"] == "7"


def test_a_client_that_names_no_outputs_gets_them_in_binary(
    client: triton.InferenceServerClient, predictors: dict[str, Predictor]
) -> None:
    result = client.infer("plain", inputs_of(PLAIN), model_version="1")
    np.testing.assert_array_equal(result.as_numpy("quantiles"), expected(predictors))
    assert "binary_data_size" in result.get_output("quantiles")["parameters"]


def test_a_history_longer_than_the_context_counts_from_its_end(
    client: triton.InferenceServerClient, predictors: dict[str, Predictor]
) -> None:
    history = np.arange(1, 101, dtype=np.float32).reshape(2, 50)
    tensors = {"history": history, "lengths": np.array([50, 40]), "horizon": np.array([3])}
    result = client.infer("plain", inputs_of(tensors))
    np.testing.assert_array_equal(result.as_numpy("quantiles"), expected(predictors, tensors))


def test_null_is_missing_and_lists_may_be_nested(service: Service, predictors: dict[str, Predictor]) -> None:
    nested = [[None if np.isnan(value) else float(value) for value in row] for row in HISTORY]
    body = {
        "inputs": [
            {"name": "history", "shape": [2, 5], "datatype": "FP32", "data": nested},
            {"name": "lengths", "shape": [2], "datatype": "INT64", "data": [5, 3]},
            {"name": "horizon", "shape": [1], "datatype": "INT64", "data": [4]},
        ]
    }
    status, _, answer = service.ask("POST", "/v2/models/plain/infer", body)
    output = json.loads(answer)["outputs"][0]
    assert (status, output["shape"]) == (200, [2, 4, 9])
    np.testing.assert_array_equal(np.array(output["data"], np.float32), expected(predictors).ravel())


NESTED: dict[str, tuple[Any, str]] = {
    "turned round": ([[1.0, 2.0]] * 5, ".data: nested unlike its shape, expected 2 items, found 5 of them"),
    "ragged": (
        [[1.0] * 4, [1.0] * 6],
        ".data[0]: nested unlike its shape, expected 5 items, found 4 of them",
    ),
    "a number among lists": ([[1.0] * 5, 2.0], ".data[1]: nested unlike its shape, expected 5 items, found"),
    "one list of all": ([[1.0] * 10], ".data: nested unlike its shape, expected 2 items, found 1 of them"),
    "too deep": ([[[1.0]] * 5] * 2, ".data[0]: nested deeper than its shape"),
}


@pytest.mark.parametrize(("data", "message"), NESTED.values(), ids=NESTED)
def test_lists_that_are_nested_unlike_their_shape_are_refused(
    service: Service, data: Any, message: str
) -> None:
    body = {
        "inputs": [
            {"name": "history", "shape": [2, 5], "datatype": "FP32", "data": data},
            {"name": "lengths", "shape": [2], "datatype": "INT64", "data": [5, 3]},
            {"name": "horizon", "shape": [1], "datatype": "INT64", "data": [4]},
        ]
    }
    status, _, answer = service.ask("POST", "/v2/models/plain/infer", body)
    assert (status, json.loads(answer)["error"].partition("inputs.history")[2][: len(message)]) == (
        400,
        message,
    )


def golden_tensors(predictors: dict[str, Predictor], name: str) -> Tensors:
    """The tensors of the first golden case of a model."""
    inputs = json.loads((BUNDLES / name / "golden.json").read_bytes())["cases"][0]["inputs"]
    declared = predictors[name].manifest.graphs["forecast.onnx"]["inputs"]
    return {tensor: np.array(values, declared[tensor]["dtype"]) for tensor, values in inputs.items()}


OFF_TIMES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "in milliseconds": (lambda times: times * 1000, "expected seconds since 1970 in the years 1 to 9999"),
    "reversed": (lambda times: times[:, ::-1], "is not 1 hour after"),
    "all equal": (lambda times: np.full_like(times, times[0, 0]), "is not 1 hour after"),
    "none at all in one of the tensors": (
        lambda times: np.full_like(times, MISSING_TIME),
        "expected seconds since 1970 in the years 1 to 9999, of every step or of none",
    ),
}


@pytest.mark.parametrize("tensor", ["timestamps", "future_timestamps"])
@pytest.mark.parametrize(("change_times", "message"), OFF_TIMES.values(), ids=OFF_TIMES)
def test_times_that_post_forecast_refuses_are_refused(
    client: triton.InferenceServerClient,
    predictors: dict[str, Predictor],
    tensor: str,
    change_times: Callable[[Any], Any],
    message: str,
) -> None:
    tensors = golden_tensors(predictors, "covariates")
    tensors[tensor] = np.ascontiguousarray(change_times(tensors[tensor]))
    with pytest.raises(InferenceServerException) as caught:
        client.infer("covariates", inputs_of(tensors))
    assert caught.value.status() == "400"
    assert message in caught.value.message()


def test_a_value_below_the_bound_is_refused_as_by_post_forecast(
    client: triton.InferenceServerClient, predictors: dict[str, Predictor]
) -> None:
    tensors = golden_tensors(predictors, "covariates")
    tensors["history"] = np.full_like(tensors["history"], -1)
    with pytest.raises(InferenceServerException, match=r"expected at least 0, this model's lower bound"):
        client.infer("covariates", inputs_of(tensors))


def test_a_history_of_another_step_is_refused_as_by_post_forecast(
    client: triton.InferenceServerClient,
) -> None:
    history = np.where(np.arange(60) % 7 == 3, 5.0, np.nan).astype(np.float32)[None]
    tensors = change(history=history, lengths=[60])
    with pytest.raises(
        InferenceServerException, match="series 0: it has a value every 7 steps and none between"
    ):
        client.infer("plain", inputs_of(tensors))


def test_the_golden_case_of_every_model_is_answered(
    client: triton.InferenceServerClient, predictors: dict[str, Predictor]
) -> None:
    for name, predictor in predictors.items():
        golden = json.loads((BUNDLES / name / "golden.json").read_bytes())
        declared = predictor.manifest.graphs["forecast.onnx"]["inputs"]
        for case in golden["cases"]:
            tensors = {
                tensor: np.array(values, dtype=declared[tensor]["dtype"])
                for tensor, values in case["inputs"].items()
            }
            found = client.infer(name, inputs_of(tensors)).as_numpy("quantiles")
            values = np.array(case["outputs"]["quantiles"])
            np.testing.assert_allclose(found, values, rtol=0, atol=golden["tolerance"] * np.abs(values).max())


def test_the_asynchronous_client_is_answered(service: Service, predictors: dict[str, Predictor]) -> None:
    async def ask() -> Any:
        async with triton_aio.InferenceServerClient(f"127.0.0.1:{service.port}") as connected:
            assert await connected.is_server_ready()
            results = [connected.infer("plain", inputs_of(PLAIN)) for _ in range(8)]
            return [result.as_numpy("quantiles") for result in await asyncio.gather(*results)]

    for found in asyncio.run(ask()):
        np.testing.assert_array_equal(found, expected(predictors))


def change(**tensors: Any) -> Tensors:
    return {**PLAIN, **{name: np.array(values) for name, values in tensors.items()}}


BAD: list[tuple[Tensors, str]] = [
    (change(horizon=[0]), "inputs.horizon"),
    (change(horizon=[19]), "inputs.horizon, position 0: found 19, expected 1 to 18"),
    (change(horizon=[4, 4]), "inputs.horizon: expected the shape [1]"),
    (change(lengths=[5]), "inputs.lengths: expected the shape [batch] (batch = 2)"),
    (change(lengths=[5, 6]), "inputs.lengths, position 1: found 6, expected 1 to 5"),
    (change(lengths=[5, 0]), "inputs.lengths"),
    (change(lengths=np.array([5, 3], np.int32)), "inputs.lengths.datatype: expected INT64, found 'INT32'"),
    (change(history=HISTORY[0]), "inputs.history: expected the shape [batch, time]"),
    (change(history=np.full_like(HISTORY, np.nan)), "are all NaN"),
    (change(history=np.full_like(HISTORY, np.inf)), "inputs.history, position (0, 0): found inf"),
    (change(history=np.full_like(HISTORY, -1)), "above 0 (this model takes logarithms)"),
    (change(more=[1]), "'more' is none of this model; it has history, lengths, horizon"),
    ({"history": HISTORY}, "inputs: lengths, horizon missing"),
]


@pytest.mark.parametrize(("tensors", "message"), BAD, ids=[text[:50] for _, text in BAD])
def test_what_is_wrong_with_a_tensor_is_named(
    client: triton.InferenceServerClient, tensors: Tensors, message: str
) -> None:
    with pytest.raises(InferenceServerException) as caught:
        client.infer("plain", inputs_of(tensors))
    assert caught.value.status() == "400"
    assert message in caught.value.message()


REFUSED: list[Callable[[triton.InferenceServerClient], Any]] = [
    lambda client: client.load_model("plain"),
    lambda client: client.unload_model("plain"),
    lambda client: client.get_system_shared_memory_status(),
    lambda client: client.register_system_shared_memory("a", "/a", 8),
    lambda client: client.get_cuda_shared_memory_status(),
    lambda client: client.get_trace_settings(),
    lambda client: client.update_trace_settings("plain", {}),
    lambda client: client.get_log_settings(),
    lambda client: client.update_log_settings({}),
    lambda client: client.get_inference_statistics("plain"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_only_triton_has_is_refused(client: triton.InferenceServerClient, number: int) -> None:
    with pytest.raises(InferenceServerException, match="is not supported") as caught:
        REFUSED[number](client)
    assert caught.value.status() == "400"


def test_a_model_or_version_that_is_not_there_is_named(client: triton.InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="none called 'other'; there are plain, covariates"):
        client.infer("other", inputs_of(PLAIN))
    with pytest.raises(InferenceServerException, match="model plain has no version '2'; it has '1'"):
        client.infer("plain", inputs_of(PLAIN), model_version="2")


def test_shared_memory_in_a_request_is_refused(client: triton.InferenceServerClient) -> None:
    inputs = inputs_of(PLAIN)
    inputs[0].set_shared_memory("region", 40)
    with pytest.raises(InferenceServerException, match=r"inputs.history: shared memory is not supported"):
        client.infer("plain", inputs)
    outputs = [triton.InferRequestedOutput("quantiles", class_count=2)]
    with pytest.raises(InferenceServerException, match="the model classifies nothing"):
        client.infer("plain", inputs_of(PLAIN), outputs=outputs)


def test_a_timeout_of_the_caller_counts(client: triton.InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="longer than its timeout of 1e-06 s") as caught:
        client.infer("plain", inputs_of(MANY), timeout=1)
    assert caught.value.status() == "504"
