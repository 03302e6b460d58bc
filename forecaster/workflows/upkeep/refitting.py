"""Refit: continue a run on new data, judge the result on values that neither saw, and swap if it is better.

Two fits: a candidate without the last values, by which it is judged together with the run; and, if it is
better, one that continues the candidate with all values, is exported, and takes the place of the run.
"""

import contextlib
import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.bundle.bundle import MANIFEST, MAX_MANIFEST_BYTES, parse_manifest
from deploy.bundle.folder import read_inside
from deploy.errors import BundleError, QualityError, RunError
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.config.settings import Settings
from forecaster.data import Data, Panel, called
from forecaster.data.panel.panel import without_last
from forecaster.evaluation.scores import Evaluation
from forecaster.evaluation.verdict import check_gates, parse_gates
from forecaster.run.folder import RunFolder
from forecaster.run.places import sibling
from forecaster.run.run import Run, load_run
from forecaster.workflows.export import ExportRequest, export
from forecaster.workflows.fit import FitListener, FitRequest, fit
from forecaster.workflows.upkeep.continuing import read_for_run
from forecaster.workflows.upkeep.decisions import Decision, append, locked
from forecaster.workflows.upkeep.judging import (
    JUDGE,
    Comparison,
    HeldOut,
    check_judge,
    compare_runs,
    hold_out,
)

CANDIDATE, NEXT = "candidate", "next"
# The name of a stage -> a listener to its fit.
Listening = Callable[[str], AbstractContextManager[FitListener]]


@dataclass(frozen=True)
class RefitRequest:
    """The run to keep up to date, the data to do it by, and what a new one has to reach."""

    run: Path
    data: Data
    settings: Settings
    gates: tuple[str, ...] = ()  # METRIC=VALUE that the candidate has to reach
    judge: str = JUDGE  # an overall figure, lower is better
    windows: int | None = None  # of each series that judge; None: half of what is new
    jobs: int = 1


@dataclass(frozen=True)
class Refit:
    """A refit that ended, with what was decided."""

    decision: dict[str, Any]
    failed_gate: QualityError | None = None

    def check_gates(self) -> None:
        """Raise QualityError if a gate was why the run was kept."""
        if self.failed_gate is not None:
            raise self.failed_gate


def refit(request: RefitRequest, listening: Listening) -> Refit:
    """Fit again, and replace the run by what is better. What was decided is a line in RUN.refits.jsonl.

    Raises RunError, DataError, ConfigError, BundleError, Interrupted; then the run is what it was.
    """
    gates, judge = parse_gates(request.gates, "--gate"), check_judge(request.judge)
    RunFolder(request.run).recover()
    run = load_run(request.run)
    panel = read_for_run(request.data, run, build(Asked, request.settings["data"]))
    ending = Ending(request, run)
    held_out = hold_out(run, panel, request.windows)
    if not held_out.steps:
        return ending.keep(too_little(run, held_out))
    with work_folder(run.path) as folder:
        before = without_last(panel, held_out.steps)
        candidate = _fit(request, before, run.path, folder / CANDIDATE, listening)
        compared = compare_runs(run, candidate, panel, judge)
        reason = describe(compared)
        if not compared.is_better:
            return ending.keep(reason, held_out, compared)
        try:
            check_gates(gates, compared.candidate.overall())
        except QualityError as error:
            return ending.keep(f"{reason}, but {error}", held_out, compared, error)
        final = _fit(request, panel, candidate.path, folder / NEXT, listening)
        export(ExportRequest(final))
        RunFolder(run.path).replace(final.path)
    return ending.replaced(reason, held_out, compared)


def _fit(request: RefitRequest, panel: Panel, origin: Path, place: Path, listening: Listening) -> Run:
    with listening(place.name) as listener:
        asked = FitRequest(
            request.data, request.settings, place, origin=origin, panel=panel, jobs=request.jobs
        )
        return fit(asked, listener).run


class Ending:
    """The ends that a refit can come to; each is written down."""

    def __init__(self, request: RefitRequest, run: Run) -> None:
        self._request, self._run, self._before = request, run, digest_of(run.path)

    def keep(
        self,
        reason: str,
        held_out: HeldOut | None = None,
        compared: Comparison | None = None,
        error: QualityError | None = None,
    ) -> Refit:
        """Return that the run stays."""
        facts = {**self._facts(held_out, compared), "bundle": self._before}
        return self._write(Decision(outcome="kept", reason=f"kept: {reason}", **facts), error)

    def replaced(self, reason: str, held_out: HeldOut, compared: Comparison) -> Refit:
        """Return that another run is in its place."""
        facts = {**self._facts(held_out, compared), "bundle": digest_of(self._run.path)}
        return self._write(Decision(outcome="replaced", reason=f"replaced: {reason}", **facts), None)

    def _facts(self, held_out: HeldOut | None, compared: Comparison | None) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "data": called(self._request.data),
            "run": str(self._request.run),
            "before": self._before,
            "held_out": 0 if held_out is None else held_out.steps,
        }
        if compared is None:
            return facts
        both = {"before": compared.before, "candidate": compared.candidate}
        figures = {name: known_figures(scores) for name, scores in both.items()}
        windows = compared.candidate.counts.windows
        return {**facts, "windows": windows, "judge": compared.judge, "figures": figures}

    def _write(self, decision: Decision, error: QualityError | None) -> Refit:
        written = decision.dated()
        append(self._run.path, written)
        return Refit(written, error)


def known_figures(scores: Evaluation) -> dict[str, float]:
    """Return the overall figures that are numbers."""
    return {name: float(figure) for name, figure in scores.overall().items() if not math.isnan(figure)}


def too_little(run: Run, held_out: HeldOut) -> str:
    """Say that nothing can be judged."""
    horizon = run.config.model.horizon
    return (
        f"no series has {horizon} values (a horizon) after those that the run saw, {held_out.new} at most; "
        "without them nothing tells which is better"
    )


def describe(compared: Comparison) -> str:
    """Say how the candidate did, in a sentence."""
    before, candidate = compared.figures
    name, counts = compared.judge.upper().replace("_", " "), compared.candidate.counts
    change = 100 * (1 - candidate / before) if before > 0 else 0.0
    compare = f"{abs(change):.1f} % {'better' if change > 0 else 'worse'}"
    shown = compare if abs(change) >= 0.05 else "the same"
    scored = f"{counts.forecasts} forecasts of {counts.series} series that neither saw"
    return f"{candidate:.4g} {name} where the run has {before:.4g} ({shown}), on {scored}"


def digest_of(run: Path) -> str | None:
    """Return the digest of the bundle in a run; None without one, or where it is damaged."""
    path = run / "bundle"
    if not (path / MANIFEST).exists():
        return None
    with contextlib.suppress(BundleError):
        return parse_manifest(read_inside(path, MANIFEST, MAX_MANIFEST_BYTES), path).digest
    return None


@contextmanager
def work_folder(run: Path) -> Iterator[Path]:
    """Give a folder next to the run, which goes at the end; of a refit that was killed it is made again.

    Raises RunError while another refit of the run is under way.
    """
    folder = sibling(run, "refit")
    with locked(run):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise RunError(f"cannot write {folder}: {error.strerror}") from None
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
