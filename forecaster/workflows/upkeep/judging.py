"""Score a run and a candidate on the same windows, of values that neither saw."""

import math
from dataclasses import dataclass

import numpy as np

from deploy.errors import ConfigError
from forecaster.data import Panel
from forecaster.evaluation.scores import Evaluation
from forecaster.evaluation.verdict import KNOWN
from forecaster.run.record import Seen, find_seen
from forecaster.run.run import Run
from forecaster.workflows.evaluate import evaluate_panel
from forecaster.workflows.rolling import EvaluationOptions, load_served

JUDGE = "mase"  # the figure that decides; where it is not known, FALLBACK
FALLBACK = "mae"


@dataclass(frozen=True)
class HeldOut:
    """The last values of the series, which a candidate is judged by."""

    steps: int  # of each series; 0: too few are new
    new: int  # steps of the series with most values that the run did not see


def hold_out(run: Run, panel: Panel, windows: int | None) -> HeldOut:
    """Choose the values to judge by: windows of a horizon, as said, else half of what the run never saw."""
    horizon = run.config.model.horizon
    new = panel.ends - find_seen(run.path, run.data, panel).used
    long = new[new >= horizon]
    if not len(long):
        return HeldOut(0, int(max(new.max(), 0)))
    enough = int(np.median(long)) // horizon
    taken = max(1, enough // 2) if windows is None else min(windows, enough)
    return HeldOut(taken * horizon, int(new.max()))


@dataclass(frozen=True)
class Comparison:
    """Scores of the run and of the candidate on the same windows."""

    before: Evaluation
    candidate: Evaluation
    judge: str  # the overall figure that decides

    @property
    def figures(self) -> tuple[float, float]:
        """The figure of the run, and of the candidate."""
        return self.before.overall()[self.judge], self.candidate.overall()[self.judge]

    @property
    def is_better(self) -> bool:
        """Whether the candidate is; a figure that is not known is not."""
        before, candidate = self.figures
        return candidate < before


def compare_runs(run: Run, candidate: Run, panel: Panel, judge: str) -> Comparison:
    """Score both on windows after all that either saw. Raises as evaluate."""
    seen = latest_seen(find_seen(run.path, run.data, panel), find_seen(candidate.path, candidate.data, panel))

    def score(one: Run) -> Evaluation:
        return evaluate_panel(one, panel, load_served(one), EvaluationOptions(), str(one.path), seen)

    before, after = score(run), score(candidate)
    known = all(not math.isnan(scores.overall().get(judge, math.nan)) for scores in (before, after))
    return Comparison(before, after, judge if known else FALLBACK)


def latest_seen(first: Seen, second: Seen) -> Seen:
    """Return what one or the other saw."""
    return Seen(
        trained=np.maximum(first.trained, second.trained),
        used=np.maximum(first.used, second.used),
        is_new=first.is_new & second.is_new,
    )


def check_judge(name: str) -> str:
    """Return the name of an overall figure. Raises ConfigError for another."""
    if name not in KNOWN:
        raise ConfigError(f"--judge {name}: unknown metric {name!r}; known: {', '.join(KNOWN)}")
    return name
