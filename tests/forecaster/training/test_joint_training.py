"""Training on joint series: what counts, what is compared, and what channels tell of each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from fits import ALIKE, Recorder

from deploy import TimeStep
from deploy.columns import Columns
from forecaster.config import ModelConfig, RunConfig, TrainConfig
from forecaster.data import Panel
from forecaster.data.panel.targets_apart import channels_apart
from forecaster.evaluation.metrics import seasonal_scales
from forecaster.model.network import Network
from forecaster.training.curriculum import Curriculum
from forecaster.training.fit_network import fit
from forecaster.training.masking import hide
from forecaster.training.update import training_loss
from forecaster.training.validation import Validation, end_aligned
from forecaster.windows.runs import Runs
from forecaster.windows.split import split
from forecaster.windows.window import Window
from forecaster.workflows.recipes.recipe import derive_config

pytestmark = pytest.mark.slow

COLUMNS = Columns("t", "index", ("u", "v"), (), (), (), (), joint=True)


def panel_of(values: np.ndarray[Any, Any]) -> Panel:
    """One joint series. values: (rows, 2)."""
    rows = len(values)
    return Panel(
        values=values.astype(np.float32),
        known=np.zeros((rows, 0), dtype=np.float32),
        past=np.zeros((rows, 0), dtype=np.float32),
        static=np.zeros((1, 0), dtype=np.float32),
        categories=np.zeros((1, 0), dtype=np.int64),
        offsets=np.array([0, rows]),
        ends=np.array([rows]),
        starts=np.zeros(1, dtype=np.int64),
        leads=np.zeros(1, dtype=np.int64),
        step=TimeStep(1, "index"),
        columns=COLUMNS,
        ids=((),),
        vocabularies=(),
    )


def coupled(rows: int = 600) -> np.ndarray[Any, Any]:
    """Noise, and the same noise one step later: what only the first channel tells of the second."""
    noise = np.random.default_rng(0).standard_normal(rows + 1)
    return np.stack([noise[1:], 100 + 10 * noise[:-1]], axis=1)


def config_of(model: dict[str, Any] | None = None, **train: Any) -> RunConfig:
    shape = {"context_length": 6, "horizon": 1, "patch_length": 1, "season": 1, "hidden_size": 16}
    return RunConfig(
        model=ModelConfig(**{**shape, "target_size": 2, **(model or {})}),
        train=TrainConfig(**{**ALIKE, "updates": 20, "epochs": 4, "batch_size": 32, **train}),
    )


def forced() -> Curriculum:
    return Curriculum(TrainConfig(), torch.Generator().manual_seed(0))


def test_a_joint_fit_learns_what_one_channel_tells_of_another() -> None:
    panel = panel_of(coupled())
    fitted = fit(panel, config_of(updates=200, learning_rate=1e-2, batch_size=64), Recorder())
    window, future = fitted.split.validation.gather(torch.arange(len(fitted.split.validation)))
    with torch.inference_mode():
        median = fitted.ensemble.first.forecast(window)[..., 4]
    error = (median - future).abs().mean(dim=(0, 1)) / future.std(dim=(0, 1))
    assert error[1] < 0.2  # known
    assert error[0] > 0.6  # noise


@pytest.mark.parametrize("train", [{"schedule": "linear"}, {"schedule": "constant", "epsilon": 0.0}], ids=str)
def test_sampling_and_free_running_train_joint_series(train: dict[str, Any]) -> None:
    fitted = fit(panel_of(coupled(200)), config_of({"horizon": 6, "patch_length": 2}, **train), Recorder())
    assert np.isfinite([epoch.train_loss for epoch in fitted.logs[0]]).all()


def test_a_constant_channel_teaches_nothing_and_the_other_does() -> None:
    values = coupled(120)
    values[:, 1] = 5.0
    config = config_of({"horizon": 4}).model
    network = Network(config)
    window, future = split(panel_of(values), config).train.gather(torch.arange(8))
    loss, _ = training_loss(network, window, future, forced(), 0.9)
    moved, _ = training_loss(network, window, future + torch.tensor([0.0, 1e6]), forced(), 0.9)
    assert loss.item() > 0
    assert moved.item() == loss.item()


def test_a_channel_that_a_shortened_history_lacks_counts_in_no_loss() -> None:
    values = coupled(120)
    values[::2, 1] = np.nan
    config = config_of({"horizon": 4}).model
    windows = split(panel_of(values), config).train
    window, future = windows.gather(torch.arange(20), torch.ones(20, dtype=torch.int64))
    loss, _ = training_loss(Network(config), window, future, forced(), 0.9)
    assert np.isfinite(loss.item())


def test_a_future_that_ends_early_ends_for_every_channel() -> None:
    batch = 200
    window = Window(
        history=torch.randn(batch, 6, 2),
        lengths=torch.full((batch,), 6),
        horizon=4,
        known=torch.randn(batch, 6, 1),
        future_known=torch.randn(batch, 4, 1),
    )
    hidden, future = hide(window, torch.randn(batch, 4, 2), torch.Generator().manual_seed(0))
    assert hidden.future_known is not None
    lost = torch.isnan(hidden.future_known)
    assert lost.any()
    assert torch.equal(torch.isnan(future), lost.expand(-1, -1, 2))


def test_histories_are_end_aligned_channel_by_channel() -> None:
    history = torch.arange(2.0 * 5 * 2).reshape(2, 5, 2)
    found = end_aligned(Window(history, torch.tensor([5, 3]), 1), 2)
    np.testing.assert_array_equal(found[1], history[0, :, 1])
    np.testing.assert_array_equal(found[2], [np.nan, np.nan, *history[1, :3, 0]])


def test_the_error_is_scaled_channel_by_channel() -> None:
    panel, config = panel_of(coupled(200)), config_of({"horizon": 4})
    parts = split(panel, config.model)
    validation = Validation(parts, season=1)
    apart = channels_apart(panel)
    windows = parts.validation
    series = np.concatenate([windows.series, windows.series + 1])
    origins = np.concatenate([windows.origins, windows.origins + len(panel.values)])
    ends = np.concatenate([parts.train_ends, parts.train_ends + len(panel.values)])
    alone = replace(
        parts, validation=replace(windows, panel=apart, runs=Runs(series, origins)), train_ends=ends
    )
    assert validation.baselines == pytest.approx(Validation(alone, season=1).baselines)


def test_a_channel_in_other_units_leaves_the_score_as_it_is() -> None:
    values = coupled(200)
    config = config_of({"horizon": 4}).model
    network = Network(config)
    scores = [
        Validation(split(panel_of(values * [1, factor]), config), season=1).score(network)
        for factor in (1, 1024)
    ]
    assert scores[1].mase == pytest.approx(scores[0].mase, rel=1e-4)
    assert scores[1].loss == pytest.approx(scores[0].loss, rel=1e-4)
    small, large = seasonal_scales(values, np.array([0]), np.array([len(values)]), 1)[0, :, 0]
    assert large > 5 * small


def test_the_recipe_finds_the_size_of_the_target_and_bounds_only_what_is_never_negative() -> None:
    model = derive_config(panel_of(coupled()), {}, {}).model
    assert (model.target_size, model.lower) == (2, None)
    assert derive_config(panel_of(np.abs(coupled())), {}, {}).model.lower == 0.0
