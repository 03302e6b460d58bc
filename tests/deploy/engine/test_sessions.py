"""Sessions: on which provider they end up, and what is said when it is not the one asked for."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import deploy
from deploy import BundleError, Predictor, ProviderError
from deploy.bundle.bundle import read_bundle
from deploy.engine import info, providers, sessions
from deploy.engine.providers import CPU, CUDA, runtime
from deploy.engine.sessions import open_session

pytestmark = pytest.mark.slow

AZURE = "AzureExecutionProvider"
HISTORY = [3.0, 4.0, 5.0, 4.0]
TELLS_THE_PLACEMENT = pytest.mark.skipif(
    not hasattr(runtime().InferenceSession, "get_provider_graph_assignment_info"),
    reason="this release of onnxruntime does not tell where nodes run",
)


class PretendedSession:
    """A session of the CPU that says it is on CUDA, and fails in one way."""

    failure = ""
    built: list[list[str]] = []  # noqa: RUF012 a record of all instances

    def __init__(self, model: bytes, options: Any, *, providers: list[Any], enable_fallback: int) -> None:
        import onnxruntime

        self.asked = [name for name, _ in providers]
        self.built.append(self.asked)
        self.on_cuda = self.asked[0] == CUDA
        if self.fails("is not created"):
            raise RuntimeError("CUDA failure 35: driver version is insufficient")
        self.real = onnxruntime.InferenceSession(
            model, options, providers=[CPU], enable_fallback=enable_fallback
        )

    def fails(self, how: str) -> bool:
        return self.on_cuda and self.failure == how

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def get_providers(self) -> list[str]:
        return [CPU] if self.fails("is silently left out") else [*self.asked, CPU]

    def get_provider_graph_assignment_info(self) -> list[Any]:
        on = CPU if self.fails("leaves an LSTM to the CPU") or not self.on_cuda else CUDA
        nodes = [SimpleNamespace(op_type=kind) for kind in ("Min", "LSTM", "LSTM", "Exp")]
        return [SimpleNamespace(ep_name=on, get_nodes=lambda: nodes)]

    def run(self, names: list[str], inputs: dict[str, Any], *options: Any) -> Any:
        if self.fails("cannot run"):
            raise RuntimeError("CUDNN_STATUS_EXECUTION_FAILED")
        found = self.real.run(names, inputs, *options)
        return [1.01 * found[0], *found[1:]] if self.fails("computes something else") else found


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """pretend(failure): an onnxruntime with CUDA that fails in that way; "" = it works."""
    real = runtime()
    fake = SimpleNamespace(
        get_available_providers=lambda: [CUDA, CPU],
        SessionOptions=real.SessionOptions,
        InferenceSession=PretendedSession,
        __version__="9.9",
    )
    for module in (providers, sessions, info):
        monkeypatch.setattr(module, "runtime", lambda: fake)
    monkeypatch.setattr(PretendedSession, "built", [])
    return lambda failure: monkeypatch.setattr(PretendedSession, "failure", failure)


# how CUDA fails: what is said of it
REASONS = {
    "is not created": "onnxruntime cannot load the graph: CUDA failure 35: driver version is insufficient",
    "is silently left out": "onnxruntime did not create it, but CPUExecutionProvider: is there such a device",
    "leaves an LSTM to the CPU": "2 of 2 LSTM nodes would run on CPUExecutionProvider",
    "cannot run": "onnxruntime cannot run the graph: CUDNN_STATUS_EXECUTION_FAILED",
    "computes something else": "golden case 0 differs by 0.01 of a series' largest value, allowed is 0.0001",
}


@pytest.mark.parametrize(("failure", "reason"), REASONS.items(), ids=REASONS)
def test_auto_goes_on_to_the_cpu_and_says_why_once(
    bundles: Path, pretend: Callable[[str], None], failure: str, reason: str
) -> None:
    pretend(failure)
    found = Predictor.load(bundles / "plain")
    with pytest.warns(RuntimeWarning) as said:
        quantiles = found.forecast(HISTORY).quantiles
    found.forecast(HISTORY, method="step")  # without another one: warnings are errors here
    assert len(said) == 1
    assert str(said[0].message).startswith(f"forecasts run on {CPU}: {CUDA} does not work: ")
    assert reason in str(said[0].message)
    np.testing.assert_array_equal(
        quantiles, Predictor.load(bundles / "plain", providers="cpu").forecast(HISTORY).quantiles
    )
    assert found.info().provider == CPU


@pytest.mark.parametrize(("failure", "reason"), REASONS.items(), ids=REASONS)
def test_a_strict_predictor_is_not_loaded_without_its_provider(
    bundles: Path, pretend: Callable[[str], None], failure: str, reason: str
) -> None:
    pretend(failure)
    with pytest.raises(ProviderError) as error:
        Predictor.load(bundles / "plain", strict=True)
    assert str(error.value).startswith(f"{CUDA} does not work: ")
    assert reason in str(error.value)


@pytest.mark.parametrize("failure", REASONS)
def test_cuda_alone_is_never_replaced_by_the_cpu(
    bundles: Path, pretend: Callable[[str], None], failure: str
) -> None:
    pretend(failure)
    found = Predictor.load(bundles / "plain", providers="cuda")
    for _ in range(2):
        with pytest.raises(ProviderError, match=f"^no execution provider works: {CUDA} does not work: "):
            found.forecast(HISTORY)


def test_cuda_is_used_where_it_works(bundles: Path, pretend: Callable[[str], None]) -> None:
    pretend("")
    found = Predictor.load(bundles / "plain")
    found.forecast(HISTORY)
    told = found.info()
    assert (told.provider, told.verified) == (CUDA, True)
    assert told.lstm_nodes == {"forecast.onnx": {CUDA: 2}}
    assert PretendedSession.built == [[CUDA, CPU]]


def test_where_onnxruntime_does_not_tell_the_placement_the_golden_cases_decide(
    bundles: Path, pretend: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend("")
    monkeypatch.setattr(sessions, "count_recurrent", lambda _: None)
    told = Predictor.load(bundles / "plain").info()
    assert (told.provider, told.lstm_nodes) == (CUDA, {"forecast.onnx": None})


def test_the_plain_cpu_is_taken_without_a_replay(bundles: Path) -> None:
    told = Predictor.load(bundles / "plain", providers="cpu", strict=True).info()
    assert (told.provider, told.verified) == (CPU, False)


def test_verified_says_that_the_golden_cases_were_replayed(bundles: Path) -> None:
    assert Predictor.load(bundles / "plain", providers="cpu", verify=True).info().verified


@TELLS_THE_PLACEMENT
@pytest.mark.skipif(
    AZURE not in runtime().get_available_providers(), reason=f"this onnxruntime has no {AZURE}"
)
class TestAzure:
    """A provider that stock wheels list, create and give no node to."""

    def test_a_list_that_names_it_goes_on_to_the_cpu(self, bundles: Path) -> None:
        found = Predictor.load(bundles / "plain", providers=[AZURE, "cpu"])
        said = f"^forecasts run on {CPU}: {AZURE} does not work: 2 of 2 LSTM nodes would run on {CPU}$"
        with pytest.warns(RuntimeWarning, match=said):
            found.forecast(HISTORY)

    def test_alone_it_is_refused(self, bundles: Path) -> None:
        found = Predictor.load(bundles / "plain", providers=AZURE)
        with pytest.raises(ProviderError, match=f"^no execution provider works: {AZURE} does not work: "):
            found.forecast(HISTORY)

    def test_behind_the_cpu_it_is_no_matter(self, bundles: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            told = Predictor.load(bundles / "plain", providers=["cpu", AZURE]).info()
        assert (told.provider, told.lstm_nodes) == (CPU, {"forecast.onnx": {CPU: 2}})


@TELLS_THE_PLACEMENT
@pytest.mark.parametrize(("name", "nodes"), [("plain", 2), ("covariates", 3), ("joint", 2)])
def test_every_lstm_node_is_counted(bundles: Path, name: str, nodes: int) -> None:
    told = Predictor.load(bundles / name, providers="cpu").info()
    assert told.lstm_nodes == {"forecast.onnx": {CPU: nodes}}


def test_the_info_of_a_predictor_is_json(bundles: Path) -> None:
    told = asdict(Predictor.load(bundles / "plain", providers="cpu").info())
    assert json.loads(json.dumps(told))["versions"].keys() == {"python", "numpy", "onnxruntime", "deploy"}
    assert told["bundle_digest"] == read_bundle(bundles / "plain").manifest.digest
    assert (told["asked"], told["threads"]) == ((CPU,), 1)


def test_a_session_computes_on_one_thread(bundles: Path) -> None:
    session = open_session(read_bundle(bundles / "plain").files["forecast.onnx"], [(CPU, {})])
    options = session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_the_thread_of_a_session_does_not_spin(bundles: Path) -> None:
    session = open_session(read_bundle(bundles / "plain").files["forecast.onnx"], [(CPU, {})])
    spinning = session.get_session_options().get_session_config_entry("session.intra_op.allow_spinning")
    assert spinning == "0"


def test_bytes_that_are_no_graph_are_refused() -> None:
    with pytest.raises(BundleError, match=r"^onnxruntime cannot load the graph: "):
        open_session(b"not a graph", [(CPU, {})])


@pytest.mark.gpu
@pytest.mark.skipif(
    CUDA not in runtime().get_available_providers(), reason="this onnxruntime is built without CUDA"
)
class TestOnCuda:
    """What only a machine with a CUDA device shows: make test-gpu."""

    @pytest.fixture(params=["plain", "covariates", "joint"])
    def on_cuda(self, request: pytest.FixtureRequest, bundles: Path) -> Predictor:
        try:
            return Predictor.load(bundles / request.param, providers="cuda", strict=True)
        except ProviderError as error:
            pytest.skip(f"no CUDA device that works: {error}")

    def test_the_lstms_run_there(self, on_cuda: Predictor) -> None:
        told = on_cuda.info()
        assert told.verified
        assert told.lstm_nodes["forecast.onnx"] is None or CPU not in told.lstm_nodes["forecast.onnx"]

    @pytest.mark.parametrize("method", ["graph", "step"])
    def test_forecasts_are_those_of_the_cpu(
        self, on_cuda: Predictor, bundles: Path, make_arguments: Callable[..., Any], method: Any
    ) -> None:
        name = {0: "plain", 1: "covariates"}[int(on_cuda.manifest.uses_calendar)]
        on_cpu = Predictor.load(bundles / ("joint" if on_cuda.manifest.channels else name), providers="cpu")
        arguments = make_arguments(on_cuda, [1, 5, 24, 60] * 20)
        found = on_cuda.forecast(**arguments, method=method).quantiles
        expected = on_cpu.forecast(**arguments, method=method).quantiles
        largest = np.abs(expected).max(axis=(1, -1), keepdims=True)
        # What a golden case may differ by: float32 in another order, amplified by a recurrence.
        assert np.max(np.abs(found - expected) / largest) <= 1e-4

    def test_a_device_that_is_not_there_is_refused(self, on_cuda: Predictor, bundles: Path) -> None:
        assert on_cuda.info().provider == CUDA
        with pytest.raises(deploy.ProviderError):
            Predictor.load(bundles / "plain", providers=("cuda", {"device_id": 99}), strict=True)
