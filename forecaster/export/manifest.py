"""The manifest of a model, before and after its graphs are emitted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deploy import Manifest, TimeStep
from deploy.bundle.bundle import SCHEMA_VERSION
from deploy.columns import Columns
from deploy.request.misfits import is_sparse
from deploy.time.clock import clock_of
from deploy.time.holidays import Holidays
from forecaster.config import ModelConfig

if TYPE_CHECKING:  # torch stays out of a bundle whose weights are arrays
    from forecaster.run.run import Run


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts of a model that its network does not tell: its time step, its columns, its training."""

    time_step: TimeStep
    columns: Columns
    vocabularies: Mapping[str, list[str]] = field(default_factory=dict)  # of the categories
    training: Mapping[str, Any]  # config, data, metrics: for people
    patch_ranks: NDArray[np.int64] | None = None  # (vectors, patch × D); None: paths draw each value apart
    calibration: Mapping[str, Any] | None = None  # as written; None: not calibrated
    holidays: Mapping[str, Any] | None = None  # as written; None: the model has none


def facts_of(run: "Run") -> Facts:
    """Return what a run knows of its data and its training."""
    data = run.data
    return Facts(
        time_step=data.time_step,
        columns=data.columns,
        vocabularies=data.vocabularies,
        training={
            "config": run.config.model_dump(mode="json"),
            "data": {"file": data.file, "sha256": data.sha256, **_until(run), **_learned(run)},
            "metrics": run.metrics,
        },
        patch_ranks=run.patch_ranks,
        calibration=run.calibration.to_json() if run.calibration else None,
        holidays=data.holidays,
    )


def describe(model: ModelConfig, facts: Facts, members: int = 1) -> dict[str, Any]:
    """Return the manifest without its graphs, files and digest."""
    return {
        "schema_version": SCHEMA_VERSION,
        "time_step": asdict(facts.time_step),
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
        "columns": facts.columns.to_json(),
        "vocabularies": dict(facts.vocabularies),
        "graphs": {},
        "training": dict(facts.training),
        "parity": {},
        "patch_ranks": [] if facts.patch_ranks is None else facts.patch_ranks.tolist(),
        **({"members": members} if members > 1 else {}),
        **calibrated(facts.calibration),
        **({"holidays": dict(facts.holidays)} if facts.holidays else {}),
    }


def calibrated(content: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of a calibration, as written; none of none."""
    if not content:
        return {}
    joint = content.get("joint")
    offsets = {name: value for name, value in content.items() if name != "joint"}
    return {"calibration": offsets, **({"joint": joint} if joint and joint["intervals"] else {})}


def draft_manifest(content: dict[str, Any]) -> Manifest:
    """Return the manifest of a bundle that has no files yet. content: of describe."""
    step = TimeStep(**content["time_step"])
    columns = Columns.from_json(content["columns"], content["vocabularies"])
    days = content.get("holidays")
    parsed = {"columns": columns, "holidays": Holidays.from_json(days) if days else None}
    return Manifest(**{**content, "time_step": step, **parsed, "files": {}, "digest": ""})


def _until(run: "Run") -> dict[str, int]:
    """Return when the last value that the fit saw was observed, on the model's clock, if it is known."""
    from forecaster.data.times.timestamps import read_timestamps  # which needs pandas

    data = run.data
    if not data.last_timestamps or data.columns.time_format is None:
        return {}
    clock = clock_of(data.columns.timezone, data.time_step)
    return {"until": int(read_timestamps(data.last_timestamps, data.columns.time_format, clock).max())}


def _learned(run: "Run") -> dict[str, float]:
    """Return what this model has learned from and others refuse: gaps, and values below a bound."""
    data, lower, found = run.data, run.config.model.lower, dict[str, float]()
    if is_sparse(data.missing, data.values):
        found |= {"values": data.values, "missing": data.missing}
    if data.sparse_series:
        found["sparse_series"] = data.sparse_series
    if lower is not None and data.least is not None and data.least < lower:
        found["least"] = data.least
    return found
