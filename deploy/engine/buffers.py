"""Tensors that stay where they are, on the host or on a device, to be bound to sessions once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .providers import RUNNING, runtime

_DEVICES = {"CUDAExecutionProvider": "cuda"}


@dataclass(frozen=True)
class Device:
    """A place of tensors, in ONNX Runtime's words."""

    kind: str = "cpu"
    number: int = 0


HOST = Device()


def device_of(session: Any) -> Device:
    """Return where a session's tensors should lie: with its provider, or on the host for an unknown one."""
    provider = session.get_providers()[0]
    if provider not in _DEVICES:
        return HOST
    options = session.get_provider_options().get(provider, {})
    return Device(_DEVICES[provider], int(options.get("device_id", 0)))


class Buffer:
    """A tensor of fixed shape and place."""

    def __init__(self, shape: tuple[int, ...], dtype: str, device: Device) -> None:
        values, self._shape, self._dtype = runtime().OrtValue, shape, dtype
        self._array: NDArray[Any] | None = None
        if device == HOST:
            self._array = np.zeros(shape, dtype)
            self.value = values.ortvalue_from_numpy(self._array)  # the same memory
        else:
            self.value = values.ortvalue_from_shape_and_type(
                shape, np.dtype(dtype), device.kind, device.number
            )

    def read(self) -> NDArray[Any]:
        """Return the values; on the host not a copy, so good until the next run."""
        array: NDArray[Any] = self.value.numpy() if self._array is None else self._array
        return array

    def write(self, values: NDArray[Any] | int) -> None:
        """Replace what it holds by an array of the same shape, or by one number throughout."""
        if self._array is None:
            whole = np.broadcast_to(np.asarray(values, self._dtype), self._shape)
            self.value.update_inplace(np.ascontiguousarray(whole))
        else:
            self._array[...] = values


class Binding:
    """A session bound to buffers, by name."""

    def __init__(self, session: Any, inputs: dict[str, Buffer], outputs: dict[str, Buffer]) -> None:
        self._session, self._inputs, self._binding = session, inputs, session.io_binding()
        # Elsewhere onnxruntime may copy an input when it is bound, and not look at it again.
        self._binds_again = session.get_providers()[0] != "CPUExecutionProvider"
        self._bind_inputs()
        for name, buffer in outputs.items():
            self._binding.bind_ortvalue_output(name, buffer.value)

    def run(self) -> None:
        """Compute the outputs from the inputs.

        Raises BundleError if the graph fails on checked inputs, or gives other shapes than it declares.
        """
        if self._binds_again:
            self._bind_inputs()
        with RUNNING:
            self._session.run_with_iobinding(self._binding)

    def _bind_inputs(self) -> None:
        for name, buffer in self._inputs.items():
            self._binding.bind_ortvalue_input(name, buffer.value)
