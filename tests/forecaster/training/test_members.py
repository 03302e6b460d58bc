"""Several networks of one fit: each from its own seed, finished once, and averaged."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fits import Recorder, config_of, panel_of, waves

from deploy.errors import ConfigError
from forecaster.config import RunConfig
from forecaster.model.network import Network
from forecaster.run.folder import RunFolder
from forecaster.training.epochs import Epoch, best_of
from forecaster.training.fit_network import fit
from forecaster.training.fitted import Fitted
from forecaster.training.members.member import member_config
from forecaster.training.members.members import fit_members, joined
from forecaster.training.resume.interruption import Interrupted

pytestmark = pytest.mark.slow

PANEL = panel_of(waves(200), waves(60, seed=1))
KILLED = RuntimeError("killed")


class Watch(Recorder):
    """Notes when a member begins and how many updates it takes; raises in a given member's update."""

    def __init__(self, member: int = 0, update: int = 0) -> None:
        super().__init__()
        self.kill, self.updates = (member, update), {}

    def of_member(self, number: int, count: int) -> Watch:
        self.said = (number, count)
        self.updates[number] = 0
        return self

    def on_update(self, progress: float, loss: torch.Tensor) -> None:
        super().on_update(progress, loss)
        if self.updates:
            self.updates[self.said[0]] += 1
            if (self.said[0], self.updates[self.said[0]]) == self.kill:
                raise KILLED


def several(members: int = 3, **train: object) -> RunConfig:
    given = {"updates": 6, "epochs": 2, "checkpoint_seconds": 0.0, "threads": 1, "precision": "f32", **train}
    return config_of(members=members, **given)


def same(first: Network, second: Network) -> bool:
    return all(
        torch.equal(a, b)
        for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


def same_members(first: Fitted, second: Fitted) -> bool:
    return all(same(*pair) for pair in zip(first.ensemble.networks, second.ensemble.networks, strict=True))


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit_members(PANEL, several(), Watch())


def test_each_member_is_the_fit_of_its_seed(fitted: Fitted) -> None:
    for number, network in enumerate(fitted.ensemble.networks):
        alone = fit(PANEL, several(1, seed=number), Recorder())
        assert same(network, alone.ensemble.first)


def test_a_listener_hears_of_each_member_and_of_none_where_there_is_one() -> None:
    watch, alone = Watch(), Watch()
    fit_members(PANEL, several(2), watch)
    fit_members(PANEL, several(1), alone)
    assert (watch.said, sorted(watch.updates), alone.updates) == ((2, 2), [1, 2], {})


def test_the_error_is_that_of_the_mean_and_no_worse_than_the_members_on_average(fitted: Fitted) -> None:
    alone = [best_of(log).mase for log in fitted.logs]
    assert fitted.best.mase == fitted.mean_mase
    assert fitted.mean_mase <= np.mean(alone)
    assert fitted.relative_errors()["seasonal naive"] == pytest.approx(
        fitted.mean_mase / fitted.baselines["seasonal naive"]
    )


def test_the_metrics_say_what_each_member_reached_alone(fitted: Fitted) -> None:
    members = fitted.metrics()["members"]
    assert members["seed"] == [0, 1, 2]
    assert members["mase"] == [best_of(log).mase for log in fitted.logs]
    assert "members" not in fit(PANEL, several(1), Recorder()).metrics()


def test_the_config_repeats_the_whole_fit(fitted: Fitted) -> None:
    assert (fitted.config.train.seed, fitted.config.train.members) == (0, 3)
    again = fit_members(PANEL, fitted.config, Watch())
    assert same_members(again, fitted)


def test_time_is_shared_evenly() -> None:
    assert member_config(several(3, max_seconds=60.0), 2).train.max_seconds == 20.0


def test_members_go_on_from_networks_in_turn() -> None:
    origins = fit_members(PANEL, several(2), Watch()).ensemble.networks
    frozen = several(3, learning_rate=1e-30)
    found = fit_members(PANEL, frozen, Watch(), None, origins)
    for network, origin in zip(found.ensemble.networks, [*origins, origins[0]], strict=True):
        assert same(network, origin)


@pytest.mark.parametrize("kill", [(1, 4), (2, 1), (2, 4), (3, 6)])
def test_a_killed_fit_resumes_to_the_same_members_and_trains_none_again(
    fitted: Fitted, tmp_path: Path, kill: tuple[int, int]
) -> None:
    begun = RunFolder(tmp_path / "run")
    with pytest.raises(RuntimeError, match="killed"):
        fit_members(PANEL, several(), Watch(*kill), begun)
    watch = Watch()
    places = RunFolder(tmp_path / "run", resume=True)
    resumed = fit_members(PANEL, several(), watch, places)
    assert same_members(resumed, fitted)
    assert resumed.mean_mase == fitted.mean_mase
    member, update = kill
    assert watch.updates == {
        number: 0 if number < member else 6 if number > member else 6 - (update - 1) for number in (1, 2, 3)
    }


def test_the_states_of_members_are_forgotten_with_the_first_one(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    fit_members(PANEL, several(2), Watch(), folder)
    assert folder.state_of(2).parent.exists()
    folder.forget_checkpoint()
    assert not folder.state_of(1).parent.exists()
    assert not folder.state_of(2).parent.exists()


def test_a_member_that_kept_its_start_is_its_own_twin() -> None:
    config = several(2, refit=0.5)
    refitted, kept = (fit(PANEL, member_config(config, number), Watch()) for number in (1, 2))
    together = joined(config, [refitted, replace(kept, backtest=None)])
    assert refitted.backtest is not None
    assert together.backtest is not None
    assert list(together.backtest.networks) == [
        refitted.backtest.first,
        kept.ensemble.first,
    ]
    assert joined(config, [replace(each, backtest=None) for each in (refitted, kept)]).backtest is None


# -- in processes --------------------------------------------------------------------------------------------


class Apart(Recorder):
    """Notes which members tell what; sends a signal to this process after some epochs of all."""

    again = False  # whether another follows, when the first is told of

    def __init__(self, signals: dict[int, int] | None = None, *, finishes: bool = False) -> None:
        super().__init__()
        self.signals, self.finishes = signals or {}, finishes
        self.members: dict[int, Apart] = {}
        self.all_epochs: list[int] = []

    def of_member(self, number: int, _count: int) -> Apart:
        member = self.members[number] = Apart(self.signals, finishes=self.finishes)
        member.all_epochs, member.interrupted = self.all_epochs, self.interrupted
        member.again = self.again
        return member

    def on_interrupt(self, where: str) -> bool:
        if self.again:  # before the offer is answered
            os.kill(os.getpid(), signal.SIGINT)
        return super().on_interrupt(where)

    def on_epoch(self, epochs: list[Epoch]) -> None:
        super().on_epoch(epochs)
        self.all_epochs.append(len(epochs))
        if number := self.signals.get(len(self.all_epochs)):
            os.kill(os.getpid(), number)


def test_members_in_processes_are_those_of_one_after_the_other(fitted: Fitted) -> None:
    listener = Apart()
    found = fit_members(PANEL, several(), listener, jobs=2)
    assert same_members(found, fitted)
    assert found.mean_mase == fitted.mean_mase
    assert found.config == fitted.config
    assert [untimed(log) for log in found.logs] == [untimed(log) for log in fitted.logs]
    assert found.metrics()["windows"] == fitted.metrics()["windows"]
    assert np.array_equal(found.calibration.offsets, fitted.calibration.offsets)
    assert {number: len(member.epochs) for number, member in listener.members.items()} == {1: 2, 2: 2, 3: 2}
    assert listener.members[1].baselines == pytest.approx(fitted.baselines)


def untimed(log: tuple[Epoch, ...]) -> list[dict[str, object]]:
    return [{**vars(epoch), "seconds": 0, "windows_per_second": 0} for epoch in log]


def test_where_the_first_keeps_its_start_all_do() -> None:
    origins = fit_members(PANEL, several(1), Watch()).ensemble.networks
    config = several(2, tolerance=-0.99, start="pretrained", learning_rate=1e-2)
    expected, found = (fit_members(PANEL, config, Apart(), None, origins, jobs) for jobs in (1, 2))
    assert same_members(found, expected)
    assert [log[-1].updates for log in found.logs] == [6, 0]


def test_a_fit_interrupted_in_processes_resumes_one_after_the_other_and_back(tmp_path: Path) -> None:
    expected = fit_members(PANEL, slow(), Watch())
    for jobs, others in ((2, 1), (1, 2)):
        path = tmp_path / f"{jobs}"
        with pytest.raises(Interrupted, match="interrupted after update"):
            fit_members(PANEL, slow(), Apart({3: signal.SIGTERM}), RunFolder(path), jobs=jobs)
        assert (path / "checkpoint" / "state.safetensors").exists()
        listener = Apart()
        resumed = fit_members(PANEL, slow(), listener, RunFolder(path, resume=True), jobs=others)
        assert listener.members[1].resumed
        assert same_members(resumed, expected)


def slow(members: int = 2) -> RunConfig:
    return several(members, updates=100, epochs=20, patience=20, refit=0.2)


def test_ctrl_c_finishes_the_members_that_have_begun_and_asks_once(tmp_path: Path) -> None:
    listener = Apart({8: signal.SIGINT}, finishes=True)
    found = fit_members(PANEL, slow(3), listener, RunFolder(tmp_path / "run"), jobs=2)
    assert len(found.ensemble.networks) == found.config.train.members == 2
    assert found.interrupted.endswith("of member 2 of 3")
    assert found.logs[0][-1].updates < 100
    assert len(listener.interrupted) == 1


def test_a_second_ctrl_c_ends_all(tmp_path: Path) -> None:
    listener = Apart({8: signal.SIGINT}, finishes=True)
    listener.again = True
    with pytest.raises(Interrupted, match="interrupted again") as stop:
        fit_members(PANEL, slow(), listener, RunFolder(tmp_path / "run"), jobs=2)
    assert stop.value.exit_code == 130


def test_an_error_of_one_member_ends_all_and_the_others_leave_checkpoints(tmp_path: Path) -> None:
    config = several(learning_rate=1e30, gradient_norm=1e30, warm_up=1e-9, updates=400)
    with pytest.raises(ConfigError, match="training diverged"):
        fit_members(PANEL, config, Apart(), RunFolder(tmp_path / "run"), jobs=3)
