"""Threads and LSTMs in bfloat16: when they are chosen, and what bfloat16 costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from fits import Recorder, config_of, needs_bf16, panel_of, waves

from forecaster.model.network import Network
from forecaster.model.recurrence import recurrent_dtype, run_lstm
from forecaster.training.fit_network import fit
from forecaster.training.machine import pace
from forecaster.training.machine.pace import WORTH_PROBING, Pace, choose_pace

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")


def choose(most: int = 1, **settings: Any) -> Pace:
    return choose_pace(
        config_of(**{"threads": None, "updates": WORTH_PROBING, **settings}).train, most, CPU, lambda: None
    )


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> dict[Pace, float]:
    """How long an update takes; one that is not told may not be tried."""
    took: dict[Pace, float] = {}
    monkeypatch.setattr(pace, "computes_bfloat16", lambda _: True)
    monkeypatch.setattr(pace, "_seconds", lambda tried, _: took[tried])
    return took


@pytest.mark.parametrize(("bf16", "chosen"), [(0.5, "bf16"), (0.79, "bf16"), (0.81, "f32"), (2.0, "f32")])
def test_bf16_is_chosen_where_it_is_clearly_faster(
    seconds: dict[Pace, float], bf16: float, chosen: str
) -> None:
    seconds.update({Pace(1, "f32"): 1.0, Pace(1, "bf16"): bf16})
    assert choose(precision="auto") == Pace(1, chosen)


def test_a_short_fit_is_not_probed(seconds: dict[Pace, float]) -> None:
    assert choose(2, updates=WORTH_PROBING - 1, precision="auto") == Pace(1, "f32")
    assert not seconds


@pytest.mark.parametrize(
    ("most", "took", "chosen"),
    [
        (1, {}, 1),
        (2, {1: 1.0, 2: 1.9}, 1),
        (2, {1: 1.0, 2: 0.9}, 1),  # not worth a core
        (2, {1: 1.0, 2: 0.6}, 2),
        (6, {1: 1.0, 2: 0.6, 4: 0.4, 6: 0.3}, 6),
        (64, {1: 1.0, 2: 0.6, 4: 0.5}, 2),  # 8 and more are not tried
    ],
)
def test_threads_are_doubled_for_as_long_as_it_is_worth_it(
    seconds: dict[Pace, float], most: int, took: dict[int, float], chosen: int
) -> None:
    seconds.update({Pace(threads, "f32"): value for threads, value in took.items()})
    assert choose(most, precision="f32") == Pace(chosen, "f32")


@pytest.mark.usefixtures("seconds")
@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_what_was_asked_for_is_not_probed(precision: str) -> None:
    assert choose(8, threads=3, precision=precision) == Pace(3, precision)


def test_without_support_bf16_is_not_tried(
    seconds: dict[Pace, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "computes_bfloat16", lambda _: False)
    assert not seconds
    assert choose(precision="auto") == Pace(1, "f32")


def test_the_first_time_is_a_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 9.0, 1.0, 0.5, 1.0, 0.5, 1.0, 0.5])
    monkeypatch.setattr(pace, "_seconds", lambda *_: next(times))
    assert choose(2, precision="f32") == Pace(2, "f32")


def test_the_probe_leaves_no_trace_in_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fit(panel_of(waves()), config_of(precision="f32"), Recorder())
    monkeypatch.setattr(pace, "computes_bfloat16", lambda _: True)
    monkeypatch.setattr(pace, "_seconds", lambda _, backward: backward() or 1.0)
    probed = fit(panel_of(waves()), config_of(precision="auto", threads=None), Recorder())
    assert (probed.config.train.precision, probed.config.train.threads) == ("f32", 1)
    assert all(
        torch.equal(found, expected)
        for found, expected in zip(
            probed.ensemble.first.state_dict().values(),
            asked.ensemble.first.state_dict().values(),
            strict=True,
        )
    )


@needs_bf16
def test_only_lstms_lose_digits_and_give_float32_back() -> None:
    torch.manual_seed(0)
    decoder = Network(config_of().model).decoder
    inputs = torch.randn(3, 4, decoder.lstm.input_size)
    state = (torch.zeros(1, 3, 8), torch.zeros(1, 3, 8))
    exact, _ = run_lstm(decoder.lstm, inputs, state)
    rows = decoder.rows(exact, torch.zeros(3, 4, 2)).next
    with recurrent_dtype(torch.bfloat16):
        rounded, _ = run_lstm(decoder.lstm, inputs, state)
        assert torch.equal(decoder.rows(exact, torch.zeros(3, 4, 2)).next, rows)
    assert rounded.dtype == torch.float32
    assert 1e-5 < float((rounded - exact).detach().abs().max()) < 1e-2
    assert torch.equal(run_lstm(decoder.lstm, inputs, state)[0], exact)


@needs_bf16
def test_bf16_changes_the_validation_loss_by_less_than_a_hundredth() -> None:
    panel = panel_of(*(waves(600, seed=seed) for seed in range(4)))
    losses = {}
    for name in ("f32", "bf16"):
        shape = {"hidden_size": 32, "context_length": 24, "patch_length": 1, "horizon": 12}
        settings = {"updates": 150, "epochs": 3, "batch_size": 64, "learning_rate": 3e-3}
        fitted = fit(panel, config_of(shape, precision=name, **settings), Recorder())
        losses[name] = fitted.best.validation_loss
    assert losses["bf16"] != losses["f32"]
    assert losses["bf16"] == pytest.approx(losses["f32"], rel=0.01)
    assert np.isfinite(losses["bf16"])
