"""Export: write a run as a bundle of ONNX graphs, and as a model of Triton."""

from dataclasses import dataclass
from pathlib import Path

from deploy import Manifest
from deploy.bundle.bundle import read_bundle
from forecaster.export.bundle import write_bundle
from forecaster.export.triton import check_place, write_model
from forecaster.run.run import Run, load_run


@dataclass(frozen=True)
class ExportRequest:
    """Which run to export, and where to."""

    run: Path | Run
    output: Path | None = None  # None: below the run's folder
    triton: Path | None = None  # a model of this name in a model repository; None: none


@dataclass(frozen=True)
class Exported:
    """A bundle that was verified against torch."""

    path: Path
    manifest: Manifest
    triton: Path | None


def export(request: ExportRequest) -> Exported:
    """Write a bundle, checked against torch. Raises RunError, BundleError, ConfigError."""
    if request.triton:
        check_place(request.triton)
    run = load_run(request.run) if isinstance(request.run, Path) else request.run
    path = request.output or run.path / "bundle"
    manifest = write_bundle(run, path)
    if request.triton:
        write_model(read_bundle(path), request.triton)
    return Exported(path, manifest, request.triton)
