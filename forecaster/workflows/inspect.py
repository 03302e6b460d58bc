"""Inspect: say what a data file, a run, a folder of segments or a bundle holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.bundle.bundle import MANIFEST, read_bundle
from deploy.bundle.segments import Segments, find_segments
from deploy.errors import ConfigError, RunError
from deploy.places import STANDARD
from deploy.sources.folders import ENDINGS
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.config.settings import Settings
from forecaster.data import Data, Understood, called, read_data, record_of
from forecaster.data.panel.holiday_columns import choose_holidays, with_holidays
from forecaster.data.prepared.memory_map import is_prepared
from forecaster.run.places import CONFIG, is_finished, is_unfinished
from forecaster.workflows.recipes.recipe import default_season, given_lengths


@dataclass(frozen=True)
class InspectRequest:
    """The run, bundle or data to look at, and how to read data."""

    path: Data
    settings: Settings


def inspect(request: InspectRequest) -> dict[str, Any]:
    """Return what is understood of a data file, known of a run or of each segment, or in a manifest.

    Raises DataError, RunError, BundleError, ConfigError.
    """
    path, settings = request.path, request.settings
    if not isinstance(path, Path) or _is_data(path):
        return {"kind": "data", **understand(path, settings).model_dump(mode="json")}
    said = ", ".join(name for values in settings.values() for name in values)
    if said:
        raise ConfigError(f"{path} is no data file, so nothing overrules how it is read; leave out {said}")
    if (path / MANIFEST).exists():
        return {"kind": "bundle", **read_bundle(path).manifest.to_json()}
    if is_finished(path) or is_unfinished(path):
        from forecaster.run.run import load_run  # torch takes seconds to load

        return load_run(path).describe()
    segments = find_segments(path)
    if segments is not None:
        return _fits_of(segments)
    raise RunError(f"{path} is neither a run nor a bundle: no {CONFIG} and no {MANIFEST}")


def _fits_of(segments: Segments) -> dict[str, Any]:
    """Return how good the run of each segment is, or what is wrong with it."""
    from forecaster.run.run import load_run
    from forecaster.run.segment_fits import SegmentFit, SegmentFits

    fits = []
    for key, place in segments.places.items():
        try:
            run = load_run(place)
            fits.append(SegmentFit.of(run, key, run.data.series))
        except RunError as error:
            fits.append(SegmentFit(key, place, 0, error=str(error)))
    return SegmentFits(segments.by, segments.path, tuple(fits)).describe()


def _is_data(path: Path) -> bool:
    """Return whether a path names a file, what `prepare` wrote, or a folder of Parquet files."""
    if is_prepared(path):
        return True
    if path.is_dir():
        return any(True for ending in ENDINGS for _ in path.rglob(f"*{ending}"))
    return path == STANDARD or path.exists() or bool(path.suffix)


def understand(data: Data, settings: Settings) -> Understood:
    """Read data as a fit would. Raises DataError, ConfigError."""
    said = build(Asked, settings["data"])
    panel = read_data(data, said)
    panel = with_holidays(panel, choose_holidays(panel, said, panel.known_reach() or 0))
    season = given_lengths(settings["model"]).season or default_season(panel)
    return Understood.of(called(data), panel, season, record_of(data))
