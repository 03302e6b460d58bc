"""The run folder: weights in safetensors, everything else JSON; no pickle."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from deploy.errors import ConfigError, RunError
from deploy.timestep import TimeStep
from forecaster.config import RunConfig, build
from forecaster.data.panel import Panel
from forecaster.data.timestamps import write_timestamps
from forecaster.files import to_json, write_atomically
from forecaster.folder import CONFIG, WEIGHTS, RunFolder
from forecaster.model.network import Network
from forecaster.training.fit import Fitted

METRICS, DATA = "metrics.json", "data.json"


class DataRecord(BaseModel):
    """What the data were and how they were understood."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    sha256: str
    values: int
    missing: int
    series: int
    step: dict[str, int | str]  # {"count", "unit"}
    time: str | None
    time_format: str
    targets: tuple[str, ...]
    series_columns: tuple[str, ...]
    known: tuple[str, ...]
    static: tuple[str, ...]  # categories and numbers
    vocabularies: dict[str, list[str]]  # of the categories
    ids: tuple[tuple[str, ...], ...]  # as Panel.ids
    training_cutoff: tuple[str, ...]  # per series: the last timestamp that trained
    layout: str = "auto"  # how the file holds its series
    past: tuple[str, ...] = ()
    timezone: str | None = None
    joint: bool = False  # the targets of a series are forecast together

    @classmethod
    def of(cls, path: Path, panel: Panel, train_ends: np.ndarray[Any, np.dtype[np.int64]]) -> Self:
        """The record of a panel that was read from a file."""
        columns = panel.columns
        cutoffs = write_timestamps(panel.timestamps[train_ends - 1], columns.time_format, panel.clock)
        values = int(panel.lengths().sum()) * panel.target_size
        observed = int(np.isfinite(panel.values).sum())
        return cls(
            file=path.name,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            values=values,
            missing=values - observed,
            series=panel.series_count,
            step=asdict(panel.step),
            time=columns.time,
            time_format=columns.time_format,
            targets=columns.targets,
            series_columns=columns.series,
            known=columns.known,
            static=columns.static,
            vocabularies=dict(zip(columns.categories, map(list, panel.vocabularies), strict=True)),
            ids=panel.ids,
            training_cutoff=tuple(cutoffs),
            layout=columns.layout,
            past=columns.past,
            timezone=columns.timezone,
            joint=columns.joint,
        )

    @property
    def time_step(self) -> TimeStep:
        """The step as a value."""
        return TimeStep(int(self.step["count"]), str(self.step["unit"]))


@dataclass(frozen=True)
class Run:
    """A finished fit."""

    path: Path
    config: RunConfig
    data: DataRecord
    metrics: dict[str, Any]
    network: Network


def save_run(folder: RunFolder, config: RunConfig, data: DataRecord, fitted: Fitted) -> None:
    """Write a run, its config last; a finished run that was there moves to NAME.previous."""
    folder.write_log(fitted.epochs)
    weights = {name: tensor.contiguous() for name, tensor in fitted.network.state_dict().items()}
    contents = {
        WEIGHTS: save(weights),
        METRICS: to_json({**fitted.metrics(), "versions": versions()}),
        DATA: to_json(data.model_dump(mode="json")),
        CONFIG: to_json(config.model_dump(mode="json")),
    }
    for name, content in contents.items():
        write_atomically(folder.path / name, content)
    folder.forget_checkpoint()


def load_run(path: Path) -> Run:
    """Read a run. Raises RunError if it is missing or damaged."""
    if not (path / CONFIG).exists() and RunFolder(path).checkpoint.exists():
        raise RunError(f"the fit at {path} is not finished; the same command with --resume goes on")
    if not (path / CONFIG).exists():
        raise RunError(f"no run at {path}; `forecaster fit DATA -o {path}` makes one")
    try:
        config = build(RunConfig, json.loads((path / CONFIG).read_bytes()))
        data = DataRecord.model_validate_json((path / DATA).read_bytes())
        metrics = json.loads((path / METRICS).read_bytes())
        if not isinstance(metrics, dict):
            raise ValueError(f"{METRICS} is not an object")
        network = Network(config.model)
        network.load_state_dict(load_file(path / WEIGHTS))
    except (OSError, ValueError, RuntimeError, ConfigError, SafetensorError) as error:
        reason = "; ".join(line.strip() for line in str(error).splitlines())
        raise RunError(f"the run at {path} is damaged: {reason}") from error
    return Run(path, config, data, metrics, network.eval())


def versions() -> dict[str, str]:
    """What a run was made with."""
    names = ("lstm-forecaster", "torch", "numpy", "pandas")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
