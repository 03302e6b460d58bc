"""The picture of a fit: it can be drawn of every fit, says its numbers, and is the same for the same fit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from epochs import epoch_of, epochs_of
from matplotlib import style
from matplotlib.figure import Figure

from forecaster.config import TrainConfig
from forecaster.show.pictures import training_picture
from forecaster.show.pictures.figures import LOOK, Draw
from forecaster.show.pictures.training_picture import draw_training
from forecaster.training.epochs import Epoch

pytestmark = pytest.mark.slow

TEXT = "{http://www.w3.org/2000/svg}text"
LARGEST = 60_000  # bytes
NAN = math.nan


def texts(svg: bytes) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(TEXT)]


def drawn(epochs: list[Epoch], **settings: Any) -> list[str]:
    return texts(draw_training(epochs, TrainConfig(**settings)))


def test_the_same_fit_gives_the_same_bytes() -> None:
    epochs = epochs_of(5)
    assert draw_training(epochs, TrainConfig()) == draw_training(epochs, TrainConfig())


def test_no_date_and_no_version_is_in_the_picture() -> None:
    svg = draw_training(epochs_of(2), TrainConfig())
    assert b"<dc:date" not in svg
    assert b"http://matplotlib" not in svg
    assert b"Matplotlib v" not in svg


def test_it_says_which_epoch_was_kept_and_its_loss() -> None:
    assert "loss: 0.1000, epoch 4 kept" in drawn(epochs_of(4))


def test_it_says_the_exposure_bias_of_the_epoch_that_was_kept() -> None:
    epochs = [epoch_of(1, 3), epoch_of(2, 3, best=True, exposure_bias=1.5), epoch_of(3, 3, best=False)]
    assert "exposure bias: 1.500" in drawn(epochs)


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        ({}, "true patches fed: constant"),
        ({"schedule": "switch", "direction": "increase"}, "true patches fed: switch, increasing"),
    ],
)
def test_it_says_the_schedule_and_its_direction(settings: dict[str, Any], title: str) -> None:
    assert title in drawn(epochs_of(3), **settings)


def test_it_marks_where_the_horizon_rows_begin() -> None:
    assert "horizon rows begin" in drawn(epochs_of(4))


@pytest.mark.parametrize("free_from", [0.0, 1.0])
def test_horizon_rows_that_train_always_or_never_are_not_marked(free_from: float) -> None:
    assert "horizon rows begin" not in drawn(epochs_of(4), free_from=free_from)


def test_one_decoder_step_has_no_exposure_bias() -> None:
    titles = drawn(epochs_of(3, free_loss=(0.2,), forced_loss=(0.2,), exposure_bias=1.0))
    assert "one decoder step: no exposure bias" in titles


def test_a_fit_of_one_epoch_is_drawn() -> None:
    assert "loss: 0.4000, epoch 1 kept" in drawn(epochs_of(1))


def test_losses_that_are_not_known_are_left_out() -> None:
    unknown = {"validation_loss": NAN, "exposure_bias": NAN, "free_loss": (NAN, NAN)}
    titles = drawn(epochs_of(3, **unknown, forced_loss=(NAN, NAN)))
    assert {"loss: not known, epoch 3 kept", "exposure bias: not known"} <= set(titles)
    assert not any("nan" in title for title in titles)


def test_losses_that_are_zero_are_drawn() -> None:
    zero = {"train_loss": 0.0, "validation_loss": 0.0, "free_loss": (0.0, 0.0), "forced_loss": (0.0, 0.0)}
    assert "loss: 0.0000, epoch 2 kept" in drawn(epochs_of(2, **zero, exposure_bias=NAN))


def test_many_epochs_and_decoder_steps_stay_a_small_file() -> None:
    noise = np.random.default_rng(0).random((2, 300))
    losses = {"free_loss": tuple(1 + noise[0]), "forced_loss": tuple(noise[1])}
    svg = draw_training(epochs_of(1000, **losses), TrainConfig(schedule="inverse-sigmoid"))
    assert len(svg) < LARGEST


@pytest.mark.parametrize("scale", [1e-4, 1.0, 12_345.0])
def test_nothing_is_cut_off_at_the_margins(scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[tuple[float, ...]] = []

    def measure(draw: Draw, width: float, height: float, *, has_margins: bool) -> bytes:
        assert has_margins
        with style.context(dict(LOOK), after_reset=True):
            figure = Figure(figsize=(width, height))
            draw(figure)
            found.append((*figure.get_tightbbox().extents, width, height))
        return b""

    monkeypatch.setattr(training_picture, "svg_of", measure)
    losses = {"free_loss": (scale, 0.5 * scale), "forced_loss": (0.4 * scale, 0.6 * scale)}
    epochs = [
        replace(each, train_loss=scale * each.train_loss, validation_loss=scale * each.validation_loss)
        for each in epochs_of(30, **losses)
    ]
    draw_training(epochs, TrainConfig(updates=1000, learning_rate=0.000123, schedule="linear"))
    left, bottom, right, top, width, height = found[0]
    assert left >= 0
    assert bottom >= 0
    assert right <= width
    assert top <= height
