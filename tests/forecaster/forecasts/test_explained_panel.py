"""Parts of the forecasts of a panel: in blocks, and targets apart."""

from __future__ import annotations

import numpy as np
import pytest
from untrained import make_panel, make_run

from deploy import Predictor
from forecaster.data import Panel
from forecaster.export.manifest import facts_of
from forecaster.export.packing import pack
from forecaster.forecasts import explained as module
from forecaster.forecasts.explained import explain_panel, explained_table
from forecaster.forecasts.forecast_table import series_apart
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.show.explained_words import content_of, name_of


def predictor_for(panel: Panel) -> Predictor:
    run = make_run(panel, [20] * panel.series_count)
    return Predictor(pack(run.ensemble.weights(), facts_of(run)).bundle)


@pytest.mark.parametrize("targets", [("y",), ("x", "y")])
def test_parts_are_those_of_each_series_whatever_the_block(
    targets: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", 2)
    panel = make_panel([30, 25, 40], targets=targets)
    predictor = predictor_for(panel)
    found = explain_panel(predictor, panel, 2)
    apart, forecast = series_apart(panel, forecast_panel(predictor, panel))
    np.testing.assert_allclose(found.median, forecast.median)
    assert found.panel.ids == apart.ids
    np.testing.assert_allclose(sum(found.parts.values()), forecast.median, rtol=1e-5)
    table = explained_table(found)
    assert len(table) == 3 * len(targets) * 6
    assert "bound" not in table


def test_what_is_said_of_a_joint_target_is_of_its_row_in_the_table() -> None:
    panel = make_panel([30, 25, 40], targets=("x", "y"))
    found = explain_panel(predictor_for(panel), panel, 2)
    assert found.shown == [(0, 0, 0), (3, 0, 1), (1, 1, 0), (4, 1, 1)]
    for apart, series, target in found.shown:
        np.testing.assert_allclose(found.median[apart], found.first.median[series, :, target])
    assert [name_of(found, apart) for apart, _, _ in found.shown] == ["0 / x", "0 / y", "1 / x", "1 / y"]
    assert content_of(found, 3, 0, 1)["series"] == ["0", "y"]
