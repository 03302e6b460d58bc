"""The free-running loop over decoder_step.onnx: what forecast.onnx does in one call, step by step.

Encode the history once; then, for every patch of the horizon, feed the decoder its state and the patch
that it forecast last. `feedback` is that patch: the normalised median of what comes next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .errors import BundleError
from .inputs import Request, Tensors
from .timestep import MISSING_TIME

if TYPE_CHECKING:
    import onnxruntime

# Outputs of the encoder that every step needs as they are, where the model has them.
CONSTANT = ("location", "scale", "highway", "static_state")


def decode(
    encoder: onnxruntime.InferenceSession,
    decoder_step: onnxruntime.InferenceSession,
    request: Request,
    patch_length: int,
) -> NDArray[np.float32]:
    """Quantiles (batch, horizon, quantile), of a joint model (batch, horizon, D, quantile), in data units.

    Raises BundleError if a graph fails.
    """
    encoding = run(encoder, request.history)
    constant = {name: encoding[name] for name in CONSTANT if name in encoding}
    h, c, previous = encoding["h"], encoding["c"], encoding["previous"]
    patches: list[NDArray[np.float32]] = []
    for step in range(-(-request.horizon // patch_length)):
        outputs = run(
            decoder_step,
            {
                **constant,
                "h": h,
                "c": c,
                "previous": previous,
                "step": np.array([step], dtype=np.int64),
                **future_patch(request, step, patch_length),
            },
        )
        quantiles = outputs["quantiles"]
        tail = patches[0].shape[2:] if patches else quantiles.shape[2:]
        patches.append(expect_shape(quantiles, (len(request), patch_length, *tail)))
        h, c, previous = outputs["next_h"], outputs["next_c"], outputs["feedback"]
    return np.concatenate(patches, axis=1)[:, : request.horizon]


def future_patch(request: Request, step: int, patch_length: int) -> Tensors:
    """What is known of one patch of the future; steps beyond the horizon are missing."""
    fill = {"future_timestamps": MISSING_TIME, "future_known": np.nan}
    begin, end = step * patch_length, (step + 1) * patch_length
    tensors = {}
    for name, tensor in request.future.items():
        part = tensor[:, begin:end]
        padding = [(0, 0)] * part.ndim
        padding[1] = (0, patch_length - part.shape[1])
        tensors[name] = np.pad(part, padding, constant_values=fill[name])
    return tensors


def run(session: onnxruntime.InferenceSession, inputs: Tensors) -> Tensors:
    """All outputs of a session by name. Raises BundleError if the graph fails on checked inputs."""
    names = [output.name for output in session.get_outputs()]
    try:
        found = session.run(names, inputs)
    except Exception as error:  # onnxruntime's own errors share no narrower base
        raise BundleError(f"onnxruntime cannot run the graph: {error}") from error
    return dict(zip(names, found, strict=True))


def expect_shape(quantiles: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The quantiles. Raises BundleError if they have another shape than the graph declares."""
    if quantiles.shape != shape:
        raise BundleError(f"the graph gives quantiles of shape {quantiles.shape}, expected {shape}")
    return quantiles
