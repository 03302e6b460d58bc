"""What a fit needs before it begins: the series, the whole configuration, a network to go on from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from forecaster.config import DataConfig, RunConfig
from forecaster.config.building import build
from forecaster.config.settings import Settings, column_choice
from forecaster.data.panel.panel import Panel
from forecaster.data.source import Data, name_of, read_data
from forecaster.data.understood import Understood
from forecaster.model.network import Network
from forecaster.run.run import DataRecord, load_run
from forecaster.training.fitted import Fitted
from forecaster.training.resume.checkpoint import digest_of
from forecaster.workflows.continuing import model_settings, read_for_run
from forecaster.workflows.recipe import derive_config


@dataclass(frozen=True)
class Prepared:
    """All that decides a fit."""

    panel: Panel
    config: RunConfig
    understood: Understood
    origins: tuple[Network, ...]  # trained already; those of a run's members
    sha256: str  # of the file as it was read, or of what was read of a frame

    def record(self, fitted: Fitted) -> DataRecord:
        """What a run keeps of the data, once it is known which of them trained."""
        return DataRecord.of_fit(self.understood, self.sha256, self.panel, fitted.split.train_ends)


def prepare(data: Data, settings: Settings, origin: Path | None = None) -> Prepared:
    """Read a file or frame and derive what was not said. origin: a run to go on from.

    Raises DataError, ConfigError or RunError.
    """
    said, model, train = build(DataConfig, settings["data"]), settings["model"], settings["train"]
    networks: tuple[Network, ...]
    if origin is None:
        panel, networks = read_data(data, column_choice(said, model)), ()
    else:
        run = load_run(origin)
        # What the served weights know of values that are held out again would make errors look small.
        networks = run.held_back.ensemble.networks
        panel, model = read_for_run(data, run, said), model_settings(run, model)
        train = {"members": len(networks), **train}
    config = derive_config(panel, model, train, said)
    understood = Understood.of(name_of(data), panel, config.model.season)
    return Prepared(panel, config, understood, networks, _digest(data, panel))


def _digest(data: Data, panel: Panel) -> str:
    if not isinstance(data, Path):
        return digest_of(panel)
    with data.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
