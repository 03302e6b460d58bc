"""Which weights are kept where the start is a candidate, and how long better ones are waited for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from fits import config_of

from forecaster.training.epochs import Epoch, is_best, out_of_patience, without_training
from forecaster.training.loop import tolerance_of
from forecaster.training.members.member import First, following

BEGUN = replace(without_training(), validation_loss=0.2, forced_loss=(0.1, 0.1))


def keeps(loss: float, *before: Epoch, tolerance: float = 0.0, refit: float = 0.2) -> bool:
    """Whether weights with this loss, and .1 fed the truth, are kept after these epochs."""
    return is_best(config_of(refit=refit), list(before), 0.5, loss, (0.1, 0.1), tolerance)


@pytest.mark.parametrize("refit", [0.0, 0.2])
def test_without_tolerance_the_start_stays_unless_it_is_improved(refit: float) -> None:
    assert keeps(0.199, BEGUN, refit=refit)
    assert not keeps(0.2, BEGUN, refit=refit)


def test_what_was_trained_may_lose_a_share_more_than_the_start() -> None:
    assert keeps(0.229, BEGUN, tolerance=0.1)  # .329, of at most .33
    assert not keeps(0.231, BEGUN, tolerance=0.1)


def test_of_what_was_trained_the_best_is_kept() -> None:
    trained = replace(BEGUN, epoch=1, updates=9, progress=0.3, validation_loss=0.21)
    assert keeps(0.209, BEGUN, trained, tolerance=0.1)
    assert not keeps(0.21, BEGUN, trained, tolerance=0.1)


def test_below_0_what_was_trained_has_to_be_better_by_a_share() -> None:
    assert keeps(0.139, BEGUN, tolerance=-0.2)  # .239, of at most .24
    assert not keeps(0.141, BEGUN, tolerance=-0.2)


def epochs_of(*losses: tuple[float, float]) -> list[Epoch]:
    """Epochs with these losses, of the horizon rows and of the `next` rows fed the truth."""
    return [
        replace(
            BEGUN,
            epoch=number,
            updates=number,
            progress=0.6,
            validation_loss=loss,
            forced_loss=(forced,) * 2,
            best=number == 1,
        )
        for number, (loss, forced) in enumerate(losses, 1)
    ]


@pytest.mark.parametrize(("start", "waits"), [("random", True), ("pretrained", False)])
def test_patience_waits_while_rows_that_began_at_random_learn(start: str, waits: bool) -> None:
    config = config_of(refit=0.2, patience=2, start=start)
    learning = epochs_of((0.2, 0.1), (0.21, 0.099), (0.21, 0.098))
    assert out_of_patience(config.train, learning) != waits
    assert out_of_patience(config.train, epochs_of((0.2, 0.1), (0.21, 0.1), (0.21, 0.1)))


@pytest.mark.parametrize(
    ("asked", "windows", "expected"),
    [
        (0.2, 1, 0.2),
        (0.2, 4, 0.1),
        (-0.2, 1, -0.6),
        (-0.2, 2, -0.3),
        (-0.2, 3, -0.2),
        (-0.2, 50, -0.2),
        (-0.5, 1, -1.0),
    ],
)
def test_the_fewer_windows_validate_the_better_has_what_was_trained_to_be(
    asked: float, windows: int, expected: float
) -> None:
    assert tolerance_of(asked, windows) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("tolerance", "updates", "trains"), [(-0.2, 0, False), (-0.2, 10, True), (0.0, 0, True)]
)
def test_members_follow_a_first_one_that_kept_its_start(
    tolerance: float, updates: int, *, trains: bool
) -> None:
    config = config_of(tolerance=tolerance)
    best = replace(without_training(), updates=updates)
    first: Any = SimpleNamespace(config=config, best=best)
    assert bool(following(config, First.of(first)).train.updates) is trains
