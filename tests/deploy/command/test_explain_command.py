"""`python -m deploy explain`: parts as a table, what the forecasts rest on as sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deploy.__main__ import main
from deploy.command.explain_command import explained_rows, sentences
from deploy.forecast import Forecast
from deploy.predictor import Predictor


@pytest.fixture(scope="module")
def forecast(explained: Predictor) -> Forecast:
    history = 10 + np.random.default_rng(0).random((2, 20))
    known = np.zeros((2, 20, 1))
    return explained.forecast(
        history, 4, known=known, future_known=known[:, :4], last_timestamp=["2024-01-01", "2024-01-02"]
    )


def test_parts_of_each_step_sum_to_its_forecast(explained: Predictor, forecast: Forecast) -> None:
    header, *rows = explained_rows(explained.manifest, ("a", "=b"), forecast, forecast.explain())
    assert header == ["series", "time", "forecast", "level", "linear", "recurrent", "bound"]
    assert [row[0] for row in rows] == ["a"] * 4 + ["'=b"] * 4
    assert rows[0][1] == "2024-01-01T01:00:00"
    numbers = np.array([row[2:] for row in rows], float)
    np.testing.assert_allclose(numbers[:, 1:].sum(1), numbers[:, 0], rtol=1e-5)
    np.testing.assert_allclose(numbers[:, 0], forecast.median.ravel(), rtol=1e-6)


def test_each_series_has_its_sentence(explained: Predictor, forecast: Forecast) -> None:
    lines = list(sentences(explained.manifest, ("a", "b\n"), forecast.explain()))
    assert [line.split(":")[0] for line in lines] == ["a", "b "]
    assert " It rests to " in lines[0]
    assert " The level is " in lines[0]


def test_a_bundle_of_before_is_an_error_with_its_remedy(
    bundles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = tmp_path / "values.csv"
    values.write_text("\n".join(str(10 + step % 12) for step in range(30)))
    output = tmp_path / "explanation.csv"
    command = ["explain", str(bundles / "plain"), "--history", str(values), "-o", str(output)]
    assert main(command) == 5
    assert "exported before forecasts could be explained; export its run again" in capsys.readouterr().err
    assert not output.exists()


def test_a_model_of_covariates_says_where_they_can_be_given(
    bundles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = tmp_path / "values.csv"
    values.write_text("value\n1\n2\n")
    assert main(["explain", str(bundles / "explained"), "--history", str(values)]) == 4
    assert "needs the covariates promo" in capsys.readouterr().err
