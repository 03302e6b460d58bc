"""Inspect: say what a data file, a run folder or a bundle holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.bundle.bundle import MANIFEST, read_bundle
from deploy.errors import ConfigError, RunError
from deploy.places import STANDARD
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.config.settings import Settings
from forecaster.data import Understood, name_of, read_data
from forecaster.data.prepared.memory_map import is_prepared
from forecaster.run.places import CONFIG, is_finished, is_unfinished
from forecaster.workflows.recipes.recipe import default_season, given_lengths


@dataclass(frozen=True)
class InspectRequest:
    """The path to look at, and how to read it if it is a data file."""

    path: Path
    settings: Settings


def inspect(request: InspectRequest) -> dict[str, Any]:
    """Return what is understood of a data file, known of a run, or in the manifest of a bundle.

    Raises DataError, RunError, BundleError, ConfigError.
    """
    path, settings = request.path, request.settings
    if is_prepared(path) or (not path.is_dir() and (path == STANDARD or path.exists() or path.suffix)):
        return {"kind": "data", **understand(path, settings).model_dump(mode="json")}
    said = ", ".join(name for values in settings.values() for name in values)
    if said:
        raise ConfigError(f"{path} is no data file, so nothing overrules how it is read; leave out {said}")
    if (path / MANIFEST).exists():
        return {"kind": "bundle", **read_bundle(path).manifest.to_json()}
    if is_finished(path) or is_unfinished(path):
        from forecaster.run.run import load_run  # torch takes seconds to load

        return load_run(path).describe()
    raise RunError(f"{path} is neither a run nor a bundle: no {CONFIG} and no {MANIFEST}")


def understand(path: Path, settings: Settings) -> Understood:
    """Read a data file as a fit would. Raises DataError, ConfigError."""
    panel = read_data(path, build(Asked, settings["data"]))
    season = given_lengths(settings["model"]).season or default_season(panel)
    return Understood.of(name_of(path), panel, season)
