"""Engine: run a checked request through the graphs of a bundle, in chunks and under a deadline."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Bundle
from ..bundle.contract import DECODER_STEP, ENCODER, FORECAST
from ..errors import BundleError, InputError
from ..request.inputs import Request, Tensors
from ..request.levels import with_levels
from .deadline import Deadline
from .golden import Quantiles, Replay, quantile_shape, replay
from .loop import Loop, Loops, free_run
from .named_parts import MISSING, Parts
from .providers import RUNNING

if TYPE_CHECKING:
    import onnxruntime

# Series in one run: of few a run ends within 100 ms, for a deadline; of many it uses the caches best.
CHUNK, LARGE_CHUNK, MANY = 64, 256, 512
QUANTILES = "quantiles"

# forecast.onnx at once, or the loop over decoder_step.onnx
Method = Literal["graph", "step"]


class Engine:
    """The graphs of one bundle at work. It keeps no state between calls, so one serves every thread."""

    def __init__(
        self,
        bundle: Bundle,
        session: "Callable[[str], onnxruntime.InferenceSession]",
        folded: "Callable[[int], onnxruntime.InferenceSession | None]" = lambda _: None,
        parted: "Callable[[], tuple[onnxruntime.InferenceSession, Parts]] | None" = None,
    ) -> None:
        """Open nothing yet. session: gives the session of a graph by its name, the same each time.

        folded: gives that of forecast.onnx for one full history, by its horizon, where there is one. parted:
        gives that which has the parts of a forecast as further outputs.
        """
        self.manifest = bundle.manifest
        self.session, self._folded, self._bundle, self._parted = session, folded, bundle, parted
        self.move: Callable[[Quantiles], Quantiles] | None = None  # by what actuals taught of all series
        self.loops = Loops(lambda batch: Loop(session(ENCODER), session(DECODER_STEP), self.manifest, batch))

    def run(self, request: Request, deadline: Deadline, method: Method = "graph") -> Quantiles:
        """Return the quantiles of each series: (batch, horizon, [D,] quantile), in the data's units.

        They may be infinite. Raises InputError for another method, DeadlineError between chunks and steps,
        BundleError if a graph fails on what was checked.
        """
        if method not in ("graph", "step"):
            raise InputError(f"method must be 'graph' or 'step', found {method!r}")
        found = np.empty(quantile_shape(self.manifest, len(request), request.horizon))
        size, begin = CHUNK if len(request) < MANY else LARGE_CHUNK, 0
        for chunk in request.chunks(size):
            deadline.check()
            if method == "step":
                with self.loops.borrow(len(chunk)) as loop:
                    quantiles = free_run(loop, chunk, self.manifest.patch_length, deadline)
            else:
                session, tensors = self._ready(chunk)
                with RUNNING:
                    (quantiles,) = session.run([QUANTILES], tensors)
                self._check_shape(quantiles, chunk)
            levels = chunk.levels[:, None, ..., None]
            with_levels(self.manifest, quantiles, levels, out=found[begin : begin + len(chunk)])
            begin += len(chunk)
        return found

    def publish(self, request: Request, deadline: Deadline, method: Method = "graph") -> Quantiles:
        """Return the quantiles as `run` does, moved by the offsets next to the bundle, if there are some."""
        quantiles = self.run(request, deadline, method)
        return quantiles if self.move is None else self.move(quantiles)

    @property
    def parts(self) -> Parts:
        """Return what is known of the parts of a forecast. Raises BundleError where they have no names."""
        return self._parts()[1]

    def run_parts(self, request: Request) -> "dict[str, NDArray[np.float32]]":
        """Return the parts of the forecasts of a few series, by the names of parts.py.

        Raises BundleError for a graph that fails, or whose parts have no names.
        """
        session, parts = self._parts()
        with RUNNING:
            found = session.run(list(parts.names), request.tensors())
        return dict(zip(parts.names, found, strict=True))

    def _parts(self) -> "tuple[onnxruntime.InferenceSession, Parts]":
        if self._parted is None:
            raise BundleError(MISSING)
        return self._parted()

    def _ready(self, request: Request) -> "tuple[onnxruntime.InferenceSession, Tensors]":
        """Return the session of forecast.onnx that is quickest for a request, and what it takes."""
        tensors = request.tensors()
        if len(request) == 1 and tensors["lengths"][0] == self.manifest.context_length:
            folded = self._folded(request.horizon)
            if folded is not None:
                del tensors["lengths"], tensors["horizon"]
                return folded, tensors
        return self.session(FORECAST), tensors

    def encode(self, history: Tensors) -> Tensors:
        """Return the outputs of encoder.onnx by name. Raises BundleError if the graph fails."""
        names = list(self.manifest.graphs[ENCODER]["outputs"])
        session = self.session(ENCODER)
        with RUNNING:
            found = session.run(names, history)
        return dict(zip(names, found, strict=True))

    def verify(self, method: Method = "graph") -> Replay:
        """Replay the golden cases. Raises BundleError if a forecast is not what it was at export."""
        never = Deadline(None)
        return replay(
            self._bundle, lambda request: self.run(request, never, method), by_loop=method == "step"
        )

    def _check_shape(self, quantiles: NDArray[np.float32], request: Request) -> None:
        """Raise BundleError unless quantiles have the shape that the manifest declares."""
        expected = quantile_shape(self.manifest, len(request), request.horizon)
        if quantiles.shape != expected:
            raise BundleError(f"the graph gives quantiles of shape {quantiles.shape}, expected {expected}")
