"""The answer to an infer request: JSON, with the tensor in it or in binary behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.responses import Response

from ..answers import dump, json_answer
from ..models.models import VERSION
from .infer_request import OUTPUT, InferRequest

HEADER_LENGTH = "inference-header-content-length"


def infer_answer(model: str, asked: InferRequest, quantiles: NDArray[np.floating]) -> Response:
    """quantiles: (batch, horizon, [D,] quantile)."""
    values = np.ascontiguousarray(quantiles, dtype="<f4")
    output: dict[str, Any] = {"name": OUTPUT, "datatype": "FP32", "shape": list(values.shape)}
    content: dict[str, Any] = {"model_name": model, "model_version": VERSION, "outputs": [output]}
    if asked.id is not None:
        content["id"] = asked.id
    if not asked.is_binary:
        output["data"] = values.ravel()
        return json_answer(content)
    output["parameters"] = {"binary_data_size": values.nbytes}
    head = dump(content)
    headers = {HEADER_LENGTH: str(len(head))}
    return Response(head + values.tobytes(), 200, headers, "application/octet-stream")
