"""Scores: the findings of an evaluation, in types of JSON, NaN (null) where a figure cannot be known.

A unit is what is scored: a series, or a target of a joint one. Missing values count nowhere.

mae, mse, rmse: mean |y − f|, mean (y − f)², root of that. Overall over all values.
mase: mae over the mean |y_t − y_{t−m}| (Hyndman and Koehler, 2006). Overall the mean over units.
rmsse: rmse over the root of the mean (y_t − y_{t−m})², m the season (Makridakis et al., 2022: 1). As mase.
smape: mean 200 |y − f| / (|y| + |f|), 0 where both are 0 (Makridakis et al., 2020). As mase.
owa: ½ (smape + mase), each over that of the seasonal naive forecast. Overall only.
crps: 2 × the quantile loss, mean over levels: CRPS, as far as the levels go. Overall over all values.
wql: 2 × the sum of the quantile loss, mean over levels, over the sum of |y| (Gasthaus et al., 2019). As crps.
coverage, width: share of values in a central interval, borders included; its mean width. As crps.

The unit of mase and rmsse is taken from the rows before the first target that may be scored. A unit whose
rows do not change from season to season has none, and does not count in their means. M4's OWA is relative to
Naive2 instead, the naive forecast of seasonally adjusted data, so that its figures are others.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Literal

from forecaster.evaluation.unit_table import PointScores, UnitTable

Kind = Literal["fresh", "validation"]
Role = Literal["best", "median", "worst"]
Steps = tuple[float, ...]  # one for each step of the horizon


@dataclass(frozen=True)
class StepScores:
    """Errors by step of the horizon; mase and smape weigh every unit alike."""

    mase: Steps
    smape: Steps
    mae: Steps
    rmse: Steps


@dataclass(frozen=True)
class Interval:
    """A central interval, between the quantiles lower and 1 − lower."""

    nominal: float  # share of values that should lie in it
    lower: float
    upper: float
    coverage: float  # share that does
    width: float  # mean, in the target's units
    scaled_width: float  # mean over units, in the unit of mase
    coverage_by_step: Steps
    width_by_step: Steps
    scaled_width_by_step: Steps


@dataclass(frozen=True)
class Quantile:
    """One level of the forecast."""

    level: float
    share_below: float  # of the values at or below the quantile: `level` if it is calibrated
    loss: float  # mean quantile loss


@dataclass(frozen=True)
class BaselineScores:
    """Scores of a baseline."""

    scores: PointScores
    steps: StepScores


@dataclass(frozen=True)
class Model:
    """Scores of the model over all units."""

    scores: PointScores
    owa: float
    crps: float
    wql: float
    steps: StepScores
    crps_by_step: Steps
    intervals: tuple[Interval, ...]  # the widest first
    quantiles: tuple[Quantile, ...]


@dataclass(frozen=True)
class ExposureBias:
    """Quantile loss of the network's `next` rows, normalised, by decoder step (Bengio et al., 2015)."""

    patch_length: int  # steps of the horizon in a decoder step
    free: tuple[float, ...]  # fed its own medians
    forced: tuple[float, ...]  # fed the truth
    ratio: float  # the first over the second, over all steps


@dataclass(frozen=True)
class RestsOn:
    """Parts of the median of an example, each (horizon,), and what it rests on; see deploy.Explanation."""

    level: tuple[float, ...]
    linear: tuple[float, ...]
    recurrent: tuple[float, ...]
    bound: tuple[float, ...]
    shares: dict[str, float]  # of each input, the largest first
    sentence: str
    parts_sentence: str


@dataclass(frozen=True)
class Example:
    """The last scored window of a unit, to be drawn. Times are as the file writes them; NaN = missing."""

    role: Role
    id: tuple[str, ...]
    history_times: tuple[str, ...]  # the context of the forecast
    history: tuple[float, ...]
    times: tuple[str, ...]  # (horizon,)
    moments: tuple[int, ...]  # the same of both: seconds since 1970 on the clock that is written, or counts
    actual: tuple[float, ...]
    quantiles: tuple[tuple[float, ...], ...]  # (horizon, quantile)
    baselines: dict[str, tuple[float, ...]]  # (horizon,) each
    rests_on: RestsOn | None = None  # None: the bundle was exported before forecasts could be explained


@dataclass(frozen=True)
class Counts:
    """Counts of what was scored, and of what was not."""

    windows: int  # origins, over all series
    forecasts: int  # windows × targets forecast together
    series: int  # units with a scored forecast
    values: int  # observed ones
    new_series: int  # of the series those that the fit never saw
    left_out: int  # units of the file without a scored forecast
    unobserved: int  # windows left out: nothing observed in their context or in their horizon
    unknown_covariates: int  # windows left out: a known covariate is missing in their horizon
    unscaled: int  # units that do not change from season to season, so without mase and rmsse


@dataclass(frozen=True)
class Subject:
    """The model that was scored, and the values it was scored on."""

    kind: Kind  # fresh: after all that the fit saw; validation: held out from training, but not from stopping
    label: str  # the same in words
    file: str
    run: str
    bundle: str | None  # folder; None: exported for this evaluation
    bundle_digest: str
    step: str  # of time, such as "1 hour"
    season: int
    context_length: int
    horizon: int
    stride: int  # steps from one origin to the next
    trained_horizon: int
    quantile_levels: tuple[float, ...]
    calibrated: bool  # whether values that the fit held out have corrected the intervals
    first_origin: str  # the earliest and the latest time of all units
    last_target: str


@dataclass(frozen=True)
class Evaluation:
    """All findings of an evaluation, for a report to draw."""

    verdict: str  # one sentence
    subject: Subject
    counts: Counts
    model: Model
    baselines: dict[str, BaselineScores]
    relative: dict[str, float]  # mase_ratio, ...: the model's figure over the seasonal naive forecast's
    units: UnitTable  # UnitScores, in the order of the file
    exposure_bias: ExposureBias
    examples: tuple[Example, ...]  # best, median and worst unit by mase (by mae over the baseline's without)

    def to_json(self) -> dict[str, Any]:
        """Return the findings in types of JSON; the writer makes NaN null."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: _plain(value) for name, value in found.items()}

    def overall(self) -> dict[str, float]:
        """Return every overall figure by the name that a gate knows it by; lower is better."""
        scores = {**asdict(self.model.scores), "owa": self.model.owa}
        gaps = [abs(interval.coverage - interval.nominal) for interval in self.model.intervals]
        return {
            **scores,
            "crps": self.model.crps,
            "wql": self.model.wql,
            **({"coverage_gap": max(gaps)} if gaps else {}),
            **self.relative,
        }


def _plain(value: Any) -> Any:
    """Return dataclasses as dictionaries, also those in sequences and dictionaries."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
