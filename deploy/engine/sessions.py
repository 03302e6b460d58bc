"""Sessions over the graphs of a bundle, on the first provider asked for that works."""

import threading
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..bundle.bundle import Bundle
from ..bundle.contract import FORECAST
from ..errors import BundleError, ProviderError
from .engine import Engine
from .folding import with_constants, with_outputs
from .forks import building, renew_after_fork
from .info import RuntimeInfo, versions
from .named_parts import Parts, find_parts
from .providers import CPU, LOADING, Choice, runtime

if TYPE_CHECKING:
    import onnxruntime

THREADS = 1  # a small model gains nothing from more
RECURRENT = "LSTM"
FOLDED = 4  # horizons of which a session for one full history is kept, each with weights of its own
_CONFIG = {
    "session.intra_op.allow_spinning": "0",
    "session.record_ep_graph_assignment_info": "1",  # releases that do not know it ignore it
}


class Sessions:
    """The session of each graph, built when it is first needed in a process; any thread may ask.

    A provider works if onnxruntime creates it, the LSTM nodes run on it, and it replays the golden cases; on
    the plain CPU nothing is replayed. One that does not work is passed over with a RuntimeWarning that says
    why, or, if strict, refused.
    """

    def __init__(self, bundle: Bundle, chosen: Sequence[Choice], *, strict: bool = False) -> None:
        self._bundle = bundle
        self._strict = strict
        self._chosen = list(chosen)  # those not yet passed over
        self._asked = tuple(name for name, _ in chosen)
        self._settled = False
        self.verified = False  # whether the golden cases were replayed on the provider in use
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        self._folded: dict[int, onnxruntime.InferenceSession] = {}  # by horizon
        self._parted: tuple[onnxruntime.InferenceSession, Parts] | None = None
        self._lock = threading.Lock()
        renew_after_fork(self)

    def after_fork(self) -> object:
        """Build all sessions again in this process, and choose the provider again: no GPU survives a fork."""
        left = self._sessions, self._folded, self._parted
        self._sessions, self._folded, self._parted, self._lock = {}, {}, None, threading.Lock()
        self._settled = self.verified = False
        return left

    def get(self, graph: str) -> "onnxruntime.InferenceSession":
        """Return the session of a graph. Raises ProviderError if none works, BundleError for a bad graph."""
        session = self._sessions.get(graph)
        if session is not None:
            return session
        with self._lock:
            self._settle()
            if graph not in self._sessions:
                self._sessions[graph] = open_on(self._bundle.files[graph], self._chosen)
            return self._sessions[graph]

    def folded(self, horizon: int) -> "onnxruntime.InferenceSession | None":
        """Return the session of forecast.onnx for one series as long as the context; None: take the other.

        Lengths and horizon are constants in it, so a third of the nodes are left, and the bits are the same.
        It is built for the first horizons that are asked for, on the CPU alone. Raises as get does.
        """
        session = self._folded.get(horizon)
        if session is not None or len(self._folded) == FOLDED:
            return session
        with self._lock:
            self._settle()
            if self._chosen[0][0] != CPU:
                return None
            if horizon not in self._folded:
                context = self._bundle.manifest.context_length
                constants = {"lengths": np.array([context]), "horizon": np.array([horizon])}
                model = with_constants(self._bundle.files[FORECAST], constants)
                sizes = {"batch": 1, "time": context, "horizon": horizon}
                self._folded[horizon] = open_on(model, self._chosen, sizes)
            return self._folded[horizon]

    def parted(self) -> "tuple[onnxruntime.InferenceSession, Parts]":
        """Return a session of forecast.onnx that also gives the parts of a forecast, and which these are.

        Raises as get does, and BundleError for a graph whose parts have no names.
        """
        with self._lock:
            self._settle()
            if self._parted is None:
                parts = find_parts(self._bundle.files[FORECAST])
                model = with_outputs(self._bundle.files[FORECAST], parts.names)
                self._parted = open_on(model, self._chosen), parts
            return self._parted

    def settle(self) -> None:
        """Choose the provider now. Raises ProviderError if none works; if strict, if the first does not."""
        with self._lock:
            self._settle()

    def info(self) -> RuntimeInfo:
        """Return the runtime of forecasts; chooses the provider if it was not yet. Raises ProviderError."""
        self.get(FORECAST)
        ort = runtime()
        return RuntimeInfo(
            provider=self._chosen[0][0],
            asked=self._asked,
            available=tuple(ort.get_available_providers()),
            versions=versions(),
            threads=THREADS,
            lstm_nodes={graph: count_recurrent(session) for graph, session in list(self._sessions.items())},
            bundle_digest=self._bundle.manifest.digest,
            verified=self.verified,
        )

    def _settle(self) -> None:
        """Drop the providers in front that do not work; the caller holds the lock."""
        reasons: list[str] = []
        chosen = self._chosen
        while not self._settled:
            if not chosen:
                raise ProviderError(f"no execution provider works: {'; '.join(reasons)}")
            try:
                self._try(chosen)
            except (BundleError, ProviderError) as error:
                if self._strict:
                    raise ProviderError(f"{chosen[0][0]} does not work: {error}") from error
                reasons.append(f"{chosen[0][0]} does not work: {error}")
                chosen = chosen[1:]
            else:
                self._settled, self._chosen = True, chosen
        if reasons:
            warnings.warn(
                f"forecasts run on {chosen[0][0]}: {'; '.join(reasons)}", RuntimeWarning, stacklevel=2
            )

    def _try(self, chosen: Sequence[Choice]) -> None:
        if chosen[0][0] == CPU:
            return
        session = open_on(self._bundle.files[FORECAST], chosen)
        Engine(self._bundle, lambda _: session).verify()
        self._sessions[FORECAST], self.verified = session, True


def open_on(
    model: bytes, chosen: Sequence[Choice], sizes: Mapping[str, int] | None = None
) -> "onnxruntime.InferenceSession":
    """Return a session whose LSTM nodes run on the first provider, or on others that are not the CPU.

    sizes: of axes that are always the same, by name. Raises BundleError if there is none, ProviderError if it
    would run elsewhere.
    """
    session, name = open_session(model, chosen, sizes), chosen[0][0]
    if name not in session.get_providers():
        raise ProviderError(
            f"onnxruntime did not create it, but {', '.join(session.get_providers())}: is there such a "
            "device, and are its libraries installed? onnxruntime says more on stderr"
        )
    found = count_recurrent(session)
    if name != CPU and found and CPU in found:
        raise ProviderError(f"{found[CPU]} of {sum(found.values())} LSTM nodes would run on {CPU}")
    return session


def open_session(
    model: bytes, chosen: Sequence[Choice], sizes: Mapping[str, int] | None = None
) -> "onnxruntime.InferenceSession":
    """Return a session over a model's bytes: one thread, no spinning, no other providers on failure."""
    ort = runtime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = THREADS
    for entry, value in _CONFIG.items():
        options.add_session_config_entry(entry, value)
    for axis, size in (sizes or {}).items():
        options.add_free_dimension_override_by_name(axis, size)
    options.log_severity_level = 3  # errors reach the caller as exceptions
    with LOADING, building():
        return ort.InferenceSession(model, options, providers=list(chosen), enable_fallback=0)


def count_recurrent(session: "onnxruntime.InferenceSession") -> dict[str, int] | None:
    """Return LSTM nodes by provider, those within Scan included; None where it is not told."""
    if not hasattr(session, "get_provider_graph_assignment_info"):
        return None
    assigned = session.get_provider_graph_assignment_info()
    return dict(
        Counter(part.ep_name for part in assigned for node in part.get_nodes() if node.op_type == RECURRENT)
    )
