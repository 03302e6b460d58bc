"""Execution providers, sessions, and what onnxruntime is not allowed to do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy import BundleError, Predictor, ProviderError, providers
from deploy.bundle import read_bundle
from deploy.providers import CPU, choose_providers, open_session, runtime


@pytest.fixture
def two_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that has these two, whatever this machine has."""
    fake = SimpleNamespace(get_available_providers=lambda: ["XnnpackExecutionProvider", CPU])
    monkeypatch.setattr(providers, "runtime", lambda: fake)


ACCEPTED: dict[str, tuple[Any, list[str]]] = {
    "auto": ("auto", [CPU]),
    "cpu": ("cpu", [CPU]),
    "a full name": (CPU, [CPU]),
    "a list": (["XnnpackExecutionProvider", "cpu"], ["XnnpackExecutionProvider", CPU]),
    "a tuple": (("cpu",), [CPU]),
}


@pytest.mark.usefixtures("two_providers")
@pytest.mark.parametrize(("asked", "expected"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_provider_may_be_named_in_short_or_in_full(asked: Any, expected: list[str]) -> None:
    assert choose_providers(asked) == expected


AVAILABLE = "this onnxruntime has XnnpackExecutionProvider, CPUExecutionProvider"
ANOTHER_BUILD = "install a build of onnxruntime that has it"
CUDA_IS_MISSING = (
    f"execution provider 'CUDAExecutionProvider' is not available; {AVAILABLE}; "
    "pip install onnxruntime-gpu in place of onnxruntime"
)
REFUSED: dict[str, tuple[Any, str]] = {
    "cuda": ("cuda", CUDA_IS_MISSING),
    "cuda in full": ("CUDAExecutionProvider", CUDA_IS_MISSING),
    "cuda before the CPU": (["cuda", "cpu"], CUDA_IS_MISSING),
    "an unknown name": (
        "cdua",
        f"execution provider 'cdua' is not available; {AVAILABLE}; {ANOTHER_BUILD}",
    ),
    "an empty name": (
        "",
        f"execution provider '' is not available; {AVAILABLE}; {ANOTHER_BUILD}",
    ),
    "nothing": ([], f"no execution provider given; {AVAILABLE}"),
}


@pytest.mark.usefixtures("two_providers")
@pytest.mark.parametrize(("asked", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_provider_that_is_not_there_is_refused(asked: Any, expected: str) -> None:
    with pytest.raises(ProviderError) as error:
        choose_providers(asked)
    assert str(error.value) == expected


def test_a_missing_provider_is_refused_when_a_bundle_is_loaded(bundles: Path) -> None:
    with pytest.raises(
        ProviderError, match=r"^execution provider 'cdua' is not available; this onnxruntime has "
    ):
        Predictor.load(bundles / "plain", providers="cdua")


@pytest.mark.parametrize("asked", ["auto", "cpu", CPU, [CPU]], ids=str)
def test_a_bundle_forecasts_on_the_cpu(bundles: Path, asked: Any) -> None:
    found = Predictor.load(bundles / "plain", providers=asked)
    assert found.forecast([1.0, 2.0]).median.shape == (1, 6)
    assert found.providers == [CPU]


def test_a_session_computes_on_one_thread(bundles: Path) -> None:
    session = open_session(read_bundle(bundles / "plain").files["forecast.onnx"], [CPU])
    options = session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_the_thread_of_a_session_does_not_spin(bundles: Path) -> None:
    session = open_session(read_bundle(bundles / "plain").files["forecast.onnx"], [CPU])
    spinning = session.get_session_options().get_session_config_entry("session.intra_op.allow_spinning")
    assert spinning == "0"


def test_bytes_that_are_no_graph_are_refused() -> None:
    with pytest.raises(BundleError, match=r"^onnxruntime cannot load the graph: "):
        open_session(b"not a graph", [CPU])


def test_without_onnxruntime_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ProviderError) as error:
        runtime()
    assert str(error.value) == "onnxruntime is not installed: pip install 'lstm-forecaster[cpu]' (or [gpu])"


def test_a_module_that_onnxruntime_lacks_is_not_taken_for_onnxruntime(
    tmp_path: Path, run_python: Callable[..., str]
) -> None:
    (tmp_path / "onnxruntime.py").write_text("import its_own_dependency")
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from deploy.providers import runtime
try:
    runtime()
except ModuleNotFoundError as error:
    print(error.name)
"""
    assert run_python(code) == "its_own_dependency"


TELEMETRY = """
import os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print(os.environ.get("ORT_DISABLE_TELEMETRY"))

sys.meta_path.insert(0, Watch())
from deploy import Predictor
Predictor.load({bundle!r})
"""


@pytest.mark.parametrize(
    ("chosen", "found"), [(None, "1"), ("1", "1"), ("0", "0")], ids=["unset", "off", "on"]
)
def test_telemetry_is_off_before_onnxruntime_is_imported_unless_the_user_chose(
    bundles: Path, run_python: Callable[..., str], chosen: str | None, found: str
) -> None:
    code = TELEMETRY.format(bundle=str(bundles / "plain"))
    assert run_python(code, ORT_DISABLE_TELEMETRY=chosen) == found
