"""The average of the weights over the updates, which is what validates and is kept."""

from __future__ import annotations

import torch
from fits import Recorder, config_of, panel_of, waves

from forecaster.training.fit import fit
from forecaster.training.resume.state import TrainingState


def state_of(decay: float) -> TrainingState:
    return TrainingState.begin(config_of(averaging=decay), torch.device("cpu"))


def test_it_follows_the_weights_by_one_less_the_decay() -> None:
    state = state_of(0.75)
    weight = state.network.decoder.next_rows.weight
    expected = weight.detach().clone()
    state.average(0.75)
    state.updates = 1000
    for value in (1.0, 2.0):
        with torch.no_grad():
            weight.fill_(value)
        state.average(0.75)
        expected = 0.75 * expected + 0.25 * value
    torch.testing.assert_close(state.evaluated.decoder.next_rows.weight, expected)


def test_it_forgets_the_first_weights_soon() -> None:
    state = state_of(0.99)
    state.average(0.99)
    weight = state.network.decoder.next_rows.weight
    with torch.no_grad():
        weight.fill_(1.0)
    for update in range(1, 11):
        state.updates = update
        state.average(0.99)
    torch.testing.assert_close(state.evaluated.decoder.next_rows.weight, weight, rtol=0, atol=1e-3)


def test_without_it_the_weights_themselves_are_kept() -> None:
    state = state_of(0.0)
    assert state.evaluated is state.network


def test_what_is_kept_is_the_average() -> None:
    panel = panel_of(waves())
    plain, averaged = (fit(panel, config_of(averaging=decay, epochs=1), Recorder()) for decay in (0.0, 0.9))
    found, expected = averaged.ensemble.first.state_dict(), plain.ensemble.first.state_dict()
    assert not torch.equal(found["decoder.next_rows.weight"], expected["decoder.next_rows.weight"])
    # The updates are the same; the average lags behind them.
    assert averaged.logs[0][0].train_loss == plain.logs[0][0].train_loss
