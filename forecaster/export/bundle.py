"""Write a bundle: graphs, golden cases, manifest; in one step, and only after the graphs were verified."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from deploy import BundleError, Manifest, Predictor
from deploy.bundle.bundle import FILES, GOLDEN, MANIFEST, canonical, digest_of, sha256
from deploy.places import STANDARD
from deploy.request.covariates import Covariates
from deploy.request.inputs import check_request
from forecaster.export.graphs import emit_graphs
from forecaster.export.manifest import describe, draft_manifest, signature
from forecaster.export.samples import make_sample
from forecaster.export.verify import to_window, verify_bundle
from forecaster.files import folder_in_one_step, to_json, write_atomically
from forecaster.model.ensemble import Ensemble
from forecaster.run.run import Run

# Other builds and processors round differently; max|Δ| / max|expected| of each series.
GOLDEN_TOLERANCE = 1e-4


def write_bundle(run: Run, path: Path) -> Manifest:
    """Export a run. Raises BundleError, and writes nothing, if the graphs do not reproduce the network."""
    check_free(path)
    description = describe(run)
    # Ranks are for deploy alone: they stay out of the graphs.
    told = {name: value for name, value in description.items() if name != "patch_ranks"}
    metadata = {"manifest": canonical(told).decode()}
    models = emit_graphs(run.ensemble, metadata)
    description["graphs"] = {name: signature(model) for name, model in models.items()}
    files = {name: model.SerializeToString() for name, model in models.items()}
    with folder_in_one_step(path) as folder:
        for name, data in files.items():
            write_atomically(folder / name, data)
        files[GOLDEN] = canonical(golden_cases(run.ensemble, draft_manifest(run)))
        write_atomically(folder / GOLDEN, files[GOLDEN])
        _write_manifest(folder, description, files)
        predictor = Predictor.load(folder, providers="cpu", verify=True)
        description["parity"] = verify_bundle(run.ensemble, predictor)
        _write_manifest(folder, description, files)
    return Predictor.load(path, providers="cpu").manifest


def check_free(path: Path) -> None:
    """Raise BundleError if a bundle at this place would replace anything but a bundle."""
    if path == STANDARD:
        raise BundleError("a bundle is a folder, so standard output cannot take it; name a folder with -o")
    if Path(os.path.realpath(path)) == Path.cwd():
        raise BundleError(f"{path} is the current folder, which cannot be replaced; choose another with -o")
    names = {entry.name for entry in path.iterdir()} if path.is_dir() else set()
    if (os.path.lexists(path) and not path.is_dir()) or (names and MANIFEST not in names):
        raise BundleError(f"{path} exists and is not a bundle; choose another with -o")
    if others := sorted(names - {MANIFEST, *FILES}):
        raise BundleError(
            f"{path} is a bundle that also holds {others[0]}, which would be lost; move it, or choose "
            "another with -o"
        )


def golden_cases(ensemble: Ensemble, manifest: Manifest) -> dict[str, Any]:
    """Compute inputs and outputs of forecast.onnx by torch, to be replayed on any machine.

    With a calendar the last case has no times: the int64 that says so must get through, too. With several
    members the loop gives other outputs, those of the first: step_quantiles.
    """
    cases = []
    context, patch = manifest.context_length, manifest.patch_length
    for lengths, horizon, left_out in (
        ([context, max(1, context // 2), patch], manifest.horizon, ""),
        ([context], patch + 1, "last_timestamp"),
    ):
        sample = make_sample(ensemble.first, manifest, lengths, min(horizon, manifest.max_horizon))
        arguments = {name: given for name, given in sample.arguments.items() if name != left_out}
        request = check_request(manifest, sample.history, sample.horizon, Covariates(**arguments))
        window = to_window(request)
        with torch.inference_mode():
            quantiles = ensemble.forecast(window).numpy()
            if not np.isfinite(quantiles).all():
                raise BundleError("the network forecasts no finite numbers; the bundle was not written")
            outputs = {"quantiles": nested(quantiles)}
            if len(ensemble.networks) > 1:
                outputs["step_quantiles"] = nested(ensemble.first_alone.forecast(window).numpy())
        inputs = {name: nested(tensor.numpy()) for name, tensor in window.tensors().items()}
        cases.append({"inputs": inputs, "outputs": outputs})
    return {"tolerance": GOLDEN_TOLERANCE, "cases": cases}


def nested(array: NDArray[Any]) -> Any:
    """Return nested lists, null where missing; float32 in the fewest digits that give it back."""
    if array.ndim == 0:
        value = array.item()
        if isinstance(value, int):
            return value
        return None if np.isnan(value) else float(str(np.float32(value)))
    return [nested(part) for part in array]


def _write_manifest(folder: Path, description: dict[str, Any], files: dict[str, bytes]) -> None:
    listed = {name: {"sha256": sha256(data), "bytes": len(data)} for name, data in files.items()}
    manifest = {**description, "files": listed}
    manifest["digest"] = digest_of(manifest)
    write_atomically(folder / MANIFEST, to_json(manifest))
