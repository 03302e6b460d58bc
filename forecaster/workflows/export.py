"""Export: write a run as a bundle of ONNX graphs, and as a model of Triton."""

import os
from dataclasses import dataclass
from pathlib import Path

from deploy import Manifest
from deploy.bundle.bundle import read_bundle
from deploy.errors import ConfigError
from deploy.overwriting import lies_in
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
    if request.triton:
        _check_apart(request.triton, path)
    manifest = write_bundle(run, path)
    if request.triton:
        write_model(read_bundle(path), request.triton)
    return Exported(path, manifest, request.triton)


def _check_apart(triton: Path, bundle: Path) -> None:
    """Raise ConfigError where writing one of two folders would replace the other."""
    is_one = os.path.realpath(triton) == os.path.realpath(bundle)
    if is_one or lies_in(triton, bundle) or lies_in(bundle, triton):
        raise ConfigError(
            f"cannot write both the bundle to {bundle} and --triton to {triton}: neither may lie in the "
            "other; choose another with --triton"
        )
