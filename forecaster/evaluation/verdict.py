"""The sentence that a person reads first."""

from __future__ import annotations

import math

from forecaster.evaluation.scores import Baseline, Counts, Kind, PointScores

SAME = 0.005  # ratios nearer to 1 are the same in whole percents
SEEN: dict[Kind, str] = {
    "fresh": "",
    "validation": " in held-out windows, which selected the weights",
}


def write_verdict(scores: PointScores, baselines: dict[str, Baseline], counts: Counts, kind: Kind) -> str:
    """How good the forecasts are beside the first baseline; if they are worse, that comes first.

    Another baseline that is better than the forecasts is named, too.
    """
    metric, form = ("mae", ".4g") if math.isnan(scores.mase) else ("mase", ".3f")
    own: float = getattr(scores, metric)
    made = f"{_count(counts.forecasts, 'forecast')} of {_count(counts.series, 'series')}{SEEN[kind]}"
    if math.isnan(own):
        return f"no observed value to score in {made}"
    found = f"{own:{form}} {metric.upper()} on {made}"
    errors: dict[str, float] = {name: getattr(other.scores, metric) for name, other in baselines.items()}
    first, other = next(iter(errors.items()))
    best = min(errors, key=lambda name: errors[name])
    rival = f"; {best} is better, with {errors[best]:{form}}" if best != first and errors[best] < own else ""
    if not other > 0:
        return f"{found}: {first} makes no error there{rival}"
    ratio = own / other
    if ratio >= 1 + SAME:
        return f"worse than {first} by {100 * (ratio - 1):.0f} %: {found}{rival}"
    if ratio > 1 - SAME:
        return f"no better than {first}: {found}{rival}"
    return f"{found}: {100 * (1 - ratio):.0f} % better than {first}{rival}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 or noun.endswith('s') else noun + 's'}"
