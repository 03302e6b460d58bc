"""The free-running loop over decoder_step.onnx: what forecast.onnx does in one call, step by step.

Encode the history once; then, for every patch of the horizon, feed the decoder its state and the patch
that came last. `feedback` is that patch when the loop runs free: the normalised median of what comes next.
Of a model of several members, which forecast.onnx averages, the loop is the first alone.
Two sets of state buffers take turns: a step reads one and writes the other, so the state is not copied
between steps, nor moved off the device that computes.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Json, Manifest
from ..bundle.contract import DECODER_STEP, ENCODER
from ..request.inputs import Request, Tensors
from ..time.timestep import MISSING_TIME
from .buffers import Binding, Buffer, device_of
from .deadline import Deadline
from .forks import renew_after_fork

if TYPE_CHECKING:
    import onnxruntime

# The state that a step reads: what it writes for the step after.
STATE = {"h": "next_h", "c": "next_c", "previous": "feedback"}
FILL = {"future_timestamps": MISSING_TIME, "future_known": np.nan}  # beyond the horizon
IDLE_LOOPS = 16


class Loop:
    """The loop for batches of one size. For one thread at a time; see Loops."""

    def __init__(
        self,
        encoder: "onnxruntime.InferenceSession",
        step: "onnxruntime.InferenceSession",
        manifest: Manifest,
        batch: int,
    ) -> None:
        self.batch, self._encoder, self._step, self._graphs = batch, encoder, step, manifest.graphs
        self._sizes = {"batch": batch, "time": manifest.context_length}
        graph = self._graphs[DECODER_STEP]
        self._inputs = self._buffers(graph["inputs"])
        self._outputs = self._buffers(graph["outputs"])
        others = self._buffers({name: graph["inputs"][name] for name in STATE})
        self._states = ({name: self._inputs[name] for name in STATE}, others)
        self._bindings = [self._bind_step(*states) for states in (self._states, self._states[::-1])]
        self._turn = 0  # which of the states the next step reads

    def _buffers(self, tensors: Json) -> dict[str, Buffer]:
        device = device_of(self._step)
        shapes = {name: [self._sizes.get(n, n) for n in tensor["shape"]] for name, tensor in tensors.items()}
        return {name: Buffer(tuple(shape), tensors[name]["dtype"], device) for name, shape in shapes.items()}

    def _bind_step(self, before: dict[str, Buffer], after: dict[str, Buffer]) -> Binding:
        outputs = {**self._outputs, **{STATE[name]: buffer for name, buffer in after.items()}}
        return Binding(self._step, {**self._inputs, **before}, outputs)

    @cached_property
    def _encoding(self) -> tuple[dict[str, Buffer], Binding]:
        """Bind the encoder to its inputs and to its part of the first state; not all loops encode."""
        graph = self._graphs[ENCODER]
        history = self._buffers(graph["inputs"])
        return history, Binding(
            self._encoder, history, {name: self._inputs[name] for name in graph["outputs"]}
        )

    def encode(self, history: Tensors) -> None:
        """Stand at the end of these histories."""
        buffers, binding = self._encoding
        for name, buffer in buffers.items():
            buffer.write(history[name])
        binding.run()
        self._turn = 0

    def begin(self, encoding: Tensors) -> None:
        """Stand where an encoding says, by the names of the encoder's outputs."""
        self._turn = 0
        for name, tensor in encoding.items():
            self._inputs[name].write(tensor)

    def step(self, number: int, future: Tensors) -> None:
        """Compute the patch of this number, from 0. future: what is known of it."""
        self._inputs["step"].write(number)
        for name, tensor in future.items():
            self._inputs[name].write(tensor)
        self._bindings[self._turn].run()
        self._turn = 1 - self._turn

    def quantiles(self, name: str = "quantiles") -> NDArray[np.float32]:
        """Return the output of the last step, "quantiles" or "next_quantiles"; good until the next step."""
        return self._outputs[name].read()

    def feed(self, previous: NDArray[np.float32]) -> None:
        """Let the next step follow another patch than the median: normalised, (batch, patch × D)."""
        self._states[self._turn]["previous"].write(previous)


class Loops:
    """Loops that wait to be used again, so that each is built once and memory does not grow."""

    def __init__(self, build: Callable[[int], Loop]) -> None:
        """Keep no loop yet. build: makes a loop for batches of a size."""
        self._build = build
        self._idle: list[Loop] = []  # that used last at the end
        self._lock = threading.Lock()
        renew_after_fork(self)

    def after_fork(self) -> object:
        """Forget the loops, which are bound to sessions of the parent process."""
        left, self._idle, self._lock = self._idle, [], threading.Lock()
        return left

    @contextmanager
    def borrow(self, batch: int) -> Iterator[Loop]:
        """Yield a loop for batches of this size: one that waits, or a new one."""
        idle = self._idle  # another list after a fork
        with self._lock:
            found = next((loop for loop in reversed(idle) if loop.batch == batch), None)
            if found is not None:
                idle.remove(found)
        loop = found or self._build(batch)
        yield loop  # one that failed is not used again
        with self._lock:
            idle.append(loop)
            del idle[:-IDLE_LOOPS]


def free_run(loop: Loop, request: Request, patch_length: int, deadline: Deadline) -> NDArray[np.float32]:
    """Return quantiles (batch, horizon, [D,] quantile) in data units."""
    loop.encode(request.history)
    patches = []
    for number in range(-(-request.horizon // patch_length)):
        deadline.check()
        loop.step(number, future_patch(request, number, patch_length))
        patches.append(loop.quantiles().copy())
    return np.concatenate(patches, axis=1)[:, : request.horizon]


def future_patch(request: Request, step: int, patch_length: int) -> Tensors:
    """Return all that is known of one patch of the future; steps beyond the horizon are missing."""
    begin, end = step * patch_length, (step + 1) * patch_length
    tensors = {}
    for name, tensor in request.future.items():
        part = tensor[:, begin:end]
        padding = [(0, 0)] * part.ndim
        padding[1] = (0, patch_length - part.shape[1])
        tensors[name] = np.pad(part, padding, constant_values=FILL[name])
    return tensors
