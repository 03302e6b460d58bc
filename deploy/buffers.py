"""Tensors that stay where they are, on the host or on a device, to be bound to sessions once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .providers import runtime

HOST = "cpu"
_DEVICES = {"CUDAExecutionProvider": "cuda"}


def device_of(session: Any) -> str:
    """Where a session computes, and so where its tensors should lie: a name of ONNX Runtime's devices."""
    return _DEVICES.get(session.get_providers()[0], HOST)


class Buffer:
    """A tensor of fixed shape and place."""

    def __init__(self, shape: tuple[int, ...], dtype: str, device: str) -> None:
        """device: of `device_of`."""
        values, self._shape, self._dtype = runtime().OrtValue, shape, dtype
        self._array: NDArray[Any] | None = None
        if device == HOST:
            self._array = np.zeros(shape, dtype)
            self.value = values.ortvalue_from_numpy(self._array)  # the same memory
        else:
            self.value = values.ortvalue_from_shape_and_type(shape, np.dtype(dtype), device, 0)

    def read(self) -> NDArray[Any]:
        """What it holds; on the host not a copy, so good until the next run."""
        array: NDArray[Any] = self.value.numpy() if self._array is None else self._array
        return array

    def write(self, values: NDArray[Any] | int) -> None:
        """Replace what it holds by an array of the same shape, or by one number throughout."""
        if self._array is None:
            whole = np.broadcast_to(np.asarray(values, self._dtype), self._shape)
            self.value.update_inplace(np.ascontiguousarray(whole))
        else:
            self._array[...] = values
