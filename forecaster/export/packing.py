"""Pack weights into a bundle: graphs, golden cases and manifest, in memory or in a folder; without torch."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy import BundleError, Manifest, Predictor
from deploy.bundle.bundle import FILES, GOLDEN, MANIFEST, Bundle, canonical, digest_of, parse_manifest, sha256
from deploy.engine.deadline import Deadline
from deploy.engine.engine import Engine
from deploy.places import STANDARD
from deploy.request.inputs import Request
from deploy.request.levels import no_levels
from forecaster.export.golden import golden_cases
from forecaster.export.graphs import emit_graphs
from forecaster.export.manifest import Facts, describe, draft_manifest
from forecaster.files import folder_in_one_step, to_json, write_atomically
from forecaster.weights.calibrated import Calibrated

NOWHERE = Path("(a bundle in memory)")
Json = dict[str, Any]


@dataclass(frozen=True)
class Packed:
    """A bundle in memory. It is served by Predictor(packed.bundle)."""

    bundle: Bundle
    content: Json  # of its manifest

    def with_parity(self, parity: Mapping[str, float]) -> "Packed":
        """Return the same bundle with errors that were measured."""
        return seal({**self.content, "parity": dict(parity)}, self.bundle.files)


def pack(ensemble: Calibrated, facts: Facts, golden: Json | None = None) -> Packed:
    """Return a bundle of these weights. golden: golden cases; None: what the runtime forecasts here.

    Those of the runtime are the loop's, which does not fold, where there is one member: replaying them by
    forecast.onnx compares both ways. Raises BundleError for a network that forecasts no finite numbers.
    """
    content = describe(ensemble.config, facts, len(ensemble.members))
    # Ranks are for deploy alone: they stay out of the graphs.
    told = {name: value for name, value in content.items() if name != "patch_ranks"}
    models = emit_graphs(ensemble, {"manifest": canonical(told).decode()})
    content["graphs"] = {name: model.signature for name, model in models.items()}
    files = {name: model.data for name, model in models.items()}
    if golden is None:
        draft = draft_manifest(content)
        engine = Predictor(Bundle(NOWHERE, draft, files), "cpu").engine
        golden = golden_cases(ensemble.first, draft, partial(by_runtime, engine))
    return seal(content, {**files, GOLDEN: canonical(golden)})


def seal(content: Json, files: dict[str, bytes]) -> Packed:
    """Return a bundle whose manifest vouches for these files."""
    listed = {name: {"sha256": sha256(data), "bytes": len(data)} for name, data in files.items()}
    content = {**content, "files": listed}
    content["digest"] = digest_of(content)
    return Packed(Bundle(NOWHERE, parse_manifest(to_json(content), NOWHERE), files), content)


def by_runtime(engine: Engine, request: Request) -> dict[str, NDArray[np.float32]]:
    """Return the forecasts of a golden case by onnxruntime."""
    never, manifest = Deadline(None), engine.manifest
    shown = replace(request, levels=no_levels(manifest, len(request)))
    by_loop = engine.run(shown, never, "step").astype(np.float32)
    if manifest.members == 1:
        return {"quantiles": by_loop}
    return {"quantiles": engine.run(shown, never).astype(np.float32), "step_quantiles": by_loop}


def save(packed: Packed, path: Path) -> Manifest:
    """Write a bundle in one step, after its golden cases were replayed from the files.

    Raises BundleError, and writes nothing, if they are not reproduced or something else is in the place.
    """
    check_free(path)
    with folder_in_one_step(path) as folder:
        write_files(packed, folder)
        return Predictor.load(folder, providers="cpu", verify=True).manifest


def write_files(packed: Packed, folder: Path) -> None:
    """Write all files of a bundle into a folder, the manifest last."""
    for name, data in packed.bundle.files.items():
        write_atomically(folder / name, data)
    write_manifest(packed, folder)


def write_manifest(packed: Packed, folder: Path) -> None:
    """Write the manifest of a bundle, whose other files are there."""
    write_atomically(folder / MANIFEST, to_json(packed.content))


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
