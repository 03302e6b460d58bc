"""Killed fits go on to the same weights, and a checkpoint is whole or refused."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from fits import Recorder, Stopping, assert_same, checkpoints_in, config_of, needs_bf16, panel_of, waves
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from deploy.errors import ConfigError, RunError
from forecaster.config import RunConfig
from forecaster.data import Panel
from forecaster.model.network import Network
from forecaster.run.places import STATE
from forecaster.training import fit_network as fitting
from forecaster.training import update as update_module
from forecaster.training.fit_network import fit
from forecaster.training.machine.pace import Pace
from forecaster.training.resume.adamw import AdamW
from forecaster.training.resume.checkpoint import Checkpoints, identify
from forecaster.training.resume.interruption import Interrupted, heed_signals

pytestmark = pytest.mark.slow

PANEL = panel_of(waves(200), waves(60, seed=1))
CURRICULA = [
    {},
    {"schedule": "linear"},
    {"schedule": "linear", "sampling": "sequence", "weighting": "series"},
    pytest.param({"precision": "bf16"}, marks=needs_bf16),
    {"averaging": 0.9},
    {"averaging": 0.9, "refit": 0.5},
]


def checkpoints(folder: Path, config: RunConfig, *, panel: Panel = PANEL, resume: bool = True) -> Checkpoints:
    return checkpoints_in(folder, config, panel, resume=resume)


@pytest.mark.parametrize("train", CURRICULA, ids=str)
@pytest.mark.parametrize("after", [1, 5, 9, 19])
def test_a_fit_interrupted_once_or_twice_ends_with_the_same_weights(
    tmp_path: Path, train: dict[str, Any], after: int
) -> None:
    config = config_of(**train)
    expected = fit(PANEL, config, Recorder())
    for stop in (after, 1):
        if after == 19 and stop == 1:
            continue  # nothing is left to interrupt
        with pytest.raises(Interrupted):
            fit(PANEL, config, Stopping(stop), checkpoints(tmp_path, config))
    assert_same(fit(PANEL, config, Recorder(), checkpoints(tmp_path, config)), expected)


@pytest.mark.parametrize("after", [20, 25, 30, 31, 39])
def test_a_fit_interrupted_after_the_selection_ends_with_the_same_weights(tmp_path: Path, after: int) -> None:
    config = config_of(refit=0.5, averaging=0.9)
    expected = fit(PANEL, config, Recorder())
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(after), checkpoints(tmp_path, config))
    found = fit(PANEL, config, Recorder(), checkpoints(tmp_path, config))
    assert_same(found, expected)
    for name, tensor in expected.backtest.first.state_dict().items():
        assert torch.equal(found.backtest.first.state_dict()[name], tensor)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_fit_after_the_update_with_its_exit_code(
    tmp_path: Path, number: int, code: int
) -> None:
    config = config_of()
    with pytest.raises(Interrupted, match="interrupted after update 3, in epoch 1") as stop:
        fit(PANEL, config, Stopping(3, number), checkpoints(tmp_path, config))
    assert stop.value.exit_code == code


def test_signals_are_handled_as_before_once_the_fit_is_over() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    fit(PANEL, config_of(updates=2), Recorder())
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_second_signal_while_the_first_is_answered_names_the_checkpoint() -> None:
    def asked(_: str) -> bool:
        os.kill(os.getpid(), signal.SIGINT)  # as soon as the offer is read
        return True

    with heed_signals(asked) as interruption:
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interrupted, match="the checkpoint is that after it"):
            interruption.heed("after it", can_finish=True)


def test_a_second_signal_does_not_wait_for_the_update(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(update_module, "step", twice)
    with pytest.raises(Interrupted, match="interrupted twice, in the middle of an update"):
        fit(PANEL, config_of(), Recorder())


class Finishing(Stopping):
    """A listener that takes the offer to finish with the best weights, and then sends further signals."""

    finishes = True
    again_at: str | None = None

    def on_stage(self, stage: str) -> None:
        super().on_stage(stage)
        if stage == self.again_at:
            os.kill(os.getpid(), self.number)


def test_ctrl_c_finishes_a_fit_with_its_best_weights_and_the_run_says_so(tmp_path: Path) -> None:
    config, listener = config_of(refit=0.5, averaging=0.9, patience=20), Finishing(12)
    fitted = fit(PANEL, config, listener, checkpoints(tmp_path, config))
    where = listener.interrupted[0]
    assert where.startswith("after update 12, ")
    assert listener.stages == ["backtest", "refit"]
    assert fitted.metrics()["interrupted"] == where
    assert fitted.logs[0][-1].updates == 12
    assert fitted.backtest is not None


def test_a_fit_that_finished_early_could_be_resumed_to_the_weights_of_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    config = config_of(refit=0.5, averaging=0.9)
    expected = fit(PANEL, config, Recorder())
    stopped, listener = Finishing(12), Recorder()
    stopped.again_at = "refit"
    with pytest.raises(
        Interrupted, match="interrupted again; the checkpoint is that after update 12, in"
    ) as stop:
        fit(PANEL, config, stopped, checkpoints(tmp_path, config))
    assert stop.value.exit_code == 130
    assert_same(fit(PANEL, config, listener, checkpoints(tmp_path, config)), expected)
    assert listener.resumed == ["after update 12, in epoch 3"]


def test_sigterm_is_not_offered_to_finish(tmp_path: Path) -> None:
    config, listener = config_of(refit=0.5), Finishing(12, signal.SIGTERM)
    with pytest.raises(Interrupted, match="interrupted after update 12") as stop:
        fit(PANEL, config, listener, checkpoints(tmp_path, config))
    assert (stop.value.exit_code, listener.interrupted) == (143, [])


@pytest.mark.parametrize(("after", "finishes"), [(5, False), (15, True)])
def test_weights_whose_published_rows_have_not_trained_are_not_offered(after: int, finishes: bool) -> None:
    config, listener = config_of(refit=0.0, free_from=0.5), Finishing(after)
    if finishes:
        assert fit(PANEL, config, listener).interrupted
    else:
        with pytest.raises(Interrupted):
            fit(PANEL, config, listener)
    assert bool(listener.interrupted) == finishes


def test_ctrl_c_in_the_refit_lets_it_end_as_it_would_have(tmp_path: Path) -> None:
    config = config_of(refit=0.5, averaging=0.9)
    expected, listener = fit(PANEL, config, Recorder()), Finishing(35)
    found = fit(PANEL, config, listener, checkpoints(tmp_path, config))
    assert_same(found, expected)
    assert (found.interrupted, found.is_last) == (None, True)


def test_a_resumed_fit_says_where_each_stage_continues(tmp_path: Path) -> None:
    config, listener = config_of(refit=0.5, averaging=0.9), Recorder()
    with pytest.raises(Interrupted, match="after update 5 of the backtest"):
        fit(PANEL, config, Stopping(25), checkpoints(tmp_path, config))
    fit(PANEL, config, listener, checkpoints(tmp_path, config))
    assert [where.split(",")[0] for where in listener.resumed] == [
        "after update 20",
        "after update 5 of the backtest",
    ]


def test_a_finished_fit_that_is_resumed_trains_no_more(tmp_path: Path) -> None:
    config = config_of(checkpoint_seconds=0)
    expected = fit(PANEL, config, Recorder(), checkpoints(tmp_path, config))
    listener = Recorder()
    assert_same(fit(PANEL, config, listener, checkpoints(tmp_path, config)), expected)
    assert not listener.losses


def test_stages_that_ended_in_time_are_not_trained_on_when_the_fit_is_resumed(tmp_path: Path) -> None:
    config, later = (
        config_of(refit=0.5, averaging=0.9, updates=10**6, max_seconds=seconds) for seconds in (0.2, 1000.0)
    )
    expected = fit(PANEL, config, Recorder(), checkpoints(tmp_path, config))
    listener = Recorder()
    assert_same(fit(PANEL, later, listener, checkpoints(tmp_path, later)), expected)
    assert not listener.losses


def test_without_resume_a_fit_begins_again(tmp_path: Path) -> None:
    config = config_of()
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(5), checkpoints(tmp_path, config))
    listener = Recorder()
    fit(PANEL, config, listener, checkpoints(tmp_path, config, resume=False))
    assert len(listener.losses) == 20


def test_resuming_without_a_checkpoint_begins_at_the_beginning(tmp_path: Path) -> None:
    config, listener = config_of(), Recorder()
    fit(PANEL, config, listener, checkpoints(tmp_path / "none", config))
    assert len(listener.losses) == 20


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"config": {"learning_rate": 0.5}}, "learning_rate was 0.001, is 0.5"),
        ({"config": {"model": {"hidden_size": 16}}}, "hidden_size was 8, is 16"),
        ({"panel": panel_of(waves(201))}, "the data differ"),
    ],
    ids=["training", "model", "data"],
)
def test_a_checkpoint_of_another_fit_is_refused(tmp_path: Path, other: dict[str, Any], said: str) -> None:
    config = config_of()
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(2), checkpoints(tmp_path, config))
    config, panel = config_of(**other.get("config", {})), other.get("panel", PANEL)
    with pytest.raises(RunError, match=f"is of another fit: {said}; fit again without --resume"):
        fit(panel, config, Recorder(), checkpoints(tmp_path, config, panel=panel))


def test_a_checkpoint_of_a_fit_from_another_run_is_refused(tmp_path: Path) -> None:
    config = config_of()
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(2), checkpoints(tmp_path, config))
    origin = Network(config.model)
    kept = Checkpoints(tmp_path / STATE, identify(PANEL, config, origin), lambda: None, resume=True)
    with pytest.raises(RunError, match="is of another fit: the run that it continues from differs"):
        fit(PANEL, config, Recorder(), kept, origin)


def test_how_long_and_on_how_many_threads_may_change(tmp_path: Path) -> None:
    config = config_of()
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(2), checkpoints(tmp_path, config))
    config, listener = config_of(threads=2, max_seconds=1000.0, checkpoint_seconds=0), Recorder()
    assert fit(PANEL, config, listener, checkpoints(tmp_path, config)).config.train.threads == 2
    assert len(listener.losses) == 18


@pytest.mark.parametrize("damage", ["cut", "emptied", "flipped"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, damage: str) -> None:
    config = config_of()
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(2), checkpoints(tmp_path, config))
    content = (tmp_path / STATE).read_bytes()
    damaged = {"cut": content[:-100], "emptied": b"", "flipped": b"\xff" + content[1:]}[damage]
    (tmp_path / STATE).write_bytes(damaged)
    with pytest.raises(RunError, match=r"is damaged: .*; fit again without --resume"):
        fit(PANEL, config, Recorder(), checkpoints(tmp_path, config))


@needs_bf16
def test_a_checkpoint_holds_what_was_decided_for_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of(precision="auto", threads=None)
    monkeypatch.setattr(fitting, "choose_pace", lambda *_: Pace(threads=2, precision="bf16"))
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(2), checkpoints(tmp_path, config))
    monkeypatch.setattr(fitting, "choose_pace", lambda *_: pytest.fail("probed again"))
    train = fit(PANEL, config, Recorder(), checkpoints(tmp_path, config)).config.train
    assert (train.threads, train.precision) == (2, "bf16")


@pytest.mark.parametrize("lost", ["best.decoder.next_rows.bias", "optimizer.0.", "network.", "epochs"])
def test_a_checkpoint_that_lacks_something_is_refused(tmp_path: Path, lost: str) -> None:
    config = config_of()
    with pytest.raises(Interrupted):
        fit(PANEL, config, Stopping(2), checkpoints(tmp_path, config))
    with safe_open(tmp_path / STATE, framework="pt") as file:
        about = json.loads(file.metadata()["json"])
    kept = {name: value for name, value in load_file(tmp_path / STATE).items() if not name.startswith(lost)}
    if lost == "epochs":
        about["state"]["epochs"] = [1]
    save_file(kept, tmp_path / STATE, {"json": json.dumps(about)})
    with pytest.raises(RunError, match="is damaged: "):
        fit(PANEL, config, Recorder(), checkpoints(tmp_path, config))


def test_a_fit_whose_weights_break_in_the_last_update_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_weights(optimizer: AdamW, *_: object) -> None:
        with torch.no_grad():
            optimizer.weights[0].fill_(torch.nan)

    monkeypatch.setattr(update_module, "step", break_weights)
    with pytest.raises(ConfigError, match=r"training diverged: update 1 left no finite weights"):
        fit(PANEL, config_of(updates=1), Recorder())
