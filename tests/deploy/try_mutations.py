"""`python tests/deploy/try_mutations.py MODULE FOLDER FIRST LAST`: bundles, each forecast or refused.

MODULE: mutations or hostile_graphs, which make them by a seed. Prints the seed before it is tried, so that
a crash of the process names its bundle; at the end how many ended how. Ends with a traceback at anything but
an error of deploy.
"""

import collections
import importlib
import json
import resource
import sys
from pathlib import Path

import numpy as np

from deploy import BundleError, ForecasterError, InputError, Predictor

# A damaged graph may ask for any memory; it then gets an error in place of the machine's.
MEMORY = 8 << 30


def outcome(folder: Path) -> str:
    """refused: by what reads; failed: by onnxruntime; differs: from its golden cases."""
    try:
        predictor = Predictor.load(folder)
    except BundleError:
        return "refused"
    try:
        predictor.verify()
        predictor.verify("step")
        how = "verified"
    except BundleError as error:
        how = "differs" if " differs by " in str(error) else "failed"
    return f"{how}, {forecast(predictor)}"


def forecast(predictor: Predictor) -> str:
    """Whether both ways forecast two short histories, with every covariate."""
    manifest = predictor.manifest
    generator = np.random.default_rng(0)
    length, steps = 9, min(5, manifest.max_horizon)

    def numbers(*shape: int) -> object:
        return generator.random(shape) if shape[-1] else None

    history = 1 + generator.random((2, length, *([len(manifest.channels)] if manifest.channels else [])))
    arguments = {
        "known": numbers(2, length, len(manifest.known)),
        "future_known": numbers(2, steps, len(manifest.known)),
        "past": numbers(2, length, len(manifest.past)),
    }
    found = []
    for method in ("graph", "step"):
        try:
            quantiles = predictor.forecast(history, steps, method=method, **arguments).quantiles  # type: ignore[arg-type]
            assert quantiles.shape[:2] == (2, steps)
            assert np.isfinite(quantiles).all()
            found.append("forecast")
        except (BundleError, InputError) as error:
            found.append(type(error).__name__)
    return " and ".join(found)


def main(module: str, folder: Path, first: int, last: int) -> None:
    make_bundle = importlib.import_module(module).make_bundle
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    counts: collections.Counter[str] = collections.Counter()
    for seed in range(first, last):
        sys.stderr.write(f"{seed}\n")
        sys.stderr.flush()
        make_bundle(folder, seed)
        try:
            counts[outcome(folder)] += 1
        except ForecasterError as error:  # a time zone that this machine does not know
            counts[type(error).__name__] += 1
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
