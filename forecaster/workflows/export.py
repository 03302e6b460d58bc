"""Export: write a run, or the pretrained network, as a bundle of ONNX graphs and as a model of Triton."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deploy import Manifest
from deploy.bundle.bundle import read_bundle
from deploy.bundle.segments import find_segments
from deploy.errors import ConfigError
from deploy.overwriting import lies_in
from forecaster.export.for_season import SeasonModel, pack_season
from forecaster.export.packing import check_free, save
from forecaster.export.triton import check_place, write_model

if TYPE_CHECKING:  # torch stays out of what is not trained
    from forecaster.run.run import Run


@dataclass(frozen=True)
class ExportRequest:
    """Which run to export, or the pretrained network of which season, and where to."""

    run: "Path | Run | SeasonModel"
    output: Path | None = None  # None: below the run's folder
    triton: Path | None = None  # a model of this name in a model repository; None: none


@dataclass(frozen=True)
class Exported:
    """A bundle that was verified, that of a run against torch."""

    path: Path
    manifest: Manifest
    triton: Path | None


def export(request: ExportRequest) -> Exported:
    """Write a bundle; that of a run is checked against torch. Raises RunError, BundleError, ConfigError."""
    if request.triton:
        check_place(request.triton)
    if isinstance(request.run, SeasonModel):
        path, manifest = _export_season(request.run, request)
    else:
        path, manifest = _export_run(request.run, request)
    if request.triton:
        write_model(read_bundle(path), request.triton)
    return Exported(path, manifest, request.triton)


def export_all(request: ExportRequest) -> list[Exported]:
    """Write the bundle of a run, or of every run in a folder of segments. Raises as export."""
    segments = find_segments(request.run) if isinstance(request.run, Path) else None
    if segments is None:
        return [export(request)]
    if request.output is not None or request.triton is not None:
        raise ConfigError(
            f"{segments.path} holds runs of segments, each with its own bundle: leave out -o and --triton"
        )
    return [export(replace(request, run=path)) for path in segments.places.values()]


def _export_season(model: SeasonModel, request: ExportRequest) -> tuple[Path, Manifest]:
    if request.output is None:
        raise ConfigError("there is no run that the bundle could lie in; name a folder with -o")
    if request.triton:
        _check_apart(request.triton, request.output)
    check_free(request.output)
    return request.output, save(pack_season(model), request.output)


def _export_run(given: "Path | Run", request: ExportRequest) -> tuple[Path, Manifest]:
    from forecaster.export.bundle import write_bundle
    from forecaster.run.run import load_run

    run = load_run(given) if isinstance(given, Path) else given
    path = request.output or run.path / "bundle"
    if request.triton:
        _check_apart(request.triton, path)
    return path, write_bundle(run, path)


def _check_apart(triton: Path, bundle: Path) -> None:
    """Raise ConfigError where writing one of two folders would replace the other."""
    is_one = os.path.realpath(triton) == os.path.realpath(bundle)
    if is_one or lies_in(triton, bundle) or lies_in(bundle, triton):
        raise ConfigError(
            f"cannot write both the bundle to {bundle} and --triton to {triton}: neither may lie in the "
            "other; choose another with --triton"
        )
