"""A model that forecasts several values a step: shapes in and out, and the words of its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor
from deploy.request.inputs import check_histories

MakeArguments = Callable[..., dict[str, Any]]
METHODS = ("graph", "step")
# history: (what is handed over, how many series it is)
SHAPES: dict[str, tuple[Any, int]] = {
    "one series": (np.ones((30, 3)), 1),
    "one series of one step": (np.ones((1, 3)), 1),
    "a batch": (np.ones((4, 30, 3)), 4),
    "a list of ragged series": ([np.ones((5, 3)), np.ones((50, 3))], 2),
    "lists of steps": ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], 1),
    "a list of lists of steps": ([[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]] * 2], 2),
}


def complaint(predictor: Predictor, arguments: dict[str, Any]) -> str:
    """The message of the error that forecasting raises."""
    with pytest.raises(InputError) as error:
        predictor.forecast(**arguments)
    return str(error.value)


def test_the_channels_are_the_targets(joint: Predictor, plain: Predictor) -> None:
    assert (joint.manifest.channels, plain.manifest.channels) == (("x", "y", "z"), ())


@pytest.mark.parametrize(("history", "batch"), SHAPES.values(), ids=SHAPES)
def test_a_joint_history_has_a_last_axis_of_channels(joint: Predictor, history: Any, batch: int) -> None:
    checked = check_histories(joint.manifest, history)
    assert checked.left.shape == (batch, joint.manifest.context_length, 3)


@pytest.mark.parametrize("method", METHODS)
def test_a_joint_forecast_has_an_axis_of_channels(
    joint: Predictor, make_arguments: MakeArguments, method: str
) -> None:
    found = joint.forecast(**make_arguments(joint, [18, 5], 7), method=method)
    assert (found.quantiles.shape, found.median.shape) == ((2, 7, 3, 9), (2, 7, 3))
    assert found.timestamps is not None
    assert found.timestamps.shape == (2, 7)


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_channel_forecasts_its_constant_and_the_others_move(
    joint: Predictor, make_arguments: MakeArguments, method: str
) -> None:
    arguments = make_arguments(joint, [18], 20)
    arguments["history"][0][:, 1] = 7.5
    found = joint.forecast(**arguments, method=method).quantiles[0]
    np.testing.assert_array_equal(found[:, 1], np.full((20, 9), 7.5))
    assert (found[:, [0, 2]].std(axis=0) > 0).all()


def test_units_of_one_channel_are_no_matter_to_the_others(
    joint: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(joint, [18], 6)
    before = joint.forecast(**arguments).quantiles
    arguments["history"][0][:, 1] *= 1024  # a power of two rounds alike
    after = joint.forecast(**arguments).quantiles
    np.testing.assert_array_equal(after[:, :, [0, 2]], before[:, :, [0, 2]])
    np.testing.assert_array_equal(after[:, :, 1], 1024 * before[:, :, 1])


def test_a_gap_in_one_channel_is_no_gap_in_the_others(
    joint: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(joint, [18], 6)
    arguments["history"][0][5:, 2] = np.nan
    assert np.isfinite(joint.forecast(**arguments).quantiles).all()


# history: (what is handed over, the complaint)
REFUSED: dict[str, tuple[Any, str]] = {
    "no axis of channels": (
        np.ones(30),
        "history must have shape (time, 3) or (batch, time, 3) for x, y, z, found shape (30,)",
    ),
    "rank 4": (
        np.ones((1, 2, 3, 3)),
        "history must have shape (time, 3) or (batch, time, 3) for x, y, z, found shape (1, 2, 3, 3)",
    ),
    "two channels": (
        np.ones((30, 2)),
        "series 0: expected 3 values a step (x, y, z), found shape (30, 2)",
    ),
    "channels first": (
        np.ones((1, 3, 30)),
        "series 0: expected 3 values a step (x, y, z), found shape (3, 30)",
    ),
    "a flat list": ([1.0, 2.0, 3.0], "series 0: expected 3 values a step (x, y, z), found shape ()"),
    "no steps": (np.ones((0, 3)), "series 0 is empty; expected at least 1 value"),
    "an infinity": (
        [[1.0, 2.0, 3.0], [1.0, np.inf, 3.0]],
        "series 0, position (1, 1): found inf, expected a finite number, or NaN where missing",
    ),
    "a channel of nothing but NaN": (
        [[1.0, np.nan, 3.0], [1.0, np.nan, 3.0]],
        "series 0: its last 2 values of y are all NaN; expected at least 1 observed value in the context of "
        "18 steps",
    ),
}


@pytest.mark.parametrize(("history", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_joint_history_that_cannot_be_used_is_refused(
    joint: Predictor, make_arguments: MakeArguments, history: Any, expected: str
) -> None:
    arguments = {**make_arguments(joint, [18]), "history": history}
    assert complaint(joint, arguments) == expected


def test_a_history_with_channels_is_refused_by_a_model_of_one(plain: Predictor) -> None:
    assert (
        complaint(plain, {"history": [np.ones((5, 3))]})
        == "series 0: expected one value a step, found shape (5, 3)"
    )
