"""The manifest of a run, before and after its graphs are emitted."""

from dataclasses import asdict
from typing import Any

import onnx

from deploy import Manifest
from deploy.bundle.bundle import SCHEMA_VERSION
from deploy.request.misfits import is_sparse
from forecaster.run.run import Run

_DTYPES = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.INT64: "int64"}


def describe(run: Run) -> dict[str, Any]:
    """Return the manifest without its graphs, files and digest."""
    model, data = run.config.model, run.data
    return {
        "schema_version": SCHEMA_VERSION,
        "time_step": asdict(data.time_step),
        "season": model.season,
        "context_length": model.context_length,
        "patch_length": model.patch_length,
        "horizon": model.horizon,
        "max_horizon": model.max_horizon,
        "quantile_levels": list(model.quantile_levels),
        "normalization": model.normalization,
        "lower": model.lower,
        "positive": model.normalization == "log-last-difference",
        "uses_calendar": bool(model.calendar_periods),
        "columns": data.columns.to_json(),
        "vocabularies": data.vocabularies,
        "graphs": {},
        "training": {
            "config": run.config.model_dump(mode="json"),
            "data": {"file": data.file, "sha256": data.sha256, **_learned(run)},
            "metrics": run.metrics,
        },
        "parity": {},
        "patch_ranks": [] if run.patch_ranks is None else run.patch_ranks.tolist(),
        **({"members": len(run.logs)} if len(run.logs) > 1 else {}),
        **({"calibration": run.calibration.to_json()} if run.calibration else {}),
    }


def _learned(run: Run) -> dict[str, float]:
    """Return what this model has learned from and others refuse: gaps, and values below a bound."""
    data, lower, found = run.data, run.config.model.lower, dict[str, float]()
    if is_sparse(data.missing, data.values):
        found |= {"values": data.values, "missing": data.missing}
    if data.sparse_series:
        found["sparse_series"] = data.sparse_series
    if lower is not None and data.least is not None and data.least < lower:
        found["least"] = data.least
    return found


def signature(model: onnx.ModelProto) -> dict[str, Any]:
    """Return the names, dtypes and shapes of a graph's inputs and outputs."""
    return {
        side: {
            value.name: {
                "dtype": _DTYPES[value.type.tensor_type.elem_type],
                "shape": [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim],
            }
            for value in values
        }
        for side, values in (("inputs", model.graph.input), ("outputs", model.graph.output))
    }


def draft_manifest(run: Run) -> Manifest:
    """Return the manifest that a bundle of the run would have, without graphs and files."""
    found = {"time_step": run.data.time_step, "columns": run.data.columns, "files": {}, "digest": ""}
    return Manifest(**{**describe(run), **found})
