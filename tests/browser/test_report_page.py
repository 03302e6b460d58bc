"""The report as people see it: on a phone, on a desk, in the dark and on paper."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page_checks import (
    cut_labels,
    faint_texts,
    heading_levels,
    overflow,
    overlapping_labels,
    repeated_ids,
    small_texts,
    unnamed_images,
)
from views import VIEWS, Open, Opened, View, open_view

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[2] / "sample_data"
QUICK = ("--set", "updates=60", "--set", "epochs=6", "--set", "threads=1", "--quiet")
HOSTILE = '<script>document.title = "taken"</script><img src=x onerror=alert(1)> & "$x^2$"'
VIEW = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
ON_SCREEN = pytest.mark.parametrize(
    "view", [view for view in VIEWS if view.media == "screen"], ids=lambda view: view.name
)
SAMPLE = pytest.mark.parametrize("sample", ["co2", "stores", "hostile"])


def forecaster(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "forecaster", *arguments], cwd=folder, check=True)


def copy_rows(source: Path, target: Path, keep: Callable[[Sequence[str]], Sequence[str] | None]) -> None:
    """The rows of a CSV as `keep` leaves them; None drops one."""
    with source.open(newline="") as file:
        header, *rows = csv.reader(file)
    with target.open("w", newline="") as file:
        csv.writer(file).writerows([header, *(kept for row in rows if (kept := keep(row)))])


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report of each sample, and one of series with names from hell; fits are short."""
    folder = tmp_path_factory.mktemp("reports")
    co2, stores, hostile = SAMPLES / "co2_weekly.csv", SAMPLES / "stores_hourly.csv", folder / "hostile.csv"
    copy_rows(co2, folder / "co2.csv", lambda row: row if row[0] < "1998-01-04" else None)
    copy_rows(stores, folder / "stores.csv", lambda row: row if row[0] < "2024-04-22" else None)
    copy_rows(
        stores, hostile, lambda row: [row[0], f"{HOSTILE} {row[1]}", *row[2:]] if row[1] < "c" else None
    )
    for name, later, options in (
        ("co2", co2, ()),
        ("stores", stores, ("--target", "sales", "--known", "promo")),
        ("hostile", hostile, ("--target", "sales", "--known", "promo")),
    ):
        forecaster(folder, "fit", f"{name}.csv", "-o", name, *options, *QUICK)
        forecaster(folder, "evaluate", str(later), "--run", name, "-o", f"{name}.html", "--quiet")
    return folder


@pytest.fixture
def opened(open_page: Open, reports: Path, sample: str, view: View) -> Opened:
    return open_page(reports / f"{sample}.html", view)


@SAMPLE
@VIEW
def test_a_report_is_no_wider_than_the_window(
    opened: Opened, screenshots: Path, sample: str, view: View
) -> None:
    opened.save(screenshots, f"report-{sample}-{view.name}")
    assert overflow(opened.page) == 0


@SAMPLE
@VIEW
def test_a_report_asks_for_nothing_and_complains_of_nothing(opened: Opened) -> None:
    assert (opened.requests, opened.console) == ([], [])


@SAMPLE
@ON_SCREEN
def test_every_text_can_be_read(opened: Opened) -> None:
    assert small_texts(opened.page) == []


@SAMPLE
@VIEW
def test_every_text_stands_out(opened: Opened) -> None:
    assert faint_texts(opened.page) == []


@SAMPLE
@VIEW
def test_no_label_covers_another_or_leaves_its_figure(opened: Opened) -> None:
    assert (overlapping_labels(opened.page), cut_labels(opened.page)) == ([], [])


@SAMPLE
@pytest.mark.parametrize("view", VIEWS[:1], ids=lambda view: view.name)
def test_the_page_can_be_heard(opened: Opened) -> None:
    levels = heading_levels(opened.page)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert (unnamed_images(opened.page), repeated_ids(opened.page)) == (0, [])
    assert opened.page.get_attribute("html", "lang") == "en"


@pytest.mark.parametrize("sample", ["hostile"])
@pytest.mark.parametrize("view", VIEWS[:1], ids=lambda view: view.name)
def test_names_of_series_are_texts_whatever_they_hold(opened: Opened) -> None:
    assert opened.page.title() == "Evaluation on hostile.csv"
    assert opened.page.locator("h3 bdi").first.inner_text().startswith(HOSTILE)
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("script").count() == 1  # its own


@SAMPLE
@pytest.mark.parametrize(
    "view", [view for view in VIEWS if view.media == "print"], ids=lambda view: view.name
)
def test_on_paper_no_figure_is_cut_by_the_end_of_a_page(opened: Opened) -> None:
    broken = opened.page.evaluate(
        """[...document.querySelectorAll("figure, table")]
          .filter(element => getComputedStyle(element).breakInside !== "avoid").length"""
    )
    assert broken == 0


@pytest.fixture
def figure(browser: Browser, reports: Path) -> Iterator[Locator]:
    """The figure of the best series, on a desk."""
    opened = open_view(browser, (reports / "stores.html").as_uri(), VIEWS[3])
    yield opened.page.locator("figure.read").first
    assert opened.console == []
    opened.page.context.close()


def rows_of(figure: Locator) -> list[str]:
    """What the figure says of each of its values."""
    lines = (figure.locator("pre").text_content() or "").splitlines()
    head, *rows = [line.split("\t") for line in lines]
    return [
        f"{time}: {' · '.join(f'{name} {text}' for name, text in zip(head[1:], texts, strict=False))}"
        for time, *texts in rows
    ]


def test_the_pointer_tells_the_values_where_it_is(figure: Locator) -> None:
    rows, plot = rows_of(figure), figure.locator(".plot:visible")
    at_rest = figure.locator("output").inner_text()
    box = plot.bounding_box()
    assert box is not None
    plot.hover(position={"x": box["width"] - 4, "y": 40})
    assert figure.locator("output").inner_text() == rows[-1]
    assert plot.locator("circle").count() == 2
    plot.hover(position={"x": 45, "y": 40})
    assert figure.locator("output").inner_text() == rows[0]
    assert plot.locator("circle").count() == 1  # nothing was forecast there
    figure.page.mouse.move(0, 0)
    assert figure.locator("output").inner_text() == at_rest
    assert plot.locator("circle").count() == 0


def test_the_arrow_keys_tell_the_values_step_by_step(figure: Locator) -> None:
    rows, said = rows_of(figure), figure.locator("output")
    at_rest, first = said.inner_text(), len(rows) - 24
    figure.locator(".plot:visible").focus()
    for key, row in (
        *(("ArrowRight", first), ("ArrowRight", first + 1), ("ArrowLeft", first), ("ArrowLeft", first - 1)),
        *(("Home", 0), ("ArrowLeft", 0), ("End", len(rows) - 1), ("ArrowRight", len(rows) - 1)),
    ):
        figure.page.keyboard.press(key)
        assert said.inner_text() == rows[row]
    figure.page.keyboard.press("Escape")
    assert said.inner_text() == at_rest


def test_a_mark_lies_on_the_line_of_its_value(figure: Locator) -> None:
    figure.locator(".plot:visible").focus()
    figure.page.keyboard.press("End")
    end = figure.evaluate(
        """figure => {
          const svg = [...figure.querySelectorAll("svg")].find(one => one.clientWidth);
          const mark = svg.querySelector("circle.f-blue");
          const lines = svg.querySelectorAll("path.s-blue[fill=none]");
          const points = [...lines].map(one => one.getPointAtLength(one.getTotalLength()));
          return points.map(({x, y}) => Math.hypot(x - mark.cx.baseVal.value, y - mark.cy.baseVal.value));
        }"""
    )
    assert min(end) < 1


def test_the_configuration_and_the_values_are_shown_when_they_are_asked_for(
    browser: Browser, reports: Path
) -> None:
    opened = open_view(browser, (reports / "co2.html").as_uri(), VIEWS[0])
    for place, before, after in (("#settings", "dt", "dt"), (".values", "pre", "td")):
        folded = opened.page.locator(f"details:is({place}, :has({place}))").first
        assert not folded.locator(before).first.is_visible()
        folded.locator("summary").click()
        folded.locator(after).first.wait_for(state="visible")
    assert overflow(opened.page) == 0
    opened.page.context.close()


@SAMPLE
@pytest.mark.parametrize("view", VIEWS[-2:], ids=lambda view: view.name)
def test_paper_is_white_and_a_dark_screen_is_dark(opened: Opened, view: View) -> None:
    colour = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (colour == "rgb(255, 255, 255)") == (view.media == "print")
