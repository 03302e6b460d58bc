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
TWO = "month,trains,units\n" + "".join(
    f"{month},{50 + place * place % 17},{value}\n"
    for place, (month, value) in enumerate(zip(MONTHS, VALUES, strict=True))
)
# All that is said of a plain text by the modules of the page, for a model.
READ = """async ([text, model, chosen]) => {
  const modules = ["plain", "series", "notes"].map(name => import(`/${name}.js`));
  const [plain, series, notes] = await Promise.all(modules);
  try {
    const found = series.understand(plain.readPlain(text, model, chosen), model, chosen);
    const said = notes.notesOf(found, model, series.longestHorizon(found.series, model));
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
    "series": [],
    "pretrained": False,
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
def said(visit: Visit, bare: Service) -> Callable[..., list[str]]:
    """said(text, chosen, **model): the notes on a plain text, warnings with a "!"; a problem stands alone."""
    page = visit(bare, DESK).page

    def read(text: str, chosen: dict[str, Any] | None = None, **model: Any) -> list[str]:
        found: list[str] = page.evaluate(READ, [text, {**MODEL, **model}, chosen or {}])
        return found

    return read


def test_which_column_is_forecast_is_asked_where_nothing_tells(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    drop(page, TWO)
    page.wait_for_selector("#question:has-text('Which column is to be forecast?')")
    assert page.inner_text("#question").endswith("no column is called so: there are “trains” and “units”.")
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
    drop(page, TWO.replace("units", "y").replace("month", "time"))
    shown_steps(page, 6)
    assert page.inner_text("#result-title") == "y"
    assert page.inner_text("#columns-facts") == "Columns: time “time”, values “y”, not used “trains”"
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
    shown_steps(page, 6)
    page.select_option("#time", label="none: count rows")
    page.wait_for_selector("#notes:has-text('the rows are counted in their order')")
    shown_steps(page, 6)
    assert page.inner_text("#result-title") == "units"
    assert page.locator("#table tbody th").first.inner_text() == "20"  # as the command line counts
    page.select_option("#time", label="month")
    page.wait_for_selector("#table th:has-text('1950-09')")


def test_one_of_several_times_may_be_chosen(page: Page) -> None:
    lines = (f"{month}-03,{month}-01,{value}" for month, value in zip(MONTHS, VALUES, strict=True))
    drop(page, rows("sent,paid,y", *lines))
    shown_steps(page, 6)
    assert page.locator("#table tbody th").first.inner_text() == "1950-09-03"
    page.click("#columns-facts")
    page.select_option("#time", label="paid")
    page.wait_for_selector("#table th:has-text('1950-09-01')")
    assert page.inner_text("#columns-facts") == "Columns: time “paid”, values “y”, not used “sent”"


def test_the_time_of_the_model_is_taken_by_its_name(page: Page) -> None:
    lines = (f"{month}-03,{month}-01,{value}" for month, value in zip(MONTHS, VALUES, strict=True))
    drop(page, rows("sent,time,y", *lines))
    shown_steps(page, 6)
    assert page.inner_text("#columns-facts").startswith("Columns: time “time”")


def test_dates_that_may_be_either_are_chosen_by_a_button(page: Page) -> None:
    drop(page, rows("when,y", "01/02/1949,5", "01/02/1950,6"))
    assert "and no cell tells which" in problem(page)
    assert page.get_attribute("#columns", "open") is not None
    assert page.locator("#cures button").all_inner_texts() == [
        "Read times as %d/%m/%Y",
        "Read times as %m/%d/%Y",
    ]
    page.click("#cures button >> nth=0")
    shown_steps(page, 6)
    assert page.input_value("#time-format") == "%d/%m/%Y"
    assert page.locator("#table tbody th").first.inner_text() == "01/03/1950"
    page.fill("#time-format", "%m/%d/%Y")
    page.keyboard.press("Enter")
    page.wait_for_selector("#table th:has-text('02/02/1950')")


def test_a_decimal_sign_that_nothing_tells_is_chosen(page: Page) -> None:
    text = "when;y\n" + "".join(f"{month};1,{value}\n" for month, value in zip(MONTHS, VALUES, strict=True))
    drop(page, text)
    assert "is unclear: the comma may mark decimals or thousands" in problem(page)
    page.select_option("#decimal", label="comma: 1,5")
    shown_steps(page, 6)
    page.focus("#chart")
    page.keyboard.press("Home")
    page.wait_for_function("() => document.getElementById('readout').textContent === 'Jan 1949, 1.112'")
    page.select_option("#decimal", label="point: 1.5")
    page.wait_for_selector("#summary:has-text('1,')")


def test_cells_that_mean_nothing_are_left_out_by_a_button_and_back(page: Page) -> None:
    drop(page, AIR.replace("132", "closed"))
    assert problem(page).endswith("na=closed reads it as missing")
    page.click("#cures button:has-text('Read “closed” as missing')")
    shown_steps(page, 6)
    assert page.inner_text("#problem") == ""
    assert "1 value of the last 20 months missing." in notes(page)
    page.click("#asked button:has-text('Undo na = closed')")
    assert problem(page).endswith("na=closed reads it as missing")


def test_what_was_inferred_is_said_with_what_reads_it_otherwise(page: Page) -> None:
    heads = [f"{month}/1/{year}" for year in (49, 50) for month in range(1, 13)]
    lines = [f"{place}," + ",".join(str(100 + n * n % 13) for n in range(24)) for place in ("north", "south")]
    drop(page, rows("place," + ",".join(heads), *lines))
    shown_steps(page, 6)
    assert page.locator("#drawn option").all_inner_texts() == ["north", "south"]
    assert page.locator("#table thead th").first.inner_text() == "time"
    note = page.locator("#notes .warning").first
    assert "are times, and each row is a series" in note.inner_text()
    assert note.locator("button").inner_text() == "Read with layout = wide"
    assert page.inner_text("#status").endswith("(layout=wide reads a column a series)")


def test_times_in_several_columns_are_written_back_so(page: Page) -> None:
    split = [f"{month[:4]},{int(month[5:])},{value}" for month, value in zip(MONTHS, VALUES, strict=True)]
    drop(page, rows("shop,year,month,sold", *(f"{shop},{line}" for shop in "ab" for line in split)))
    shown_steps(page, 6)
    assert page.inner_text("#columns-facts").startswith("Columns: time “year” and “month”, series “shop”")
    assert page.input_value("#time") == "joined:"
    assert page.locator("#table thead th").first.inner_text() == "year month"
    assert page.locator("#table tbody th").first.inner_text() == "1950 9"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Y", []),
        ("units", ["! The model was made for “y”; what is forecast here is “units”."]),
    ],
)
def test_what_is_not_as_in_training_is_said(
    said: Callable[..., list[str]], text: str, expected: list[str]
) -> None:
    table = rows(f"when,{text}", *(f"{day},{place}" for place, day in enumerate(DAYS)))
    assert said(table) == expected
    assert said(table, pretrained=True) == []


def test_offsets_that_are_not_used_are_said(said: Callable[..., list[str]]) -> None:
    text = rows("when,y", *(f"{day}T00:00+02:00,{place}" for place, day in enumerate(DAYS)))
    assert said(text) == [
        "! The model has no time zone: the offset of times such as 2024-01-01T00:00+02:00 is not used."
    ]
    assert said(text, timezone="Etc/GMT-2") == []


SHOPS = [{"name": "shop", "categories": ["north", "south"]}, {"name": "area", "categories": None}]


def test_a_category_that_was_never_seen_is_warned_of(said: Callable[..., list[str]]) -> None:
    lines = [f"{day},{shop},{place},1" for shop in ("north", "east") for place, day in enumerate(DAYS)]
    found = said(rows("when,shop,y,area", *lines), {"series": ["shop"]}, static=SHOPS)
    assert found[0] == (
        "! The model has not seen “east” of “shop” in training, and forecasts as for any. "
        "It knows “north” and “south”."
    )
    assert said(rows("when,shop,y,area", *lines[:8]), static=SHOPS) == []


def test_static_columns_that_are_not_there_are_warned_of(said: Callable[..., list[str]]) -> None:
    found = said(rows("when,y", *(f"{day},1" for day in DAYS)), static=SHOPS)
    assert found == ["! Without “shop” and “area”: no column is called so."]
    text = rows("when,y,shop,area", f"{DAYS[0]},1,north,wide", f"{DAYS[1]},1,north,wide")
    assert said(text, static=SHOPS)[0].startswith('problem: Line 2, column "area": "wide" is no number.')


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
    lines = [f"{day},{place if place not in (5, 7) else ''}" for place, day in enumerate(DAYS)]
    assert said(rows("when,y", *lines)) == [
        "1 value of the last 4 days missing.",
        "The forecast starts after the last value: 1 row below it without one.",
    ]


def test_a_history_that_is_too_short_is_warned_of(said: Callable[..., list[str]]) -> None:
    assert said(rows("when,y", f"{DAYS[0]},1")) == [
        "! Of the last 4 days that the model looks back at, 1 has a value."
    ]


def test_rows_of_another_step_are_refused_with_both_steps(page: Page) -> None:
    drop(page, rows("time,y", *(f"{month}-{day:02},5" for month in MONTHS for day in (1, 8, 15, 22))))
    assert "of 1 month" in problem(page)
    quarters = zip(MONTHS[::3], VALUES[:7], strict=True)
    drop(page, rows("time,y", *(f"{month},{value}" for month, value in quarters)), "quarters.csv")
    page.wait_for_selector("#problem:has-text('every')")
    assert "this model's steps are 1 month" in problem(page)


def test_a_model_of_the_step_of_the_file_is_offered(page: Page) -> None:
    hours = [f"2024-01-{day:02} {hour:02}:00,{day},{hour},{day}" for day in (1, 2) for hour in range(24)]
    drop(page, rows("time,x,y,z,force", *(f"{line},1" for line in hours)))
    problem(page)
    assert page.locator("#cures button").all_inner_texts() == [
        "Use the model covariates",
        "Use the model joint",
    ]
    page.click("#cures button:has-text('joint')")
    page.wait_for_selector("#problem:has-text('force')")
    assert page.input_value("#model") == "2"


def test_values_without_a_neighbour_are_drawn(page: Page) -> None:
    drop(page, rows("month,y", "1949-01,5", "1949-04,6", "1949-08,5"))
    shown_steps(page, 6)
    assert page.evaluate(INKED) > 3
    assert notes(page) == ["Of the last 22 months that the model looks back at, 3 have a value."]
