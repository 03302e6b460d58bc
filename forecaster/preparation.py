"""What a fit needs before it begins: the series, the whole configuration, a network to go on from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from forecaster.building import build
from forecaster.config import DataConfig, RunConfig
from forecaster.continuing import model_settings, read_for_run
from forecaster.data.csv import read_panel
from forecaster.data.panel import Panel
from forecaster.model.network import Network
from forecaster.options import Settings, column_choice
from forecaster.recipe import derive_config
from forecaster.run import load_run


@dataclass(frozen=True)
class Prepared:
    """All that decides a fit."""

    panel: Panel
    config: RunConfig
    origin: Network | None  # trained already
    sha256: str  # of the file, as it was read


def prepare(path: Path, settings: Settings, origin: Path | None) -> Prepared:
    """Read a file and derive what was not said. origin: a run to go on from.

    Raises DataError, ConfigError or RunError.
    """
    said, model, train = build(DataConfig, settings["data"]), settings["model"], settings["train"]
    if origin is None:
        panel, network = read_panel(path, column_choice(said, model)), None
    else:
        run = load_run(origin)
        panel, network, model = read_for_run(path, run, said), run.network, model_settings(run, model)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Prepared(panel, derive_config(panel, model, train, said), network, digest)
