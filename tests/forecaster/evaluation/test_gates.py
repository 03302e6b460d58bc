"""Gates: what is read, what fails, and what is said."""

from __future__ import annotations

import math

import pytest

from deploy.errors import ConfigError, QualityError
from forecaster.evaluation.verdict import Gate, check_gates, parse_gates


def test_a_gate_is_a_metric_and_its_limit() -> None:
    assert parse_gates(["mase=1.0", "mase_ratio=.9"]) == [Gate("mase", 1.0), Gate("mase_ratio", 0.9)]


def test_an_unknown_metric_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"unknown metric 'MASE'; known: mase, smape, .*, mase_ratio"):
        parse_gates(["MASE=1"])


@pytest.mark.parametrize("text", ["mase", "mase=", "mase=low", "mase=nan"])
def test_a_limit_is_a_number(text: str) -> None:
    with pytest.raises(ConfigError, match="expected a number after mase="):
        parse_gates([text])


def test_a_figure_at_its_limit_passes() -> None:
    check_gates([Gate("mase", 1.0)], {"mase": 1.0})


def test_every_gate_that_fails_is_named_with_its_figure() -> None:
    gates = [Gate("mase", 1.0), Gate("mae", 9.0), Gate("owa", 0.5)]
    with pytest.raises(QualityError) as failed:
        check_gates(gates, {"mase": 1.25, "mae": 3.0, "owa": 0.75})
    assert str(failed.value) == "quality gate failed: mase is 1.25, over 1; owa is 0.75, over 0.5"
    assert failed.value.exit_code == 7


@pytest.mark.parametrize("figures", [{}, {"mase": math.nan}])
def test_a_figure_that_is_not_known_fails(figures: dict[str, float]) -> None:
    with pytest.raises(QualityError, match="mase is not known, and has to be 1 at most"):
        check_gates([Gate("mase", 1.0)], figures)
