"""Execution providers of ONNX Runtime: which are asked for, by short or full name, with which options."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import BundleError, ProviderError, RuntimeMissingError

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_SHORT = {"cpu": CPU, "cuda": CUDA}
_HOW_TO_GET = {CUDA: "pip install onnxruntime-gpu in place of onnxruntime"}
# TF32 has 10 bits of fraction: a recurrence would lose what the golden cases promise.
_DEFAULTS = {CUDA: {"use_tf32": "0"}}

Named = str | tuple[str, Mapping[str, Any]]  # a name, or a name and options, as onnxruntime takes them
Providers = Named | Sequence[Named]
Choice = tuple[str, dict[str, str]]  # the full name and all options of one provider


def runtime() -> Any:
    """Return the onnxruntime module, imported when it is first needed and with its telemetry off."""
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


class BundleErrors:
    """A context in which whatever onnxruntime raises becomes a BundleError."""

    def __init__(self, action: str) -> None:
        self._action = action

    def __enter__(self) -> None:
        """Begin it; it has no state, so any thread may, at any time."""

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Raise BundleError for any error: onnxruntime's own share no narrower base."""
        if isinstance(error, Exception):
            raise BundleError(f"onnxruntime cannot {self._action} the graph: {error}") from error


LOADING, RUNNING = BundleErrors("load"), BundleErrors("run")


def choose_providers(providers: Providers) -> list[Choice]:
    """Return the providers asked for, in order of preference, none twice.

    providers: "auto" (CUDA where this onnxruntime has it, then the CPU), "cpu", "cuda", ONNX Runtime's own
    names, or (name, options) such as ("cuda", {"device_id": 1}). Raises ProviderError for what is no provider
    and for one that this installation lacks.
    """
    available = runtime().get_available_providers()
    chosen: dict[str, dict[str, str]] = {}
    for named in _listed(providers):
        short, options = _split(named)
        for name in _full_names(short, available):
            if name not in available:
                how = _HOW_TO_GET.get(name, "install a build of onnxruntime that has it")
                raise ProviderError(
                    f"execution provider {name!r} is not available; this onnxruntime has "
                    f"{', '.join(available)}; {how}"
                )
            chosen.setdefault(name, _DEFAULTS.get(name, {}) | options)
    if not chosen:
        raise ProviderError(f"no execution provider given; this onnxruntime has {', '.join(available)}")
    return list(chosen.items())


def _listed(providers: Providers) -> list[Any]:
    one = isinstance(providers, str) or (
        isinstance(providers, tuple) and len(providers) == 2 and isinstance(providers[1], Mapping)
    )
    if one:
        return [providers]
    if not isinstance(providers, Sequence):
        raise ProviderError(f"providers must be a name or a list of names, found {providers!r}")
    return list(providers)


def _split(named: Any) -> tuple[str, dict[str, str]]:
    name, options = (named, {}) if isinstance(named, str) else _pair(named)
    if options and name == "auto":
        raise ProviderError(f"options belong to one provider; name it in place of 'auto', with {options!r}")
    return name, {str(key): str(value) for key, value in options.items()}


def _pair(named: Any) -> tuple[str, Mapping[str, Any]]:
    if isinstance(named, tuple) and len(named) == 2:
        name, options = named
        if isinstance(name, str) and isinstance(options, Mapping):
            return name, options
    raise ProviderError(f"an execution provider is a name or (name, options), found {named!r}")


def _full_names(short: str, available: Sequence[str]) -> list[str]:
    if short == "auto":
        return [CUDA, CPU] if CUDA in available else [CPU]
    return [_SHORT.get(short, short)]
