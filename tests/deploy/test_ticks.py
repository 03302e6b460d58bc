"""Ticks: dates by what an axis spans, round numbers, texts that do not touch and say the truth."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy import TimeStep
from deploy.shown.ticks import GAP, MOST, Moments, Tick, centred, time_ticks, value_ticks
from deploy.time.timestep import UNITS

STARTS = st.integers(-(10**10), 10**10)  # 1653 to 2286
STEPS = st.builds(TimeStep, st.integers(1, 30), st.sampled_from([unit for unit in UNITS if unit != "index"]))
LENGTHS = st.integers(2, 800)
FLOATS = st.floats(-1e12, 1e12)
ROOMY = 30  # characters: any two texts fit


def moments_of(step: TimeStep, start: int | str, length: int) -> Moments:
    first = start if isinstance(start, int) else int(np.datetime64(start, "s").astype(np.int64))
    moments: Moments = step.shift(np.array(first), np.arange(length))
    return moments


def texts(ticks: list[Tick]) -> str:
    return " | ".join(f"{tick.text}/{tick.below}".rstrip("/") for tick in ticks)


@pytest.mark.parametrize(
    ("step", "start", "length", "expected"),
    [
        (TimeStep(12, "month"), "1960-01-01", 60, "1960 | 1970 | 1980 | 1990 | 2000 | 2010"),
        (
            TimeStep(3, "month"),
            "2021-01-01",
            40,
            "2022 | 2024 | 2026 | 2028 | 2030",
        ),
        (
            TimeStep(1, "month-end"),
            "2023-09-30",
            8,
            "Sep/2023 | Oct | Nov | Dec | Jan/2024 | Feb | Mar | Apr",
        ),
        (TimeStep(1, "week"), "2022-01-02", 150, "Jan/2022 | Jul | Jan/2023 | Jul | Jan/2024 | Jul"),
        (TimeStep(1, "day"), "2024-05-24", 28, "27 May/2024 | 3 Jun | 10 Jun | 17 Jun"),
        (TimeStep(1, "business-day"), "2024-02-20", 100, "Mar/2024 | Apr | May | Jun | Jul"),
        (
            TimeStep(1, "hour"),
            "2024-12-30 07:00",
            60,
            "12:00/30 Dec 2024 | 00:00/31 Dec | 12:00 | 00:00/1 Jan 2025 | 12:00",
        ),
        (
            TimeStep(1, "minute"),
            "2024-04-01 13:07",
            60,
            "13:10/1 Apr 2024 | 13:20 | 13:30 | 13:40 | 13:50 | 14:00",
        ),
        (TimeStep(10, "second"), "2024-04-01 13:07", 9, "13:07:00/1 Apr 2024 | 13:07:30 | 13:08:00"),
    ],
)
def test_ticks_are_years_months_days_or_hours_by_what_they_span(
    step: TimeStep, start: str, length: int, expected: str
) -> None:
    assert texts(time_ticks(moments_of(step, start, length), 60)) == expected


def test_ticks_of_a_series_that_is_never_at_the_full_hour_say_when_it_is() -> None:
    moments = moments_of(TimeStep(7, "minute"), "2024-04-01 13:07", 60)
    assert texts(time_ticks(moments, 60)) == "14:03/1 Apr 2024 | 16:02 | 18:01 | 20:00"


def test_counts_are_round_and_have_no_calendar() -> None:
    assert texts(time_ticks(np.arange(429, 537), 60, has_calendar=False)) == "440 | 460 | 480 | 500 | 520"
    assert texts(time_ticks(np.arange(0, 40_000), 60, has_calendar=False)).endswith("30,000")


def test_a_single_value_has_its_time_and_none_has_no_tick() -> None:
    assert texts(time_ticks(moments_of(TimeStep(1, "day"), "2024-04-01", 1), 60)) == "1 Apr/2024"
    assert time_ticks(np.zeros(0, np.int64), 60) == []


def test_an_hour_that_a_clock_shows_twice_has_one_tick() -> None:
    hours = np.array([0, 1, 2, 2, 3, 4]) * 3600
    half = np.sort(np.concatenate([hours, hours + 1800]))[[0, 1, 2, 3, 4, 6, 5, 7, 8, 9]]
    shown = [tick.text for tick in time_ticks(half, 100)]
    assert len(shown) == len(set(shown))


@settings(max_examples=300, deadline=None)
@given(step=STEPS, start=STARTS, length=LENGTHS, room=st.floats(ROOMY, 200))
def test_any_axis_of_times_has_some_ticks_that_do_not_touch(
    step: TimeStep, start: int, length: int, room: float
) -> None:
    moments = moments_of(step, start, length)
    ticks = time_ticks(moments, room)
    places = [tick.at for tick in ticks]
    assert 2 <= len(ticks) <= MOST
    assert places == sorted(set(places))
    assert 0 <= places[0] <= places[-1] < length
    context, full = "", []
    for tick in ticks:
        context = tick.below or context
        full.append((tick.text, context))
    assert len(set(full)) == len(full)
    for line in ("text", "below"):
        shown = [(tick, text) for tick in ticks if (text := getattr(tick, line))]
        middles = [centred(tick, text, length, room) for tick, text in shown]
        halves = [len(text) / 2 for _, text in shown]
        assert all(half <= middle <= room - half for middle, half in zip(middles, halves, strict=True))
        for before, after in pairwise(range(len(shown))):
            assert middles[after] - halves[after] - middles[before] - halves[before] >= GAP - 1e-9


@settings(max_examples=200, deadline=None)
@given(step=STEPS, start=st.integers(-(10**9), 10**10), length=LENGTHS)
def test_a_tick_says_the_time_of_its_value(step: TimeStep, start: int, length: int) -> None:
    moments = moments_of(step, start, length)
    for tick in time_ticks(moments, 80):
        when = np.datetime64(int(moments[int(tick.at)]), "s").item()
        forms = (f"{when.year}", f"{when:%b}", f"{when.day} {when:%b}", f"{when:%H:%M}", f"{when:%H:%M:%S}")
        assert tick.text in forms
        assert tick.below in (
            "",
            f"{when.year}",
            f"{when.day} {when:%b}",
            f"{when.day} {when:%b} {when.year}",
        )


@settings(max_examples=300, deadline=None)
@given(one=FLOATS, other=FLOATS, most=st.integers(2, 12))
def test_any_axis_of_values_has_round_ticks_around_them(one: float, other: float, most: int) -> None:
    low, high = sorted((one, other))
    ticks = value_ticks(low, high, most)
    values = [tick.at for tick in ticks]
    step = values[1] - values[0]
    mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert 2 <= len(ticks) <= most + 1
    assert values[0] <= low + 1e-9 * step
    assert values[-1] >= high - 1e-9 * step
    assert min(abs(mantissa - number) for number in (1, 2, 5)) < 1e-3
    assert len({tick.text for tick in ticks}) == len(ticks)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (353.0, 442.0, "340 | 360 | 380 | 400 | 420 | 440 | 460"),
        (0.0, 0.0, "-0.6 | -0.4 | -0.2 | 0.0 | 0.2 | 0.4 | 0.6"),
        (5.0, 5.0, "2 | 3 | 4 | 5 | 6 | 7 | 8"),
        (999.998, 1000.003, "999.998 | 999.999 | 1,000.000 | 1,000.001 | 1,000.002 | 1,000.003"),
        (1.19e9, 1.21e9, "1,190,000,000 | 1,195,000,000 | 1,200,000,000 | 1,205,000,000 | 1,210,000,000"),
        (0.0, 3e17, "0 | 5e+16 | 1e+17 | 1.5e+17 | 2e+17 | 2.5e+17 | 3e+17"),
        (-0.3, 0.7, "-0.4 | -0.2 | 0.0 | 0.2 | 0.4 | 0.6 | 0.8"),
    ],
)
def test_values_are_written_to_what_tells_them_apart(low: float, high: float, expected: str) -> None:
    assert texts(value_ticks(low, high, 6)) == expected
