"""Several networks of one fit: each from its own seed, finished once, and averaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fits import Recorder, config_of, panel_of, waves

from forecaster.config import RunConfig
from forecaster.model.network import Network
from forecaster.run.folder import RunFolder
from forecaster.training.epochs import best_of
from forecaster.training.fit_network import fit
from forecaster.training.fitted import Fitted
from forecaster.training.members import fit_members, joined, member_config

pytestmark = pytest.mark.slow

PANEL = panel_of(waves(200), waves(60, seed=1))
KILLED = RuntimeError("killed")


class Watch(Recorder):
    """Notes when a member begins and how many updates it takes; raises in a given member's update."""

    def __init__(self, member: int = 0, update: int = 0) -> None:
        super().__init__()
        self.kill, self.updates = (member, update), {}

    def on_member(self, number: int, count: int) -> None:
        self.said = (number, count)
        self.updates[number] = 0

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
