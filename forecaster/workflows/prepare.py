"""Prepare: write the series of data of any size as a panel on disk, which is read in place of the data."""

import os
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import ConfigError
from deploy.overwriting import lies_in
from deploy.places import STANDARD
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.config.settings import Settings
from forecaster.data import Data, Understood, name_of
from forecaster.data.in_parts import Progress, prepare_panel
from forecaster.data.prepared.memory_map import FILES, is_prepared
from forecaster.workflows.recipes.recipe import default_season, given_lengths


@dataclass(frozen=True)
class PrepareRequest:
    """The data, the settings of how they are read, and the folder to write."""

    data: Data
    settings: Settings
    output: Path


def prepare(request: PrepareRequest, progress: Progress | None = None) -> Understood:
    """Write a prepared panel, and return what was understood of the data. progress: told which share is done.

    Raises DataError, ConfigError, RunError.
    """
    asked, season = build(Asked, request.settings["data"]), given_lengths(request.settings["model"]).season
    _check_output(request)
    panel = prepare_panel(request.data, asked, request.output, progress)
    return Understood.of(name_of(request.data), panel, season or default_season(panel))


def _check_output(request: PrepareRequest) -> None:
    """Raise ConfigError before anything is read: for prepared data, and a place that holds other files."""
    data, output = request.data, request.output
    if is_prepared(data):
        raise ConfigError(f"{data} is prepared already")
    if output == STANDARD:
        raise ConfigError("a prepared panel is a folder, so standard output cannot take it; name a folder")
    folder = Path(os.path.realpath(output))
    if isinstance(data, Path) and lies_in(data, folder):
        raise ConfigError(f"{data} lies in {output}, which this command replaces; name another folder")
    if os.path.lexists(folder) and not folder.is_dir():
        raise ConfigError(f"{output} is no folder; name another")
    others = sorted({place.name for place in folder.iterdir()} - FILES) if folder.is_dir() else []
    if others:
        raise ConfigError(
            f"{output} holds {others[0]}, which is no file of a prepared panel; name another folder"
        )
