"""ONNX Runtime sessions: which execution provider, how many threads, nothing sent home."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .errors import BundleError, ProviderError, RuntimeMissingError

if TYPE_CHECKING:
    import onnxruntime

CPU = "CPUExecutionProvider"
_SHORT = {"cpu": CPU, "cuda": "CUDAExecutionProvider"}
_HOW_TO_GET = {"CUDAExecutionProvider": "pip install onnxruntime-gpu in place of onnxruntime"}

Providers = str | Sequence[str]


def runtime() -> Any:
    """The onnxruntime module, imported when it is first needed and with its telemetry off."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise
        raise RuntimeMissingError(
            "onnxruntime is not installed: pip install 'lstm-forecaster[cpu]' (or [gpu])"
        ) from None
    return onnxruntime


def choose_providers(providers: Providers) -> list[str]:
    """Names of ONNX Runtime providers, in order of preference.

    providers: "auto" (the CPU), "cpu", "cuda", or ONNX Runtime's own names. Raises ProviderError for one that
    this installation lacks.
    """
    asked = [providers] if isinstance(providers, str) else list(providers)
    names = [CPU if name == "auto" else _SHORT.get(name, name) for name in asked]
    available = runtime().get_available_providers()
    for name in names:
        if name not in available:
            how = _HOW_TO_GET.get(name, "install a build of onnxruntime that has it")
            raise ProviderError(
                f"execution provider {name!r} is not available; this onnxruntime has "
                f"{', '.join(available)}; {how}"
            )
    if not names:
        raise ProviderError(f"no execution provider given; this onnxruntime has {', '.join(available)}")
    return names


def open_session(model: bytes, providers: Sequence[str]) -> onnxruntime.InferenceSession:
    """A session over a model's bytes: one thread, no spinning: a small model gains nothing from more."""
    ort = runtime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors reach the caller as exceptions
    try:
        return ort.InferenceSession(model, options, providers=list(providers))
    except Exception as error:  # onnxruntime's own errors share no narrower base
        raise BundleError(f"onnxruntime cannot load the graph: {error}") from error
