"""Write the bundle of a run, in one step, and only after its graphs were compared with torch."""

from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from deploy import Manifest, Predictor
from deploy.request.inputs import Request
from forecaster.export.golden import golden_cases
from forecaster.export.manifest import describe, draft_manifest, facts_of
from forecaster.export.packing import check_free, pack, write_files, write_manifest
from forecaster.export.verify import check_models, to_window, verify_bundle
from forecaster.files import folder_in_one_step
from forecaster.model.ensemble import Ensemble
from forecaster.run.run import Run


def write_bundle(run: Run, path: Path) -> Manifest:
    """Export a run. Raises BundleError, and writes nothing, if the graphs do not reproduce the network."""
    check_free(path)
    weights, facts = run.ensemble.weights(), facts_of(run)
    draft = draft_manifest(describe(weights.config, facts, len(weights.members)))
    packed = pack(weights, facts, golden_cases(weights.first, draft, partial(by_torch, run.ensemble)))
    check_models(packed.bundle)
    with folder_in_one_step(path) as folder:
        write_files(packed, folder)
        predictor = Predictor.load(folder, providers="cpu", verify=True)
        write_manifest(packed.with_parity(verify_bundle(run.ensemble, predictor)), folder)
    return Predictor.load(path, providers="cpu").manifest


def by_torch(ensemble: Ensemble, request: Request) -> dict[str, NDArray[np.float32]]:
    """Return the forecasts of a golden case by torch."""
    window, served = to_window(request), {"quantiles": ensemble}
    if len(ensemble.networks) > 1:
        served["step_quantiles"] = ensemble.first_alone
    with torch.inference_mode():
        return {name: one.forecast(window).numpy() for name, one in served.items()}
