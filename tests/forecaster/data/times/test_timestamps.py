"""Timestamps as people write them: what is understood, what follows, and that it is written alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy import TimeStep
from deploy.errors import ConfigError
from forecaster.data.times.steps import infer_step
from forecaster.data.times.timestamps import looks_like_timestamps, parse_timestamps, write_timestamps

# texts, form, step, the two that follow
FORMS = {
    "dates": ("2024-02-27 2024-02-28", "%Y-%m-%d", TimeStep(1, "day"), "2024-02-29 2024-03-01"),
    "slashes": ("2024/12/30 2024/12/31", "%Y/%m/%d", TimeStep(1, "day"), "2025/01/01 2025/01/02"),
    "compact": ("20240130 20240131", "%Y%m%d", TimeStep(1, "day"), "20240201 20240202"),
    "dots": ("31.01.2024 01.02.2024", "%d.%m.%Y", TimeStep(1, "day"), "02.02.2024 03.02.2024"),
    "day-first": ("24/01/2024 31/01/2024", "%d/%m/%Y", TimeStep(1, "week"), "07/02/2024 14/02/2024"),
    "month-first": ("01/24/2024 01/31/2024", "%m/%d/%Y", TimeStep(1, "week"), "02/07/2024 02/14/2024"),
    "without zeros": ("9/30/2024 10/1/2024", "%-m/%-d/%Y", TimeStep(1, "day"), "10/2/2024 10/3/2024"),
    "dashes": ("30-01-2024 31-01-2024", "%d-%m-%Y", TimeStep(1, "day"), "01-02-2024 02-02-2024"),
    "day-first by its step": (
        "01/02/2024 08/02/2024 15/02/2024",
        "%d/%m/%Y",
        TimeStep(1, "week"),
        "22/02/2024 29/02/2024",
    ),
    "month-first by its step": (
        "01/01/2024 01/08/2024 01/15/2024",
        "%m/%d/%Y",
        TimeStep(1, "week"),
        "01/22/2024 01/29/2024",
    ),
    "minutes": (
        "2024-01-31T23:30 2024-01-31T23:45",
        "%Y-%m-%dT%H:%M",
        TimeStep(15, "minute"),
        "2024-02-01T00:00 2024-02-01T00:15",
    ),
    "seconds": (
        "2024-01-31T23:59:40 2024-01-31T23:59:50",
        "%Y-%m-%dT%H:%M:%S",
        TimeStep(10, "second"),
        "2024-02-01T00:00:00 2024-02-01T00:00:10",
    ),
    "hours": (
        "2024-01-31T22 2024-01-31T23",
        "%Y-%m-%dT%H",
        TimeStep(1, "hour"),
        "2024-02-01T00 2024-02-01T01",
    ),
    "compact with a time": (
        "20240131T220000 20240131T230000",
        "%Y%m%dT%H%M%S",
        TimeStep(1, "hour"),
        "20240201T000000 20240201T010000",
    ),
    "milliseconds in UTC": (
        "2024-01-01T00:00:00.000Z 2024-01-01T00:15:00.000Z",
        "%Y-%m-%dT%H:%M:%S.000Z",
        TimeStep(15, "minute"),
        "2024-01-01T00:30:00.000Z 2024-01-01T00:45:00.000Z",
    ),
    "the same fraction": (
        "2024-01-01T00:00:00.25 2024-01-01T00:00:01.25",
        "%Y-%m-%dT%H:%M:%S.25",
        TimeStep(1, "second"),
        "2024-01-01T00:00:02.25 2024-01-01T00:00:03.25",
    ),
    "an offset of two hours": (
        "2024-07-01T22:00+02:00 2024-07-01T23:00+02:00",
        "%Y-%m-%dT%H:%M+02:00",
        TimeStep(1, "hour"),
        "2024-07-02T00:00+02:00 2024-07-02T01:00+02:00",
    ),
    "a negative offset": (
        "2024-07-01T22:00-0330 2024-07-01T23:00-0330",
        "%Y-%m-%dT%H:%M-0330",
        TimeStep(1, "hour"),
        "2024-07-02T00:00-0330 2024-07-02T01:00-0330",
    ),
    "months": ("2023-11 2023-12", "%Y-%m", TimeStep(1, "month"), "2024-01 2024-02"),
    "months before years": ("11/2023 12/2023", "%m/%Y", TimeStep(1, "month"), "01/2024 02/2024"),
    "quarters": ("2024Q3 2024Q4", "%YQ%q", TimeStep(3, "month"), "2025Q1 2025Q2"),
    "quarters with a dash": ("2024-Q3 2024-Q4", "%Y-Q%q", TimeStep(3, "month"), "2025-Q1 2025-Q2"),
    "ISO weeks of a long year": ("2020-W52 2020-W53", "%G-W%V", TimeStep(1, "week"), "2021-W01 2021-W02"),
    "ISO weekdays": ("2020-W53-6 2020-W53-7", "%G-W%V-%u", TimeStep(1, "day"), "2021-W01-1 2021-W01-2"),
    "capital months": ("30-JAN-2024 31-JAN-2024", "%d-%^b-%Y", TimeStep(1, "day"), "01-FEB-2024 02-FEB-2024"),
}
FORMS_WITH_SPACES = {
    "a space before the time": (
        "2024-01-31 22:00|2024-01-31 23:00",
        "%Y-%m-%d %H:%M",
        TimeStep(1, "hour"),
        "2024-02-01 00:00|2024-02-01 01:00",
    ),
    "day-first with a time": (
        "31/01/2024 22:00:00|31/01/2024 23:00:00",
        "%d/%m/%Y %H:%M:%S",
        TimeStep(1, "hour"),
        "01/02/2024 00:00:00|01/02/2024 01:00:00",
    ),
    "twelve hours": (
        "9/30/2024 9:00 AM|9/30/2024 10:30 AM|9/30/2024 12:00 PM",
        "%-m/%-d/%Y %-I:%M %p",
        TimeStep(90, "minute"),
        "9/30/2024 1:30 PM|9/30/2024 3:00 PM",
    ),
    "short names of months": (
        "Nov 2023|Dec 2023",
        "%b %Y",
        TimeStep(1, "month"),
        "Jan 2024|Feb 2024",
    ),
    "long names of months": ("May 2024|June 2024", "%B %Y", TimeStep(1, "month"), "July 2024|August 2024"),
    "days of named months": (
        "31 Jan 2024|29 Feb 2024",
        "%d %b %Y",
        TimeStep(1, "month-end"),
        "31 Mar 2024|30 Apr 2024",
    ),
    "the American way": (
        "January 9, 2024|January 10, 2024",
        "%B %-d, %Y",
        TimeStep(1, "day"),
        "January 11, 2024|January 12, 2024",
    ),
    "UTC in letters": (
        "2024-01-01 22:00 UTC|2024-01-01 23:00 UTC",
        "%Y-%m-%d %H:%M UTC",
        TimeStep(1, "hour"),
        "2024-01-02 00:00 UTC|2024-01-02 01:00 UTC",
    ),
}
CASES = {
    **{name: (case[0].split(), *case[1:3], case[3].split()) for name, case in FORMS.items()},
    **{
        name: (case[0].split("|"), *case[1:3], case[3].split("|")) for name, case in FORMS_WITH_SPACES.items()
    },
}


@pytest.mark.parametrize(("texts", "form", "step", "following"), CASES.values(), ids=CASES)
def test_a_form_is_understood_and_what_follows_is_written_in_it(
    texts: list[str], form: str, step: TimeStep, following: list[str]
) -> None:
    parsed = parse_timestamps(pd.Series(texts))
    assert (parsed.time_format, parsed.problem) == (form, None)
    assert parsed.valid.all()
    assert infer_step(parsed.seconds, np.array([0, len(texts)]), has_calendar=True) == step
    coming = step.shift(parsed.seconds[[-1, -1]], np.array([1, 2]))
    assert write_timestamps(coming, form) == following


def test_counts_are_written_as_integers() -> None:
    assert write_timestamps(np.array([-1, 0, 12]), "index") == ["-1", "0", "12"]


def test_dates_among_times_are_midnight_and_the_longer_form_is_written_back() -> None:
    parsed = parse_timestamps(pd.Series(["2024-01-01", "2024-01-01 12:00"]))
    assert parsed.valid.all()
    assert write_timestamps(parsed.seconds, parsed.time_format) == ["2024-01-01 00:00", "2024-01-01 12:00"]


@pytest.mark.parametrize("text", ["2024-02-30", "2024-13-01", "31.13.24", "2024", "noon", ""])
def test_other_forms_are_not_timestamps(text: str) -> None:
    assert not parse_timestamps(pd.Series([text])).valid.any()


def test_a_column_of_dates_is_told_from_words_by_most_of_its_cells() -> None:
    assert looks_like_timestamps(pd.Series(["2024-01-01", "2024-01-02", "soon", None]))
    assert not looks_like_timestamps(pd.Series(["soon", "later", "2024-01-02"]))


def test_a_text_without_a_time_among_texts_with_seconds_is_the_full_minute() -> None:
    parsed = parse_timestamps(pd.Series(["2024-01-01T00:00", "2024-01-01T00:00:30"]))
    assert parsed.valid.all()
    assert parsed.seconds[1] - parsed.seconds[0] == 30
    assert parsed.time_format == "%Y-%m-%dT%H:%M:%S"


def test_the_local_time_of_an_offset_is_kept() -> None:
    with_offset = parse_timestamps(pd.Series(["2024-07-01 06:00+02:00"]))
    without = parse_timestamps(pd.Series(["2024-07-01 06:00"]))
    np.testing.assert_array_equal(with_offset.seconds, without.seconds)


def test_a_day_above_12_anywhere_decides_for_all_cells() -> None:
    days = [f"0{day}/01/2024" for day in range(1, 10)]
    assert parse_timestamps(pd.Series(days)).problem is not None
    decided = parse_timestamps(pd.Series([*days, "13/01/2024"]))
    assert (decided.time_format, decided.problem) == ("%d/%m/%Y", None)


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%-d/%-m/%Y"])
def test_the_form_of_the_training_file_decides_where_the_cells_do_not(form: str) -> None:
    cells = pd.Series(["01/01/2024", "02/01/2024", "03/01/2024"])
    parsed = parse_timestamps(cells, trained=form)
    assert (parsed.time_format, parsed.problem) == (form.replace("%-", "%"), None)


def test_cells_that_decide_overrule_the_form_of_the_training_file() -> None:
    parsed = parse_timestamps(pd.Series(["01/13/2024", "01/14/2024"]), trained="%d/%m/%Y")
    assert parsed.time_format == "%m/%d/%Y"


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        ("%d/%m/%y", ["31/12/69", "01/01/68"]),
        ("%m/%d/%Y", ["01/02/2024", "01/03/2024"]),
        ("week %V of %G", ["week 01 of 2024", "week 02 of 2024"]),
        ("%Y-%m-%dT%H:%M:%S.000Z", ["2024-01-01T00:00:00.000Z"]),
        ("100 %% on %Y-%m-%d", ["100 % on 2024-01-01"]),
        ("%y%m%d", ["240131", "240201"]),
    ],
)
def test_a_form_that_was_named_is_the_one(form: str, texts: list[str]) -> None:
    parsed = parse_timestamps(pd.Series(texts), form)
    assert parsed.valid.all()
    assert write_timestamps(parsed.seconds, parsed.time_format) == texts


def test_digits_of_a_form_that_was_named_have_to_be_those() -> None:
    parsed = parse_timestamps(
        pd.Series(["2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.500Z"]), "%Y-%m-%dT%H:%M:%S.000Z"
    )
    assert parsed.valid.tolist() == [True, False]


def test_a_form_with_an_unknown_directive_lists_those_known() -> None:
    with pytest.raises(ConfigError) as error:
        parse_timestamps(pd.Series(["2024-01-01"]), "%Y-%k-%d")
    known = "%Y, %y, %m, %d, %H, %I, %M, %S, %q, %G, %g, %V, %u, %j, %[24]H, %[half]q, %[+1]y, %[+1]Y, "
    known += "%e, %o, %[fr]o, %b, %B, %a, %A, %p, %P, %z, %:z, %:::z, %[CET/CEST]Z, %+1h(FORM)"
    assert str(error.value) == f'time format "%Y-%k-%d": %k is not known; known: {known}'


@pytest.mark.parametrize(
    "text",
    [
        *("2023-02-29", "0000-01-01", "2024-00-10", "2024-01-00", "2024-01-31 24:01", "2024-01-31 12:60"),
        *("2024Q5", "2024-W54", "2021-W53", "2024-W00", "31 Foo 2024", "30 Feb 2024", "13:00 PM", "20241301"),
        *(
            "1/2",
            "2024",
            "2024-01-01 25",
            "01/02",
            "12:00",
            "2024-01-01 13:00 PM",
            "٢٠٢٤-٠١-٠١",
            "2024-01-01x",
            "x" * 99,
        ),
    ],
)
def test_what_the_calendar_does_not_have_is_not_a_timestamp(text: str) -> None:
    assert not parse_timestamps(pd.Series([text])).valid.any()


def test_missing_cells_are_not_valid() -> None:
    assert parse_timestamps(pd.Series(["2024-01-01", None])).valid.tolist() == [True, False]
    assert parse_timestamps(pd.Series([None, None], dtype="str")).valid.tolist() == [False, False]


def test_texts_that_only_look_like_dates_are_words() -> None:
    assert not looks_like_timestamps(pd.Series(["1234-56", "9876-54", "1111-22"]))


STEPS = [
    *(TimeStep(count, unit) for unit in ("day", "week", "month", "month-end") for count in (1, 3)),
    TimeStep(1, "business-day"),
]
DATES = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%-m/%-d/%Y", "%d-%b-%Y", "%-d %B %Y"]
TIMES = ["", " %H:%M", "T%H:%M:%S", " %-H:%M:%S", " %I:%M %p", "T%H:%M:%SZ", " %H:%M+05:30", "T%H:%M:%S.000"]


def has_time(form: str) -> bool:
    return "%M" in form


@settings(deadline=None)
@given(
    step=st.sampled_from(
        [*STEPS, *(TimeStep(count, unit) for unit in ("minute", "hour") for count in (1, 15))]
    ),
    form=st.builds("{}{}".format, st.sampled_from(DATES), st.sampled_from(TIMES)),
    start=st.integers(-20_000 * 1440, 40_000 * 1440),
    count=st.integers(1, 80),
)
def test_what_is_written_is_read_and_written_again_alike(
    step: TimeStep, form: str, start: int, count: int
) -> None:
    moment = np.array([start * 60]) // (60 if has_time(form) else 86400) * (60 if has_time(form) else 86400)
    grid = step.shift(step.shift(moment, np.array([0])), np.arange(count))
    texts = write_timestamps(grid, form)
    parsed = parse_timestamps(pd.Series(texts), trained=form)
    assert parsed.problem is None
    assert parsed.valid.all()
    assert write_timestamps(parsed.seconds, parsed.time_format) == texts
