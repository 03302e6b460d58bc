"""Forms of dates in many languages and orders: what is understood, and that it is written alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from time_forms import FORMS

from deploy import TimeStep
from forecaster.config import Asked
from forecaster.data import read_data, read_for_model
from forecaster.data.columns import AskedByModel
from forecaster.data.spelling.vocabulary import MONTHS, WEEKDAYS, words_of
from forecaster.data.times.grid import DAY
from forecaster.data.times.steps import infer_step
from forecaster.data.times.timestamps import looks_like_timestamps, parse_timestamps, write_timestamps


@pytest.mark.parametrize(
    ("form", "step", "texts"), [(form, *case) for form, case in FORMS.items()], ids=FORMS
)
def test_a_form_is_understood_and_what_follows_is_written_in_it(
    form: str, step: TimeStep, texts: str
) -> None:
    known, following = texts.split("|")[:-1], texts.split("|")[-1:]
    cells = pd.Series(texts.split("|"))
    parsed = parse_timestamps(cells)
    assert (parsed.time_format, parsed.problem, parsed.doubt) == (form, None, "")
    assert parsed.valid.all()
    assert looks_like_timestamps(cells)
    assert write_timestamps(parsed.seconds, form) == texts.split("|")
    if form != "%d.%m.%Y %-[24]H:%M":
        ends = np.array([0, len(cells)])
        assert infer_step(parsed.seconds, ends, has_calendar=True) == step
        assert (
            write_timestamps(step.shift(parsed.seconds[[len(known) - 1]], np.array([1])), form) == following
        )
    named = parse_timestamps(cells, form)
    np.testing.assert_array_equal(named.seconds, parsed.seconds)
    assert named.valid.all()


@pytest.mark.parametrize("form", FORMS)
def test_a_model_reads_its_file_and_its_own_forecasts_in_every_form(form: str) -> None:
    step, texts = FORMS[form]
    first = parse_timestamps(pd.Series([texts.split("|")[0]]), form).seconds
    grid = step.shift(np.repeat(first, 40), np.arange(40))
    table = pd.DataFrame({"when": write_timestamps(grid, form), "y": np.arange(40) % 7})
    if table["when"].duplicated().any():
        pytest.skip("a form of days cannot tell so many hours apart")
    panel = read_data(table[:36], Asked(time="when", time_format=form))
    coming = panel.step.shift(panel.timestamps[[-1] * 4], np.arange(1, 5))
    assert write_timestamps(coming, panel.columns.time_format, panel.clock) == table["when"][36:].tolist()
    again = read_for_model(table[20:], AskedByModel.of(panel.columns, panel.step))
    np.testing.assert_array_equal(again.timestamps, [*panel.timestamps[20:], *coming])


def test_months_of_short_years_are_read_in_the_form_in_which_they_follow_each_other() -> None:
    years_first = [f"{year}-{month:02}" for year in (1, 2, 3) for month in range(1, 13)]
    months_first = [f"{month}/{year}" for year in range(86, 91) for month in range(1, 13)]
    for texts, form in ((years_first, "%-y-%m"), (months_first, "%-m/%y")):
        found = parse_timestamps(pd.Series(texts))
        assert (found.time_format, found.problem, found.valid.all()) == (form, None, True)
        assert form in found.doubt
        assert write_timestamps(found.seconds, form) == texts


@pytest.mark.parametrize(
    "texts", [[f"1/{day:02}" for day in range(1, 32)], [f"{month:02}/10" for month in range(1, 13)]]
)
def test_two_short_numbers_that_may_be_a_day_and_a_month_are_not_read(texts: list[str]) -> None:
    assert not parse_timestamps(pd.Series(texts)).valid.any()


@pytest.mark.parametrize(
    ("form", "text"),
    [
        *(("%A %d %B %Y", "Monday 02 March 2021"), ("%o %B %Y", "2st March 2021"), ("%Y/%[+1]y", "2018/20")),
        *(("%[24]H:%M %d.%m.%Y", "00:00 01.01.2021"), ("%[24]H:%M %d.%m.%Y", "24:30 01.01.2021")),
        ("%Y-%m-%d - %+6d(%Y-%m-%d)", "2018-01-07 - 2018-01-14"),
        ("%Y-%m-%d %H:%M %[CET/CEST]Z", "2021-01-01 00:00 EST"),
        *(("%[de]b %Y", "Mar 2018"), ("%b %Y", "Sept 2018"), ("%_b %Y", "Jan 2018")),
        *(("%e %b %Y", "01 Mar 2021"),),
    ],
)  # fmt: skip
def test_what_a_form_would_write_otherwise_is_not_of_the_form(form: str, text: str) -> None:
    assert not parse_timestamps(pd.Series([text]), form).valid.any()


def test_words_of_any_language_can_be_named() -> None:
    words = (
        "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio"
    )
    form = f"%d %[{words}]B %Y"
    parsed = parse_timestamps(pd.Series(["31 sausio 2024", "01 vasario 2024"]), form)
    assert (parsed.seconds // DAY).tolist() == [19753, 19754]


def test_names_of_zones_are_utc_offsets() -> None:
    texts = ["2021-10-31 01:00 CEST", "2021-10-31 02:00 CEST", "2021-10-31 02:00 CET", "2021-10-31 03:00 CET"]
    parsed = parse_timestamps(pd.Series(texts))
    assert parsed.time_format == "%Y-%m-%d %H:%M %[CET/CEST]Z"
    assert parsed.offsets is not None
    assert (parsed.offsets // 3600).tolist() == [2, 2, 1, 1]
    assert np.diff(parsed.seconds - parsed.offsets).tolist() == [3600, 3600, 3600]


def test_a_range_of_numbers_is_no_time() -> None:
    for texts in (
        ["10-14", "15-19", "20-24"],
        ["1.2.13a", "1.2.14"],
        ["A 12 2020"],
        ["10.0.0.1"],
        ["Q9 2020"],
    ):
        assert not looks_like_timestamps(pd.Series(texts))


WORDS = [
    *(f"%{case}[{kind}{point}]{letter}" for letter, tables in MONTHS.items() for case in ("", "^", "_")
      for kind in (line.split(":")[0].strip() for line in tables.strip().splitlines() if ":" in line)
      for point in (("", ".") if letter == "b" else ("",)) if kind or point),
    *("%b", "%B", "%^b", "%_b", "%^B", "%_B"),
]  # fmt: skip
DAYS = [
    *(f"%[{line.split(':')[0].strip()}]{letter}".replace("[]", "") for letter, tables in WEEKDAYS.items()
      for line in tables.strip().splitlines()),
]  # fmt: skip


@pytest.mark.parametrize("directive", [*WORDS, *DAYS])
def test_no_two_months_or_weekdays_have_one_word(directive: str) -> None:
    words = words_of(directive.removeprefix("%"))
    assert len(words) == len(set(words)) == (7 if directive.endswith(("a", "A")) else 12)


FREE_DAYS = [day for day in DAYS if day not in ("%[ja]a", "%[ko]a")]  # these are read in brackets only
ORDERS = [
    "{d} {b} {y}",
    "{b} {d}, {y}",
    "{d}. {b} {y}",
    "{y} {b} {d}",
    "{d}-{b}-{y}",
    "{a}, {d} {b} {y}",
    "{a} {b} {d} {y}",
]
CLOCKS = [
    "",
    " %H:%M",
    ", %I:%M %P",
    "_%H:%M:%S",
    "  %-I:%M:%S %[.]p",
    " %[24]H:%M",
    "T%H:%M:%S,000",
    " %H:%M CET",
]
PERIODS = [
    "{b} {y}",
    "{y} {b}",
    "{b}-{y}",
    "%Yq%q",
    "Q%q %y",
    "%Y-H%[half]q",
    "%G W%V",
    "FY%Y",
    "%Y/%[+1]y",
    "%Y年%-m月",
]


@settings(deadline=None, max_examples=200)
@given(
    data=st.data(),
    is_period=st.booleans(),
    start=st.integers(-20_000 * 24, 35_000 * 24),
    count=st.integers(1, 60),
)
def test_what_is_written_in_any_form_is_read_and_written_again_alike(
    data: st.DataObject, is_period: bool, start: int, count: int
) -> None:
    order = data.draw(st.sampled_from(PERIODS if is_period else ORDERS))
    clock = "" if is_period else data.draw(st.sampled_from(CLOCKS))
    choices = {"d": ["%d", "%-d", "%o"], "b": WORDS, "y": ["%Y"], "a": FREE_DAYS}
    form = (
        order.format(**{name: data.draw(st.sampled_from(kinds)) for name, kinds in choices.items()}) + clock
    )
    unit = "month" if is_period else "hour" if clock else "day"
    first = np.array([start * 3600])
    if unit != "hour":
        first = first // DAY * DAY
    grid = TimeStep(1, unit).shift(np.repeat(first, count), np.arange(count))
    texts = list(dict.fromkeys(write_timestamps(grid, form)))
    exact = parse_timestamps(pd.Series(texts), form)
    assert exact.valid.all()
    assert write_timestamps(exact.seconds, form) == texts
    found = parse_timestamps(pd.Series(texts), trained=form)
    assert found.problem is None
    assert found.valid.all()
    np.testing.assert_array_equal(found.seconds, exact.seconds)
    assert write_timestamps(found.seconds, found.time_format) == texts
