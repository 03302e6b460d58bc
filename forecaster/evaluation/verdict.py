"""The verdict on an evaluation: a sentence for a person, gates for a machine."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.errors import ConfigError, QualityError
from forecaster.evaluation.scores import BaselineScores, Counts, Kind
from forecaster.evaluation.summary import RATIOS
from forecaster.evaluation.unit_table import PointScores

SAME = 0.005  # ratios nearer to 1 are the same in whole percents
SEEN: dict[Kind, str] = {"fresh": "", "validation": " in held-out windows, which selected the weights"}
# Figures that a gate may limit.
NAMES = (*PointScores.__dataclass_fields__, "owa", "crps", "wql", "coverage_gap")
KNOWN = (*NAMES, *(f"{name}_ratio" for name in RATIOS))


def write_verdict(
    scores: PointScores, baselines: dict[str, BaselineScores], counts: Counts, kind: Kind
) -> str:
    """Compare the forecasts with the best baseline and with the first, in a sentence.

    If they are no better than the best, that comes first.
    """
    metric, form = ("mae", ".4g") if math.isnan(scores.mase) else ("mase", ".3f")
    own: float = getattr(scores, metric)
    made = f"{_count(counts.forecasts, 'forecast')} of {_count(counts.series, 'series')}{SEEN[kind]}"
    if math.isnan(own):
        return f"no observed value to score in {made}"
    found = f"{own:{form}} {metric.upper()} on {made}"
    errors: dict[str, float] = {name: getattr(other.scores, metric) for name, other in baselines.items()}
    first, best = next(iter(errors)), best_baseline(baselines, metric)
    to_first = "" if best == first or not errors[first] > 0 else _compare(own / errors[first], first)
    if not errors[best] > 0:
        return f"{found}: {best} makes no error there" + (to_first and f"; {to_first}")
    ratio, to_best = own / errors[best], _compare(own / errors[best], best)
    if ratio > 1 - SAME:
        return f"{to_best}: {found}" + (to_first and f"; {to_first}")
    is_alone = len(errors) == 1
    return f"{found}: {to_first and to_first + ', '}{to_best}{'' if is_alone else ', the best baseline'}"


def best_baseline(baselines: dict[str, BaselineScores], metric: str) -> str:
    """Return the name of the baseline of the smallest error. metric: a field of PointScores."""
    errors: dict[str, float] = {name: getattr(other.scores, metric) for name, other in baselines.items()}
    return min(errors, key=lambda name: math.inf if math.isnan(errors[name]) else errors[name])


def _compare(ratio: float, other: str) -> str:
    """Say in words what the error over that of another forecast means."""
    if ratio >= 1 + SAME:
        return f"worse than {other} by {100 * (ratio - 1):.0f} %"
    if ratio > 1 - SAME:
        return f"no better than {other}"
    return f"{100 * (1 - ratio):.0f} % better than {other}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 or noun.endswith('s') else noun + 's'}"


@dataclass(frozen=True)
class Gate:
    """An overall figure and its limit."""

    metric: str
    limit: float


def parse_gates(texts: Sequence[str], option: str = "--fail-over") -> list[Gate]:
    """Read gates, written as METRIC=VALUE. option: what gave them. Raises ConfigError."""
    return [_parse(text, option) for text in texts]


def check_gates(gates: Sequence[Gate], figures: dict[str, float]) -> None:
    """Raise QualityError, naming each failed gate and its figure. A figure that is not known fails."""
    failed = [gate for gate in gates if not figures.get(gate.metric, math.nan) <= gate.limit]
    if failed:
        raise QualityError("quality gate failed: " + "; ".join(_describe(gate, figures) for gate in failed))


def _parse(text: str, option: str) -> Gate:
    metric, equals, value = text.partition("=")
    if metric not in KNOWN:
        raise ConfigError(f"{option} {text}: unknown metric {metric!r}; known: {', '.join(KNOWN)}")
    try:
        limit = float(value)
    except ValueError:
        limit = math.nan
    if not equals or math.isnan(limit):
        raise ConfigError(f"{option} {text}: expected a number after {metric}=, found {value!r}")
    return Gate(metric, limit)


def _describe(gate: Gate, figures: dict[str, float]) -> str:
    figure = figures.get(gate.metric, math.nan)
    if math.isnan(figure):
        return f"{gate.metric} is not known, and has to be {gate.limit:g} at most"
    return f"{gate.metric} is {figure:.6g}, over {gate.limit:g}"
