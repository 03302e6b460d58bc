"""Replay of the forecasts that a bundle carries: does this machine compute what the exporter did?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from .bundle import GOLDEN, Bundle
from .errors import BundleError

if TYPE_CHECKING:
    import onnxruntime


def replay(bundle: Bundle, session: onnxruntime.InferenceSession) -> None:
    """Compare a session over forecast.onnx with golden.json. Raises BundleError where they differ."""
    golden = json.loads(bundle.files[GOLDEN])
    declared = bundle.manifest.graphs["forecast.onnx"]["inputs"]
    for number, case in enumerate(golden["cases"]):
        inputs = {
            name: np.array(values, dtype=declared[name]["dtype"]) for name, values in case["inputs"].items()
        }
        expected = np.array(case["outputs"]["quantiles"], dtype=np.float32)
        found = session.run(["quantiles"], inputs)[0]
        # Over time and quantiles; a series may forecast nothing but a bound of 0.
        largest = np.abs(expected).max(axis=(1, -1)).clip(min=np.finfo(np.float32).tiny)
        difference = np.abs(found - expected).max(axis=(1, -1)) / largest
        if not difference.max() <= golden["tolerance"]:
            raise BundleError(
                f"{bundle.path}: golden case {number} differs by {difference.max():.2g} "
                f"of a series' largest value, allowed is {golden['tolerance']:.2g}"
            )
