"""The free-running loop over decoder_step.onnx: what forecast.onnx does in one call, step by step.

Encode the history once; then, for every patch of the horizon, feed the decoder its state and the patch
that it forecast last. `feedback` is that patch: the normalised median of what comes next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
    """Quantiles (batch, horizon, quantile), of a joint model (batch, horizon, D, quantile), in data units."""
    encoding = run(encoder, request.history)
    constant = {name: encoding[name] for name in CONSTANT if name in encoding}
    h, c, previous = encoding["h"], encoding["c"], encoding["previous"]
    patches = []
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
        patches.append(outputs["quantiles"])
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
    """All outputs of a session by name."""
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))
