"""Write and read a finished fit: weights in safetensors, everything else JSON; no pickle."""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import save

from deploy.errors import ConfigError, RunError
from forecaster.config import RunConfig
from forecaster.config.building import build
from forecaster.data import Understood
from forecaster.files import to_json, write_atomically
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.run.folder import RunFolder, member_folder
from forecaster.run.places import (
    BACKTEST,
    CALIBRATION,
    CONFIG,
    DATA,
    LOG,
    METRICS,
    RANKS,
    WEIGHTS,
    is_finished,
    is_unfinished,
)
from forecaster.run.reading import read_log, read_network, read_object, read_ranks
from forecaster.run.record import DataRecord, read_record
from forecaster.training.calibration import Calibration
from forecaster.training.epochs import Epoch
from forecaster.training.fitted import Fitted

LEGIBLE = 1000  # series whose record is written over many lines; more are by one call of json's fast encoder


@dataclass(frozen=True)
class Run:
    """A finished fit."""

    path: Path
    config: RunConfig
    data: DataRecord
    metrics: dict[str, Any]
    ensemble: Ensemble
    patch_ranks: NDArray[np.int64] | None = None  # (vectors, patch × D); None: an early release's run
    logs: tuple[tuple[Epoch, ...], ...] = ((),)  # of each member; early releases kept none
    backtest: Ensemble | None = None  # the refit's twins; None: nothing was refitted
    calibration: Calibration | None = None  # None: not calibrated

    @classmethod
    def of_fit(cls, path: Path, config: RunConfig, data: DataRecord, fitted: Fitted) -> "Run":
        """Return a fit that has just finished. path: where it is written, if it is."""
        metrics = json.loads(to_json({**fitted.metrics(), "versions": versions()}))
        return cls(
            *(path, config, data, metrics, fitted.ensemble.eval()),
            patch_ranks=fitted.patch_ranks,
            logs=fitted.logs,
            backtest=None if fitted.backtest is None else fitted.backtest.eval(),
            calibration=fitted.calibration,
        )

    def describe(self) -> dict[str, Any]:
        """Return what is known of the run, in types of JSON."""
        return describe_run(self.path, self.config, self.data, self.metrics)

    @property
    def held_back(self) -> "Run":
        """The run of the twins: nothing held out has trained it."""
        return self if self.backtest is None else replace(self, ensemble=self.backtest)


def describe_run(path: Path, config: RunConfig, data: Understood, metrics: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a run, in types of JSON."""
    return {
        "kind": "run",
        "path": str(path),
        "config": config.model_dump(mode="json"),
        "data": data.model_dump(mode="json"),
        "metrics": metrics,
    }


def write_run(folder: RunFolder, run: Run, pictures: Mapping[str, bytes] = MappingProxyType({})) -> None:
    """Write a run, its config last; then it takes its place, and a finished run that was there moves aside.

    pictures: further files by name. Raises RunError.
    """
    try:
        _write_files(folder, run, pictures)
    except BaseException:
        folder.discard()
        raise
    folder.finish()


def _write_files(folder: RunFolder, run: Run, pictures: Mapping[str, bytes]) -> None:
    for number, log in enumerate(run.logs, start=1):
        folder.write_log(list(log), number)
    for name, ensemble in ((WEIGHTS, run.ensemble), (BACKTEST, run.backtest)):
        for number, network in enumerate(ensemble.networks if ensemble else (), start=1):
            write_atomically(folder.member(number) / name, _weights(network))
    contents = {
        METRICS: to_json(run.metrics),
        DATA: to_json(run.data.written(), indent=2 if run.data.series <= LEGIBLE else None),
        **_ranks(run.patch_ranks),
        **({CALIBRATION: to_json(run.calibration.to_json(), indent=None)} if run.calibration else {}),
        **pictures,
        CONFIG: to_json(run.config.model_dump(mode="json")),
    }
    for name, content in contents.items():
        write_atomically(folder.growing / name, content)


def _weights(network: Network) -> bytes:
    return save({name: tensor.contiguous() for name, tensor in network.state_dict().items()})


def _ranks(patch_ranks: NDArray[np.int64] | None) -> dict[str, bytes]:
    return {} if patch_ranks is None else {RANKS: to_json(patch_ranks.tolist(), indent=None)}


def load_run(path: Path) -> Run:
    """Read a run. Raises RunError if it is missing or damaged."""
    if is_unfinished(path):
        raise RunError(f"the fit at {path} is not finished; the same command with --resume continues it")
    if not is_finished(path):
        raise RunError(f"no run at {path}; `forecaster fit DATA -o {path}` makes one")
    try:
        return _read_run(path)
    except (OSError, ValueError, LookupError, TypeError, RuntimeError, ConfigError, SafetensorError) as error:
        said = _of_file(error) if isinstance(error, OSError) else str(error)
        reason = "; ".join(line.strip() for line in said.splitlines())
        raise RunError(f"the run at {path} is damaged: {reason}") from error


def _of_file(error: OSError) -> str:
    named = f"{Path(error.filename).name}: " if error.filename else ""
    return f"{named}{error.strerror}"


def _read_run(path: Path) -> Run:
    config = build(RunConfig, read_object(path / CONFIG))
    metrics = read_object(path / METRICS)
    if not isinstance(metrics.get("versions", {}), dict):
        raise ValueError(f"{METRICS}: versions is not an object")
    folders = [member_folder(path, number) for number in range(1, config.train.members + 1)]
    calibration = None
    if (path / CALIBRATION).exists():
        calibration = Calibration.from_json(read_object(path / CALIBRATION), config.model)
    twins = [folder / BACKTEST for folder in folders]
    return Run(
        *(path, config, read_record(path / DATA), metrics),
        ensemble=_read_ensemble([folder / WEIGHTS for folder in folders], config, calibration),
        patch_ranks=read_ranks(path / RANKS, config.model),
        logs=tuple(read_log(folder / LOG) for folder in folders),
        backtest=_read_ensemble(twins, config, calibration) if twins[0].exists() else None,
        calibration=calibration,
    )


def _read_ensemble(files: list[Path], config: RunConfig, calibration: Calibration | None) -> Ensemble:
    shapes = (config.shape_of_member(number) for number in range(1, len(files) + 1))
    ensemble = Ensemble([read_network(file, shape) for file, shape in zip(files, shapes, strict=True)]).eval()
    return calibration.apply(ensemble) if calibration else ensemble


def versions() -> dict[str, str]:
    """Return the versions that a run is made with."""
    names = ("lstm-forecaster", "torch", "numpy", "pandas")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
