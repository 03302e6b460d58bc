"""The run folder: weights in safetensors, everything else JSON; no pickle."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from deploy.errors import ConfigError, RunError
from forecaster.config import RunConfig, build
from forecaster.data.panel import Panel
from forecaster.data.timestamps import write_timestamps
from forecaster.files import folder_in_one_step, to_json, write_atomically
from forecaster.model.network import Network
from forecaster.training.fit import Fitted
from forecaster.understanding import Understood

WEIGHTS, CONFIG, METRICS, DATA, LOG = (
    "model.safetensors",
    "config.json",
    "metrics.json",
    "data.json",
    "log.jsonl",
)


class DataRecord(Understood):
    """What the data were, how they were understood, and what of them trained."""

    sha256: str
    ids: tuple[tuple[str, ...], ...]  # per series: its key, then the target's name if there are several
    training_cutoff: tuple[str, ...]  # per series: the last timestamp that trained

    @classmethod
    def of_fit(
        cls, understood: Understood, path: Path, panel: Panel, train_ends: NDArray[np.int64]
    ) -> DataRecord:
        """The record of a fit. path: of the file; train_ends: (series,) row after the last that trained."""
        cutoffs = panel.timestamps[train_ends - 1]
        return cls(
            **dict(understood),
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            ids=panel.ids,
            training_cutoff=tuple(write_timestamps(cutoffs, panel.columns.time_format, panel.clock)),
        )


@dataclass(frozen=True)
class Run:
    """A finished fit."""

    path: Path
    config: RunConfig
    data: DataRecord
    metrics: dict[str, Any]
    network: Network


def check_free(path: Path) -> None:
    """Raises RunError if `path` holds something that is not a run, which a fit must not move away."""
    if not path.name or path.name == "..":
        raise RunError(f"{path} cannot be moved aside; choose another with -o")
    above = next(parent for parent in path.parents if parent.exists())
    if not above.is_dir():
        raise RunError(f"{path} lies below {above}, which is a file; choose another with -o")
    if not os.access(above, os.W_OK):
        raise RunError(f"cannot write below {above}; choose another place with -o")
    for place in (path, previous(path)):
        is_run = (place / CONFIG).exists() and (place / WEIGHTS).exists()
        if place.is_file() or (place.is_dir() and any(place.iterdir()) and not is_run):
            raise RunError(f"{place} exists and is not a run folder; choose another with -o")


def previous(path: Path) -> Path:
    """Where a finished run moves when the next one takes its place."""
    return path.with_name(path.name + ".previous")


def save_run(path: Path, config: RunConfig, data: DataRecord, fitted: Fitted) -> None:
    """Write a run in one step; a finished run that was there moves to NAME.previous."""
    metrics = {**fitted.metrics(), "versions": versions()}
    with folder_in_one_step(path, keep_as=previous(path)) as folder:
        weights = {name: tensor.contiguous() for name, tensor in fitted.network.state_dict().items()}
        save_file(weights, folder / WEIGHTS)
        write_atomically(folder / CONFIG, to_json(config.model_dump(mode="json")))
        write_atomically(folder / METRICS, to_json(metrics))
        write_atomically(folder / DATA, to_json(data.model_dump(mode="json")))
        lines = [to_json(asdict(epoch), indent=None) for epoch in fitted.epochs]
        write_atomically(folder / LOG, b"".join(lines))


def load_run(path: Path) -> Run:
    """Read a run. Raises RunError if it is missing or damaged."""
    if not (path / CONFIG).exists():
        raise RunError(f"no run at {path}; `forecaster fit DATA -o {path}` makes one")
    try:
        config = build(RunConfig, json.loads((path / CONFIG).read_bytes()))
        data = read_record(path / DATA)
        metrics = json.loads((path / METRICS).read_bytes())
        if not isinstance(metrics, dict):
            raise ValueError(f"{METRICS} is not an object")
        network = Network(config.model)
        network.load_state_dict(load_file(path / WEIGHTS))
    except (OSError, ValueError, RuntimeError, ConfigError, SafetensorError) as error:
        reason = "; ".join(line.strip() for line in str(error).splitlines())
        raise RunError(f"the run at {path} is damaged: {reason}") from error
    return Run(path, config, data, metrics, network.eval())


def read_record(path: Path) -> DataRecord:
    """What a fit wrote of its data. Raises ValueError for a file that holds anything else."""
    try:
        return DataRecord.model_validate_json(path.read_bytes())
    except ValidationError as error:
        lacking = [str(problem["loc"][-1]) for problem in error.errors() if problem["type"] == "missing"]
        if not lacking:
            raise
        raise ValueError(
            f"{path.name} lacks {', '.join(lacking)}; another version wrote it, so fit again"
        ) from None


def versions() -> dict[str, str]:
    """What a run was made with."""
    names = ("lstm-forecaster", "torch", "numpy", "pandas")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
