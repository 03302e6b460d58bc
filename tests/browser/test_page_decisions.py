"""What the page decides for a person is asked for or said: columns, how cells are read, what is not used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from page_use import AIR, MONTHS, VALUES, drop, notes, problem, shown_steps
from running import Service
from views import Opened, View

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DESK = View("desktop", 1280)
Visit = Callable[[Service, View], Opened]
TWO = "month,promo,units\n" + "".join(
    f"{month},{place % 2},{value}\n" for place, (month, value) in enumerate(zip(MONTHS, VALUES, strict=True))
)
# All that is said of a text by the modules of the page, for a model.
READ = """async ([text, model, chosen]) => {
  const modules = ["csv", "columns", "series", "notes"].map(name => import(`/${name}.js`));
  const [csv, columns, series, notes] = await Promise.all(modules);
  try {
    const table = csv.readTable(text);
    const roles = columns.guessRoles(table, model, chosen);
    const found = series.readSeries(table, roles, model);
    const longest = series.longestHorizon(found.series, model);
    const said = notes.notesOf({table, roles, model, found, longest});
    const drawn = notes.notesOfDrawn(found.series[0], model, found.series.length);
    return [...said, ...drawn].map(({text, isWarning}) => (isWarning ? "! " : "") + text);
  } catch (problem) {
    return [`problem: ${problem.message}`];
  }
}"""
# Pixels of the chart in the colour of the history.
INKED = """() => {
  const canvas = document.querySelector("#chart canvas");
  const ink = getComputedStyle(document.body).color.match(/\\d+/g).slice(0, 3).map(Number);
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4)
    if (ink.every((value, channel) => data[at + channel] === value) && data[at + 3] === 255) count += 1;
  return count;
}"""
MODEL: dict[str, Any] = {
    "name": "m",
    "has_calendar": True,
    "timezone": None,
    "joint": False,
    "time": "when",
    "targets": ["y"],
    "known": [],
    "past": [],
    "static": [],
    "context_length": 4,
    "max_horizon": 3,
    "season": 7,
    "levels": [0.5],
    "expects_gaps": False,
    "step": {"count": 1, "unit": "day", "text": "1 day"},
}
DAYS = [f"2024-01-{day:02}" for day in range(1, 9)]


def rows(head: str, *lines: str) -> str:
    return "\n".join([head, *lines]) + "\n"


@pytest.fixture
def page(visit: Visit, service: Service) -> Page:
    return visit(service, DESK).page


@pytest.fixture
def said(page: Page) -> Callable[..., list[str]]:
    """said(text, chosen, **model): the notes on a text, warnings with a "!"; a problem stands alone."""

    def read(text: str, chosen: dict[str, Any] | None = None, **model: Any) -> list[str]:
        found: list[str] = page.evaluate(READ, [text, {**MODEL, **model}, chosen or {}])
        return found

    return read


def test_which_column_is_forecast_is_asked_where_nothing_tells(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    drop(page, TWO)
    page.wait_for_selector("#question:has-text('Which column is to be forecast?')")
    assert page.inner_text("#question").endswith("no column is called so: there are “promo” and “units”.")
    assert page.get_attribute("#columns", "open") is not None
    assert page.evaluate("document.activeElement.id") == "target"
    assert page.input_value("#target") == ""
    assert not page.is_visible("#result")
    assert [url for url in asked if url.endswith("/forecast")] == []
    page.select_option("#target", label="units")
    shown_steps(page, 6)
    assert page.inner_text("#result-title") == "units"
    assert page.inner_text("#question") == ""
    warning = "The model was made for “y”; what is forecast here is “units”."
    assert notes(page)[0] == warning
    assert page.inner_text("#status").endswith(warning)  # for those who hear the page


def test_nothing_is_asked_where_the_target_is_there_by_its_name(page: Page) -> None:
    drop(page, TWO.replace("units", "y"))
    shown_steps(page, 6)
    assert page.inner_text("#result-title") == "y"
    assert page.inner_text("#columns-facts") == "Columns: time “month”, values “y”, not used “promo”"
    assert notes(page) == []


def test_the_title_names_the_column_that_is_forecast_of_one_of_many(page: Page) -> None:
    text = "place,month,passengers\n" + "".join(
        f"{place},{line}\n" for place in ("north", "south") for line in AIR.splitlines()[1:]
    )
    drop(page, text)
    shown_steps(page, 6)
    assert page.inner_text("#result-title") == "north · passengers"
    assert page.inner_text("#columns-facts").startswith("Columns: time “month”, series “place”, values “pass")
    assert notes(page)[-1] == "1 of 2 series is drawn: choose another above. The download has all."


def test_what_was_chosen_stays_while_all_else_follows(page: Page) -> None:
    drop(page, TWO)
    page.select_option("#target", label="units")
    page.select_option("#time", label="none: count rows")
    page.wait_for_selector("#notes:has-text('No column is the time')")
    assert page.inner_text("#result-title") == "units"


def test_of_several_times_the_one_is_asked_for(page: Page) -> None:
    lines = (f"{month}-03,{month}-01,{value}" for month, value in zip(MONTHS, VALUES, strict=True))
    drop(page, rows("sent,paid,y", *lines))
    page.wait_for_selector("#question:has-text('Which column is the time? “sent” and “paid” hold times.')")
    page.select_option("#time", label="paid")
    shown_steps(page, 6)
    assert page.inner_text("#columns-facts") == "Columns: time “paid”, values “y”, not used “sent”"


def test_the_time_of_the_model_is_taken_by_its_name(page: Page) -> None:
    lines = (f"{month}-03,{month}-01,{value}" for month, value in zip(MONTHS, VALUES, strict=True))
    drop(page, rows("sent,time,y", *lines))
    shown_steps(page, 6)
    assert page.inner_text("#columns-facts").startswith("Columns: time “time”")


def test_dates_that_may_be_either_are_chosen_under_columns(page: Page) -> None:
    drop(page, rows("when,y", "01/02/1949,5", "01/02/1950,6"))
    assert problem(page).endswith("Choose it under Columns, or write such dates as 2024-01-31.")
    assert page.get_attribute("#columns", "open") is not None
    page.select_option("#dates", label="day first: 31/1/2024")
    shown_steps(page, 6)
    assert "“01/02/1949” is read with the day first: February 1, 1949." in notes(page)


def test_a_decimal_sign_is_said_and_may_be_another(page: Page) -> None:
    drop(page, AIR.replace(",", ";").replace("112", "1,125"))
    shown_steps(page, 6)
    assert "“1,125” is read as 1.125." in notes(page)
    page.click("#columns-facts")
    page.select_option("#decimal", label="point: 1.5")
    page.wait_for_selector("#notes:has-text('“1,125” is read as 1125.')")


@pytest.mark.parametrize(
    ("text", "model", "expected"),
    [
        ("Y", {}, "The model was made for “y”; what is forecast here is “Y”."),
        ("units", {}, "! The model was made for “y”; what is forecast here is “units”."),
        (
            "y",
            {"timezone": "Europe/Berlin"},
            "Times without an offset, such as 2024-01-01, are read as those",
        ),
    ],
)
def test_what_is_not_as_in_training_is_said(
    said: Callable[..., list[str]], text: str, model: dict[str, Any], expected: str
) -> None:
    found = said(rows(f"when,{text}", *(f"{day},{place}" for place, day in enumerate(DAYS))), **model)
    assert [line for line in found if line.startswith(expected)], found


def test_offsets_that_are_not_used_are_said(said: Callable[..., list[str]]) -> None:
    text = rows("when,y", *(f"{day}T00:00+02:00,{place}" for place, day in enumerate(DAYS)))
    assert said(text) == [
        "! The model has no time zone: the offset of times such as 2024-01-01T00:00+02:00 is not used."
    ]
    assert said(text, timezone="Etc/GMT-2") == []


def test_numbers_that_are_read_as_times_are_said(said: Callable[..., list[str]]) -> None:
    text = rows("when,y", *(f"{day.replace('-', '')},{place}" for place, day in enumerate(DAYS)))
    assert said(text) == ["“20240101” is read as a date of 8 digits: January 1, 2024."]


def test_points_that_may_part_thousands_are_said(said: Callable[..., list[str]]) -> None:
    text = rows("when;y", *(f"{day};1.23{place}" for place, day in enumerate(DAYS)))
    expected = (
        "“1.230” is read with a decimal point. If its point parts thousands, choose the comma as Decimals."
    )
    assert said(text) == [expected]
    assert said(text, {"decimal": ","}) == ["“1.230” is read as 1230."]
    assert said(text.replace("1.230", "0.5")) == []
    assert said(text.replace(";", ",")) == []


SHOPS = [{"name": "shop", "categories": ["north", "south"]}, {"name": "area", "categories": None}]


def test_a_category_that_was_never_seen_is_warned_of(said: Callable[..., list[str]]) -> None:
    lines = [f"{day},{shop},{place},1" for shop in ("north", "east") for place, day in enumerate(DAYS)]
    found = said(rows("when,shop,y,area", *lines), static=SHOPS)
    assert found[0] == (
        "! The model has not seen “east” of “shop” in training, and forecasts as for any. "
        "It knows “north” and “south”."
    )
    assert said(rows("when,shop,y,area", *lines[:8]), static=SHOPS) == []


def test_static_columns_that_are_not_there_empty_or_not_constant_are_warned_of(
    said: Callable[..., list[str]],
) -> None:
    lines = [f"{day},{place},{'north' if place < 4 else 'south'}," for place, day in enumerate(DAYS)]
    found = said(rows("when,y,shop,area", *lines), {"series": None}, static=SHOPS)
    assert found == [
        "! “shop” is to be one value a series, and changes in “y”: the first is used.",
        "! “area” is empty in “y”.",
    ]
    found = said(rows("when,y", *(f"{day},1" for day in DAYS)), static=SHOPS)
    assert found == ["! Without “shop” and “area”: no column is called so."]
    problem = said(rows("when,y,shop,area", f"{DAYS[0]},1,north,wide"), static=SHOPS)
    assert problem[0].startswith('problem: Line 2, column "area": "wide" is no number.')


def test_covariates_are_named_where_they_are_missing_or_written_otherwise(
    said: Callable[..., list[str]],
) -> None:
    text = rows("when,y,Promo", *(f"{day},{place},0" for place, day in enumerate(DAYS)))
    assert said(text, past=["promo"]) == ["“Promo” is taken for “promo”."]
    assert said(text, past=["rain"])[0].startswith('problem: The model needs the covariate "rain", and no')
    twice = text.replace("y,Promo", "y,Promo,PROMO").replace(",0\n", ",0,0\n")
    assert said(twice, past=["promo"])[0].startswith('problem: The model needs the covariate "promo"')


def test_a_horizon_that_ends_with_what_is_known_ahead_is_said(said: Callable[..., list[str]]) -> None:
    lines = [f"{day},{place if place < 7 else ''},0" for place, day in enumerate(DAYS)]
    found = said(rows("when,y,promo", *lines), known=["promo"])
    assert found == ["The horizon ends after 1 day, not 3 days: so far “promo” is known ahead for “y”."]


def test_what_has_no_value_is_said(said: Callable[..., list[str]]) -> None:
    lines = [f"{day},a,{place if place not in (5, 7) else ''}" for place, day in enumerate(DAYS)]
    lines += [f"{day},b," for day in DAYS]
    assert said(rows("when,shop,y", *lines)) == [
        "! Left out, without a value: “b · y”.",
        "1 value of the last 4 days missing.",
        "The forecast starts after the last value: 1 row below it without one.",
    ]


def test_a_history_that_is_too_short_is_warned_of(said: Callable[..., list[str]]) -> None:
    assert said(rows("when,y", f"{DAYS[0]},1")) == [
        "! Of the last 4 days that the model looks back at, 1 has a value."
    ]


def test_a_file_without_names_is_said(said: Callable[..., list[str]]) -> None:
    text = "".join(f"{day},{place}\n" for place, day in enumerate(DAYS))
    assert said(text)[-1] == "The file has no line of names: its columns are called by their place."


def test_a_joint_model_names_the_target_that_is_not_there(said: Callable[..., list[str]]) -> None:
    found = said(rows("when,x,z", f"{DAYS[0]},1,2"), joint=True, targets=["x", "y"])
    expected = (
        "problem: The model forecasts “x” and “y” together, and no column is called “y”. There are “when”"
    )
    assert found[0].startswith(expected)


def test_rows_of_another_step_are_refused_with_both_steps(said: Callable[..., list[str]]) -> None:
    weeks = rows("when,y", *(f"2024-01-{day:02},5" for day in range(1, 30, 7)))
    told = said(weeks, context_length=14)
    assert told[0].startswith(
        "problem: “y”: rows come every 7 days, and this model's steps are 1 day. Most of"
    )
    months = rows("when,y", *(f"2024-{month:02}-01,5" for month in range(1, 12)))
    assert said(months)[0].startswith(
        "problem: “y”: rows come about every 31 days, and this model's steps are 1 day."
    )
    blank = rows("when,y", *(f"2024-01-{day:02},{5 if day % 3 == 0 else ''}" for day in range(1, 30)))
    assert said(blank, context_length=20)[0].startswith("problem: “y”: rows with a value come every 3 days")
    assert not said(blank, context_length=20, expects_gaps=True)[0].startswith("problem")


def test_rows_that_come_too_often_are_refused_with_both_steps(said: Callable[..., list[str]]) -> None:
    text = rows("when,y", *(f"2024-01-01 {hour:02}:00,5" for hour in range(9)))
    expected = "comes after 2024-01-01 00:00: rows come every 1 hour, and this model's steps are 1 day."
    assert expected in said(text)[0]


def test_gaps_and_outages_are_no_other_step(said: Callable[..., list[str]]) -> None:
    outage = [*range(1, 6), 29, 30]
    weekdays = [day for day in range(1, 31) if day % 7 not in (6, 0)]
    for days in (outage, weekdays, [1, 8, 15]):
        found = said(rows("when,y", *(f"2024-01-{day:02},5" for day in days)), context_length=20)
        assert not found[0].startswith("problem"), days


def test_values_without_a_neighbour_are_drawn(page: Page) -> None:
    drop(page, rows("month,y", "1949-01,5", "1949-04,6", "1949-08,5"))
    shown_steps(page, 6)
    assert page.evaluate(INKED) > 3
    assert notes(page) == ["Of the last 22 months that the model looks back at, 3 have a value."]
