"""Which execution providers are asked for, and what onnxruntime is not allowed to do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy import Predictor, ProviderError
from deploy.engine import providers
from deploy.engine.providers import CPU, CUDA, choose_providers, runtime

pytestmark = pytest.mark.slow

XNNPACK, AZURE = "XnnpackExecutionProvider", "AzureExecutionProvider"
WITHOUT_TF32 = {"use_tf32": "0"}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """installed(*names): an onnxruntime that has these, whatever this machine has."""

    def install(*names: str) -> None:
        fake = SimpleNamespace(get_available_providers=lambda: list(names))
        monkeypatch.setattr(providers, "runtime", lambda: fake)

    return install


ACCEPTED: dict[str, tuple[Any, list[Any]]] = {
    "auto": ("auto", [(CPU, {})]),
    "cpu": ("cpu", [(CPU, {})]),
    "a full name": (CPU, [(CPU, {})]),
    "a list": ([XNNPACK, "cpu"], [(XNNPACK, {}), (CPU, {})]),
    "a tuple": (("cpu",), [(CPU, {})]),
    "a name and options": ((XNNPACK, {"threads": 2}), [(XNNPACK, {"threads": "2"})]),
    "names and options in a list": (
        [(XNNPACK, {"threads": 2}), CPU],
        [(XNNPACK, {"threads": "2"}), (CPU, {})],
    ),
    "the same twice": (["cpu", CPU], [(CPU, {})]),
}


@pytest.mark.parametrize(("asked", "expected"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_provider_may_be_named_in_short_or_in_full(
    installed: Callable[..., None], asked: Any, expected: list[Any]
) -> None:
    installed(XNNPACK, CPU)
    assert choose_providers(asked) == expected


# CUDA is asked for: (how, the provider in front)
ON_CUDA: dict[str, tuple[Any, Any]] = {
    "auto": ("auto", (CUDA, WITHOUT_TF32)),
    "cuda": ("cuda", (CUDA, WITHOUT_TF32)),
    "a device": (("cuda", {"device_id": 1}), (CUDA, {"use_tf32": "0", "device_id": "1"})),
    "TF32 after all": ([(CUDA, {"use_tf32": 1})], (CUDA, {"use_tf32": "1"})),
}


@pytest.mark.parametrize(("asked", "expected"), ON_CUDA.values(), ids=ON_CUDA)
def test_cuda_computes_in_float32_unless_the_user_chose(
    installed: Callable[..., None], asked: Any, expected: Any
) -> None:
    installed("TensorrtExecutionProvider", CUDA, CPU)
    assert choose_providers(asked)[0] == expected


def test_auto_is_cuda_and_then_the_cpu_and_nothing_else(installed: Callable[..., None]) -> None:
    installed("TensorrtExecutionProvider", CUDA, AZURE, CPU)
    assert [name for name, _ in choose_providers("auto")] == [CUDA, CPU]


def test_auto_leaves_out_whatever_else_this_installation_has() -> None:
    assert {name for name, _ in choose_providers("auto")} <= {CUDA, CPU}


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
    "a number": (1, "providers must be a name or a list of names, found 1"),
    "None": (None, "providers must be a name or a list of names, found None"),
    "a number in a list": ([1], "an execution provider is a name or (name, options), found 1"),
    "options that are none": (
        [("cpu", 1)],
        "an execution provider is a name or (name, options), found ('cpu', 1)",
    ),
    "options of auto": (
        ("auto", {"device_id": 1}),
        "options belong to one provider; name it in place of 'auto', with {'device_id': 1}",
    ),
}


@pytest.mark.parametrize(("asked", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_provider_that_is_not_there_is_refused(
    installed: Callable[..., None], asked: Any, expected: str
) -> None:
    installed(XNNPACK, CPU)
    with pytest.raises(ProviderError) as error:
        choose_providers(asked)
    assert str(error.value) == expected


def test_a_missing_provider_is_refused_when_a_bundle_is_loaded(bundles: Path) -> None:
    with pytest.raises(
        ProviderError, match=r"^execution provider 'cdua' is not available; this onnxruntime has "
    ):
        Predictor.load(bundles / "plain", providers="cdua")


@pytest.mark.parametrize("asked", ["cpu", CPU, [CPU], (CPU, {})], ids=str)
def test_a_bundle_forecasts_on_the_cpu(bundles: Path, asked: Any) -> None:
    found = Predictor.load(bundles / "plain", providers=asked)
    assert found.forecast([1.0, 2.0]).median.shape == (1, 6)
    assert found.providers == [CPU]


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
from deploy.engine.providers import runtime
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
