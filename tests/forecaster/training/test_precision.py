"""LSTMs in bfloat16: when they are chosen, and what they cost."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fits import Recorder, config_of, panel_of, waves

from forecaster.model.network import Network
from forecaster.model.recurrence import recurrent_dtype, run_lstm
from forecaster.training import precision
from forecaster.training.fit import fit
from forecaster.training.precision import choose_precision

CPU = torch.device("cpu")
needs_bf16 = pytest.mark.skipif(
    not precision.is_supported(CPU), reason="this processor does not compute in bfloat16"
)


def times(monkeypatch: pytest.MonkeyPatch, f32: float, bf16: float) -> None:
    """Let an update take so long in each precision."""
    monkeypatch.setattr(precision, "is_supported", lambda _: True)
    monkeypatch.setattr(precision, "_times", lambda dtype, _: [f32 if dtype is None else bf16])


@pytest.mark.parametrize(("bf16", "chosen"), [(0.5, "bf16"), (0.79, "bf16"), (0.81, "f32"), (2.0, "f32")])
def test_bf16_is_chosen_where_it_is_clearly_faster(
    monkeypatch: pytest.MonkeyPatch, bf16: float, chosen: str
) -> None:
    times(monkeypatch, 1.0, bf16)
    assert choose_precision("auto", CPU, lambda: None) == chosen


def test_a_precision_that_was_asked_for_is_not_probed() -> None:
    def backward() -> None:
        raise AssertionError("probed")

    assert [choose_precision(name, CPU, backward) for name in ("f32", "bf16")] == ["f32", "bf16"]


def test_without_support_nothing_is_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "is_supported", lambda _: False)
    assert choose_precision("auto", CPU, lambda: pytest.fail("probed")) == "f32"


def test_the_probe_leaves_no_trace_in_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fit(panel_of(waves()), config_of(precision="f32"), Recorder())
    times(monkeypatch, 1.0, 2.0)
    monkeypatch.setattr(precision, "_times", lambda _, backward: [backward() or 1.0])
    probed = fit(panel_of(waves()), config_of(precision="auto"), Recorder())
    assert probed.config.train.precision == "f32"
    assert all(
        torch.equal(found, expected)
        for found, expected in zip(
            probed.network.state_dict().values(), asked.network.state_dict().values(), strict=True
        )
    )


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
