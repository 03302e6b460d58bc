"""Gates: overall figures that must not be above a limit, for a machine to decide by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.errors import ConfigError, QualityError
from forecaster.evaluation.scores import PointScores
from forecaster.evaluation.summary import RATIOS

NAMES = (*PointScores.__dataclass_fields__, "owa", "crps", "wql", "coverage_gap")
KNOWN = (*NAMES, *(f"{name}_ratio" for name in RATIOS))


@dataclass(frozen=True)
class Gate:
    """An overall figure and what it may be at most."""

    metric: str
    limit: float


def parse_gates(texts: Sequence[str]) -> list[Gate]:
    """Gates written as METRIC=VALUE. Raises ConfigError."""
    return [_parse(text) for text in texts]


def check_gates(gates: Sequence[Gate], figures: dict[str, float]) -> None:
    """Raises QualityError that names every gate that failed and its figure. One that is not known fails."""
    failed = [gate for gate in gates if not figures.get(gate.metric, math.nan) <= gate.limit]
    if failed:
        raise QualityError("quality gate failed: " + "; ".join(_describe(gate, figures) for gate in failed))


def _parse(text: str) -> Gate:
    metric, equals, value = text.partition("=")
    if metric not in KNOWN:
        raise ConfigError(f"--fail-over {text}: unknown metric {metric!r}; known: {', '.join(KNOWN)}")
    try:
        limit = float(value)
    except ValueError:
        limit = math.nan
    if not equals or math.isnan(limit):
        raise ConfigError(f"--fail-over {text}: expected a number after {metric}=, found {value!r}")
    return Gate(metric, limit)


def _describe(gate: Gate, figures: dict[str, float]) -> str:
    figure = figures.get(gate.metric, math.nan)
    if math.isnan(figure):
        return f"{gate.metric} is not known, and has to be {gate.limit:g} at most"
    return f"{gate.metric} is {figure:.6g}, over {gate.limit:g}"
