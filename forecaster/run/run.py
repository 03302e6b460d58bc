"""The run folder: weights in safetensors, a picture of the fit, everything else JSON; no pickle."""

from __future__ import annotations

import json
import logging
import platform
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from deploy.errors import ConfigError, RunError
from forecaster.config import RunConfig
from forecaster.config.building import build
from forecaster.data.panel.panel import Panel
from forecaster.data.times.timestamps import write_timestamps
from forecaster.data.understood import Understood
from forecaster.files import to_json, write_atomically
from forecaster.model.network import Network
from forecaster.run.folder import CONFIG, LOG, WEIGHTS, RunFolder
from forecaster.training.calibration import Calibration
from forecaster.training.epochs import Epoch, to_epoch
from forecaster.training.fitted import Fitted

METRICS, DATA, PICTURE, RANKS = "metrics.json", "data.json", "training.svg", "ranks.json"
# What is added to the quantiles; the weights of the refit's twin, which only a backtest needs.
CALIBRATION, BACKTEST = "calibration.json", "backtest.safetensors"

logger = logging.getLogger("forecaster")


class DataRecord(Understood):
    """The facts of the data of a fit, and how much of each series trained."""

    sha256: str
    ids: tuple[tuple[str, ...], ...]  # per series: its key, then the target's name if there are several
    training_cutoff: tuple[str, ...]  # per series: the last timestamp that trained
    # Per series: its last timestamp; what lies between it and the cutoff was held out. Early runs have none.
    last_timestamps: tuple[str, ...] = ()

    @classmethod
    def of_fit(
        cls, understood: Understood, sha256: str, panel: Panel, train_ends: NDArray[np.int64]
    ) -> DataRecord:
        """The record of a fit. sha256: of the file; train_ends: (series,) row after the last that trained."""

        def written(ends: NDArray[np.int64]) -> tuple[str, ...]:
            last = panel.timestamps[ends - 1]
            return tuple(write_timestamps(last, panel.columns.time_format, panel.clock))

        return cls(
            **dict(understood),
            sha256=sha256,
            ids=panel.ids,
            training_cutoff=written(train_ends),
            last_timestamps=written(panel.ends),
        )


@dataclass(frozen=True)
class Member:
    """One of several networks of a fit, beside the first."""

    network: Network
    epochs: tuple[Epoch, ...]
    backtest: Network | None = None  # the refit's twin; None: nothing was refitted


@dataclass(frozen=True)
class Run:
    """A finished fit."""

    path: Path
    config: RunConfig
    data: DataRecord
    metrics: dict[str, Any]
    network: Network
    patch_ranks: NDArray[np.int64] | None = None  # (vectors, patch × D); None: an early release's run
    epochs: tuple[Epoch, ...] = ()
    others: tuple[Member, ...] = ()  # further members; all else but the calibration is of the first
    backtest: Network | None = None  # the refit's twin; None: nothing was refitted
    calibration: Calibration | None = None  # None: not calibrated

    @property
    def networks(self) -> tuple[Network, ...]:
        """All whose forecasts are averaged."""
        return (self.network, *(member.network for member in self.others))

    @classmethod
    def of_fit(cls, path: Path, config: RunConfig, data: DataRecord, fitted: Fitted) -> Run:
        """A fit that has just finished. path: where it is written, if it is."""
        metrics = json.loads(to_json({**fitted.metrics(), "versions": versions()}))
        first, *others = (
            Member(
                fit.network.eval(),
                tuple(fit.epochs),
                None if fit.backtest is fit.network else fit.backtest.eval(),
            )
            for fit in fitted.members
        )
        return cls(
            *(path, config, data, metrics),
            **vars(first),
            patch_ranks=fitted.patch_ranks,
            others=tuple(others),
            calibration=fitted.calibration,
        )

    @property
    def held_back(self) -> Run:
        """The run of the twins: nothing held out has trained it."""
        if self.backtest is None:
            return self
        others = tuple(replace(member, network=member.backtest or member.network) for member in self.others)
        return replace(self, network=self.backtest, others=others)


def save_run(folder: RunFolder, config: RunConfig, data: DataRecord, fitted: Fitted) -> None:
    """Write a fit as write_run does."""
    write_run(folder, Run.of_fit(folder.path, config, data, fitted))


def write_run(folder: RunFolder, run: Run) -> None:
    """Write a run, its config last; a finished run that was there moves to NAME.previous."""
    first = Member(run.network, run.epochs, run.backtest)
    for number, member in enumerate((first, *run.others), start=1):
        folder.write_log(list(member.epochs), number)
        write_atomically(folder.member(number) / WEIGHTS, _weights(member.network))
        if member.backtest is not None:
            write_atomically(folder.member(number) / BACKTEST, _weights(member.backtest))
    contents = {
        METRICS: to_json(run.metrics),
        DATA: to_json(run.data.model_dump(mode="json")),
        **_ranks(run.patch_ranks),
        **({CALIBRATION: to_json(run.calibration.to_json(), indent=None)} if run.calibration else {}),
        **_picture(run),
        CONFIG: to_json(run.config.model_dump(mode="json")),
    }
    for name, content in contents.items():
        write_atomically(folder.path / name, content)
    folder.forget_checkpoint()


def _weights(network: Network) -> bytes:
    return save({name: tensor.contiguous() for name, tensor in network.state_dict().items()})


def _ranks(patch_ranks: NDArray[np.int64] | None) -> dict[str, bytes]:
    return {} if patch_ranks is None else {RANKS: to_json(patch_ranks.tolist(), indent=None)}


def _picture(run: Run) -> dict[str, bytes]:
    """The drawn fit; without matplotlib a warning and no picture, since no fit is to be lost over one."""
    if not run.epochs:  # an early release kept no log
        return {}
    try:
        from forecaster.show.training_picture import draw_training  # slow to import, and only fits draw
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        logger.warning("matplotlib is not installed, so there is no %s", PICTURE)
        return {}
    return {PICTURE: draw_training(list(run.epochs), run.config.train)}


def load_run(path: Path) -> Run:
    """Read a run. Raises RunError if it is missing or damaged."""
    if not (path / CONFIG).exists() and RunFolder(path).checkpoint.exists():
        raise RunError(f"the fit at {path} is not finished; the same command with --resume goes on")
    if not (path / CONFIG).exists():
        raise RunError(f"no run at {path}; `forecaster fit DATA -o {path}` makes one")
    try:
        config = build(RunConfig, json.loads((path / CONFIG).read_bytes()))
        data = read_record(path / DATA)
        metrics = json.loads((path / METRICS).read_bytes())
        if not isinstance(metrics, dict):
            raise ValueError(f"{METRICS} is not an object")
        ranks = np.array(json.loads((path / RANKS).read_bytes())) if (path / RANKS).exists() else None
        folders = [RunFolder(path).member(number) for number in range(1, config.train.members + 1)]
        first, *others = [_read_member(folder, config) for folder in folders]
        calibration = None
        if (path / CALIBRATION).exists():
            content = json.loads((path / CALIBRATION).read_bytes())
            calibration = Calibration.from_json(content, config.model)
    except (OSError, ValueError, LookupError, TypeError, RuntimeError, ConfigError, SafetensorError) as error:
        reason = "; ".join(line.strip() for line in str(error).splitlines())
        raise RunError(f"the run at {path} is damaged: {reason}") from error
    if calibration is not None:
        for member in (first, *others):
            calibration.apply([network for network in (member.network, member.backtest) if network])
    return Run(
        *(path, config, data, metrics),
        **vars(first),
        patch_ranks=ranks,
        others=tuple(others),
        calibration=calibration,
    )


def _read_member(folder: Path, config: RunConfig) -> Member:
    backtest = folder / BACKTEST
    log = folder / LOG
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return Member(
        _read_network(folder / WEIGHTS, config),
        tuple(to_epoch(json.loads(line)) for line in lines),
        _read_network(backtest, config) if backtest.exists() else None,
    )


def _read_network(path: Path, config: RunConfig) -> Network:
    network = Network(config.model)
    network.load_state_dict(load_file(path))
    return network.eval()


def read_record(path: Path) -> DataRecord:
    """Read what a fit wrote of its data. Raises ValueError for a file of anything else."""
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
