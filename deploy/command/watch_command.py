"""The command `watch`: do forecasts of the last values hold what they say, and is it time to fit again?"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..adaptive.calibrator import steps_after
from ..adaptive.watching import Watched, watch
from ..bundle.bundle import Manifest
from ..errors import ConfigError, DataError, QualityError
from ..predictor import Predictor
from ..request.moments import check_last_timestamp
from .forecast_rows import write
from .history_file import read_history

BUNDLE = Path("run/bundle")
ABOUT = (
    "Compare the last values of DATA, which the fit must not have seen, with forecasts made before them, one "
    "step after the other. Exit code 7 when the alarm rings: series have changed, fit again. While errors "
    "one step ahead are alike over time, it rings in one case of a hundred at most."
)


def add_watch_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        "data",
        metavar="DATA",
        type=Path,
        help="CSV with the columns series, time, value and those of covariates",
    )
    parser.add_argument("--bundle", type=Path, default=BUNDLE, help=f"by default {BUNDLE}")
    parser.add_argument(
        "--new",
        metavar="N",
        type=int,
        help="steps at the end; by default those that the fit did not see",
    )
    parser.add_argument("--provider", default="auto", help="cpu, cuda, or a name of onnxruntime's")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_watch(arguments: Sequence[str], prog: str) -> None:
    """Run the command by its options. prog: how it is called. Raises ForecasterError."""
    parser = argparse.ArgumentParser(prog=prog, usage=f"{prog} DATA", description=ABOUT)
    add_watch_options(parser)
    watch_file(parser.parse_args(arguments))


def watch_file(asked: argparse.Namespace) -> None:
    """Watch what was asked for, and print it. Raises QualityError when the alarm rings, ForecasterError."""
    predictor = Predictor.load(asked.bundle, providers=asked.provider)
    manifest = predictor.manifest
    histories = read_history(asked.data, manifest, with_covariates=True)
    last = check_last_timestamp(manifest, histories.last_timestamps, len(histories.values))
    new = _not_seen(manifest, last) if asked.new is None else asked.new
    found = watch(predictor.engine, histories.values, new, last, histories.given)
    text = json.dumps(asdict(found)) if asked.json else _described(found)
    write(data=f"{text}\n".encode())
    if found.rings:
        raise QualityError(
            f"the series have changed (p = {found.p_value:.1g}, seen at step {found.rang} of {found.steps}): "
            "fit again"
        )


def _not_seen(manifest: Manifest, last: NDArray[np.int64] | None) -> int:
    """Return the steps after the last that the fit saw. Raises ConfigError where nothing tells."""
    until = manifest.training.get("data", {}).get("until")
    if last is None or type(until) is not int:
        raise ConfigError(
            "nothing tells which values the fit did not see: the file has no times, or the bundle is of an "
            "early release; say how many, as --new"
        )
    new = steps_after(manifest, until, int(last.max()))
    if not new:
        raise DataError("the file has no values after those that the fit saw; --new watches others")
    return new


def _described(found: Watched) -> str:
    lines = [f"watched   {found.steps:,} steps of {found.series:,} series"]
    if found.coverage is not None:
        lines.append(
            f"coverage  {100 * found.coverage:.1f} % of {found.values:,} values in the "
            f"{100 * found.interval:g} % interval; mean pinball loss {found.pinball:.4f} of its width"
        )
    lines.append(f"alarm     {'rings' if found.rings else 'silent'}, p = {found.p_value:.2g}")
    return "\n".join(lines)
