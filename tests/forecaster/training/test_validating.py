"""Validation on a sample: a tenth of what trains, always the same windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fits import Recorder, Stopping, assert_same, checkpoints_in, config_of, panel_of, waves
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from forecaster.config import TrainConfig
from forecaster.run.places import STATE
from forecaster.training import fit_network as fitting
from forecaster.training.fit_network import fit
from forecaster.training.resume.interruption import Interrupted
from forecaster.training.validation import FEWEST, SHARE, windows_to_validate
from forecaster.windows.split import Split, split

pytestmark = pytest.mark.slow

PANEL = panel_of(*[waves(240, seed) for seed in range(20)])
ALL = 160  # windows to validate on
LONG = {"max_seconds": 1000.0}


def parts() -> Split:
    return split(PANEL, config_of().model)


@pytest.mark.parametrize("settings", [{}, {"batch_size": 64}, {"epochs": 200}, {"epochs": 1}])
@pytest.mark.parametrize("updates", [1, 14, 200, 1000, 3000])
def test_validation_sees_a_tenth_of_the_windows_that_train(settings: dict[str, Any], updates: int) -> None:
    train = TrainConfig(**settings)
    count = windows_to_validate(train, updates)
    most = SHARE * updates * train.batch_size
    assert count == FEWEST or count * min(train.epochs, updates) <= most < (count + 1) * train.epochs


def test_a_default_fit_of_few_series_validates_all() -> None:
    assert windows_to_validate(TrainConfig(), TrainConfig().updates) == 1280


def test_a_sample_is_always_the_same_and_stands_by_series() -> None:
    whole, sample, again = parts(), parts().validating(130), parts().validating(130)
    pairs = set(zip(whole.validation.series.tolist(), whole.validation.origins.tolist(), strict=True))
    chosen = list(zip(sample.validation.series.tolist(), sample.validation.origins.tolist(), strict=True))
    assert len(set(chosen)) == len(chosen) == 130
    assert set(chosen) < pairs
    assert chosen == sorted(chosen)
    assert np.array_equal(sample.validation.origins, again.validation.origins)
    assert len(np.unique(sample.validation.series)) == 20  # of all series


def test_a_sample_leaves_all_else_and_all_windows_where_they_are_few() -> None:
    whole = parts()
    assert len(whole.validation) == ALL
    assert whole.validating(ALL) is whole
    sample = whole.validating(10)
    assert all(getattr(sample, part) is getattr(whole, part) for part in ("train", "calibration", "whole"))


def test_a_fit_validates_on_its_sample_and_compares_baselines_on_it() -> None:
    fitted = fit(PANEL, config_of(), Recorder())
    sample = parts().validating(FEWEST)
    validation = fitting.Validation(sample, 6)
    assert fitted.metrics()["windows"]["validation"] == FEWEST
    assert fitted.baselines == validation.baselines
    assert validation.score(fitted.ensemble.first).mase == pytest.approx(fitted.best.mase, rel=1e-6)


def test_a_large_budget_validates_all_windows() -> None:
    fitted = fit(PANEL, config_of(updates=40, batch_size=160, epochs=4), Recorder())
    assert fitted.metrics()["windows"]["validation"] == ALL


@pytest.mark.parametrize(("held", "found"), [(1, FEWEST), (37, 148), (10**6, ALL)])
def test_a_budget_in_time_is_measured(held: int, found: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(fitting, "updates_within", lambda seconds, *_: (asked.append(seconds), held)[1])
    config = config_of(updates=160, batch_size=160, epochs=4, refit=0.25, **LONG)
    fitted = fit(PANEL, config, Recorder())
    assert asked == [pytest.approx(1000 / 1.5)]
    assert fitted.metrics()["windows"]["validation"] == found


def test_a_resumed_fit_keeps_the_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_of(batch_size=290, **LONG)
    monkeypatch.setattr(fitting, "updates_within", lambda *_: 19)
    expected = fit(PANEL, config, Recorder())
    assert expected.metrics()["windows"]["validation"] == 137
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(7), checkpoints_in(tmp_path, config, PANEL))
    monkeypatch.setattr(fitting, "updates_within", lambda *_: pytest.fail("measured again"))
    assert_same(fit(PANEL, config, Recorder(), checkpoints_in(tmp_path, config, PANEL)), expected)


def test_a_fit_that_validated_all_continues_so(tmp_path: Path) -> None:
    config = config_of()
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(7), checkpoints_in(tmp_path, config, PANEL))
    with safe_open(tmp_path / STATE, framework="pt") as file:
        about = json.loads(file.metadata()["json"])
    assert about["state"].pop("validated") == FEWEST
    save_file(load_file(tmp_path / STATE), tmp_path / STATE, {"json": json.dumps(about)})
    fitted = fit(PANEL, config, Recorder(), checkpoints_in(tmp_path, config, PANEL))
    assert fitted.metrics()["windows"]["validation"] == ALL
