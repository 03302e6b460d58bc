"""What pandas hands over: missing times of its own, and data frames of one column or of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deploy import InputError, Predictor, TimeStep

pd = pytest.importorskip("pandas")

VALUES = np.arange(1.0, 31.0)
MONTH = TimeStep(1, "month")
COLUMN = r"^history of shape \(30, 1\) is taken as one series of 30 values; write it as \(time,\)"


@pytest.mark.parametrize("missing", [pd.NaT, pd.NA], ids=repr)
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_missing_time_is_refused_with_what_to_do(
    zoned: Callable[..., Predictor], missing: Any, zone: str | None
) -> None:
    predictor = zoned(MONTH, zone, "plain")
    for last in (missing, [missing], pd.Series([missing]), pd.Series([missing], dtype=object)):
        with pytest.raises(InputError) as error:
            predictor.forecast([1.0, 2.0], last_timestamp=last)
        assert str(error.value).startswith("last_timestamp of series 0: found ")
        assert "which is no time; leave out the last timestamps where" in str(error.value)


def test_a_missing_time_among_others_is_named(plain: Predictor) -> None:
    last = pd.Series(pd.to_datetime(["2024-01-31", None]))
    with pytest.raises(InputError, match=r"^last_timestamp of series 1: found NaT, which is no time"):
        plain.forecast([[1.0], [2.0]], last_timestamp=last)


COLUMNS: dict[str, Any] = {"a frame": pd.DataFrame({"y": VALUES}), "an array": VALUES[:, None]}
Forecast = Callable[[Predictor, Any], Any]
CALLS: dict[str, Forecast] = {
    "forecast": lambda predictor, history: predictor.forecast(history).quantiles,
    "sample_paths": lambda predictor, history: predictor.sample_paths(history, paths=3),
    "stream": lambda predictor, history: predictor.stream(history).forecast().quantiles,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_a_column_is_one_series_and_a_warning_says_so(plain: Predictor, call: Forecast, column: Any) -> None:
    with pytest.warns(UserWarning, match=COLUMN) as warned:
        found = call(plain, column)
    assert [warning.filename for warning in warned] == [__file__]
    np.testing.assert_array_equal(found, call(plain, VALUES))


def test_a_list_of_single_values_is_as_many_series(plain: Predictor) -> None:
    assert len(plain.forecast(list(VALUES[:, None])).quantiles) == 30


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_frame_of_several_columns_is_refused_with_what_to_write(plain: Predictor, call: Forecast) -> None:
    frame = pd.DataFrame({"y": VALUES, "z": VALUES})
    with pytest.raises(InputError) as error:
        call(plain, frame)
    assert str(error.value) == (
        "history is a data frame of 2 columns, and either these or its rows could be series: write "
        "[frame[name].to_numpy() for name in frame.columns], or frame.to_numpy()"
    )
    assert len(plain.forecast([frame[name].to_numpy() for name in frame.columns]).quantiles) == 2


def test_a_frame_of_the_targets_is_a_joint_series(
    joint: Predictor, make_arguments: Callable[..., dict[str, Any]]
) -> None:
    arguments = make_arguments(joint, [30])
    frame = pd.DataFrame(arguments["history"][0], columns=list(joint.manifest.channels))
    found = joint.forecast(**{**arguments, "history": frame}).quantiles
    np.testing.assert_array_equal(found, joint.forecast(**arguments).quantiles)
