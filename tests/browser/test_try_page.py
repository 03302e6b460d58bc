"""The forecast in the browser, a page of the site: what it computes, and that nothing leaves the machine."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from page_checks import overflow
from page_use import AIR, MONTHS, drop, problem, shown_steps
from sites import Site
from views import View

from deploy import Predictor
from forecaster.export.for_season import pack_season
from forecaster.workflows.serve import SERVED

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Route

pytestmark = pytest.mark.browser

CO2 = Path(__file__).parents[2] / "sample_data" / "co2_weekly.csv"
AGREE = 1e-5  # of a series' largest value
PATIENCE = 30_000  # milliseconds: WebAssembly is compiled meanwhile
# The difference from the golden cases of each model, as the page's own service finds it.
REPLAY = """async () => {
  const { Service } = await import("./service.js");
  const service = new Service();
  const found = {};
  for (const model of await service.models()) found[model.name] = (await service.opened(model)).difference;
  return found;
}"""
IS_DARK = "getComputedStyle(document.body).backgroundColor === 'rgb(19, 21, 24)'"
FITS = """() => {
  const {scrollWidth, clientWidth, scrollHeight, clientHeight} = document.documentElement;
  return Math.max(scrollWidth - clientWidth, scrollHeight - clientHeight) <= 1;
}"""
DESK, PHONE = View("desktop", 1280), View("phone", 390)


class Tried:
    """The page, in a browser that reaches its own server and nothing else."""

    def __init__(self, browser: Browser, site: Site, view: View) -> None:
        size = {"width": view.width, "height": 900}
        self.context = browser.new_context(viewport=size, color_scheme=view.scheme, accept_downloads=True)
        self.asked: list[tuple[str, str]] = []
        self.refused: list[str] = []
        self.console: list[str] = []
        self.context.route(lambda url: not url.startswith(site.address), self._refuse)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("request", lambda request: self.asked.append((request.method, request.url)))
        self.page.goto(f"{site.address}try/", wait_until="networkidle")

    def _refuse(self, route: Route) -> None:
        self.refused.append(route.request.url)
        route.abort()

    @property
    def frame(self) -> Frame:
        """The forecast itself."""
        (frame,) = (frame for frame in self.page.frames if frame.url.endswith("/try/forecast/"))
        return frame

    def saved(self) -> list[dict[str, str]]:
        """The rows of the file that is downloaded."""
        with self.page.expect_download() as download:
            self.frame.click("#download")
        with Path(download.value.path()).open(newline="") as file:
            return list(csv.DictReader(file))


Try = Callable[[View], Tried]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Try]:
    """visit(view): the page, for one test; none of it asked for anything of another machine."""
    visits: list[Tried] = []

    def open_(view: View) -> Tried:
        visits.append(Tried(browser, site, view))
        return visits[-1]

    yield open_
    for tried in visits:
        tried.context.close()
        assert (tried.refused, tried.console) == ([], [])


@pytest.fixture
def tried(visit: Try) -> Tried:
    return visit(DESK)


def bundle_of(site: Site, name: str) -> Path:
    return site.folder / "try" / "forecast" / "models" / name


def test_every_model_forecasts_its_golden_cases_without_a_network(tried: Tried, site: Site) -> None:
    found = tried.frame.evaluate(REPLAY)
    assert sorted(found) == sorted(path.name for path in bundle_of(site, "").iterdir())
    assert {name: difference for name, difference in found.items() if not difference <= AGREE} == {}


def by_python(values: list[float]) -> np.ndarray:
    """Quantiles that onnxruntime computes from Python of weekly values: (horizon, quantile)."""
    predictor = Predictor(pack_season(SERVED["weekly"]).bundle, "cpu")
    return predictor.forecast(np.array(values)).quantiles[0]


@pytest.mark.parametrize("far", [0.0, 1e7], ids=["as measured", "far from 0"])
def test_a_file_is_forecast_as_python_does(tried: Tried, far: float) -> None:
    with CO2.open(newline="") as file:
        read = [(row["date"], float(row["co2"] or "nan") + far) for row in csv.DictReader(file)]
    lines = (f"{date},{'' if math.isnan(value) else value}\n" for date, value in read)
    drop(tried.frame, "date,co2\n" + "".join(lines), "co2.csv")
    shown_steps(tried.frame, 52)
    assert tried.frame.locator("#model option:checked").inner_text() == "weekly"
    saved = tried.saved()
    assert [saved[0]["date"], saved[-1]["date"]] == ["2002-01-05", "2002-12-28"]
    found = np.array([[float(row[f"q0.{level}"]) for level in range(1, 10)] for row in saved])
    wanted = by_python([value for _, value in read])
    assert np.abs(found - wanted).max() <= AGREE * np.abs(wanted - far).max()


def test_what_is_given_is_sent_nowhere(tried: Tried, site: Site) -> None:
    drop(tried.frame, AIR)
    shown_steps(tried.frame, 12)
    assert not tried.frame.is_visible("#choose-mark")  # the runtime in the browser judges no values
    assert {method for method, _ in tried.asked} == {"GET"}
    files = {url.removeprefix(f"{site.address}try/forecast/") for _, url in tried.asked}
    assert "models/monthly/forecast.onnx" in files
    assert [url for url in files if "?" in url] == []
    tried.context.set_offline(True)
    tried.frame.fill("#horizon-number", "5")
    tried.frame.press("#horizon-number", "Enter")
    shown_steps(tried.frame, 5)


def test_the_sample_is_one_button_away_by_keyboard(visit: Try, screenshots: Path) -> None:
    tried = visit(PHONE)
    tried.frame.focus("#text")
    for _ in range(2):
        tried.page.keyboard.press("Tab")
    tried.page.keyboard.press("Enter")
    shown_steps(tried.frame, 52)
    assert tried.frame.inner_text("#given").startswith("co2_weekly.csv 1 series, 2,284 values")
    assert tried.frame.evaluate("document.activeElement.id") == "given-name"
    assert [tried.frame.is_visible(f"#{name}") for name in ("explain", "what-if")] == [False, False]
    tried.page.screenshot(path=screenshots / "try-phone.png", full_page=True)


@pytest.mark.parametrize(
    ("dates", "model"),
    [
        ([f"{month}-01" for month in MONTHS], "monthly"),
        ([f"{year}-{month:02}-01" for year in (2021, 2022, 2023) for month in (1, 4, 7, 10)], "quarterly"),
        ([f"{year}-12-31" for year in range(2010, 2024)], "yearly"),
        ([f"2024-02-{day:02}" for day in range(1, 29)], "daily"),
        ([f"2024-02-0{day} {hour:02}:00" for day in (1, 2, 3) for hour in range(24)], "hourly"),
    ],
)  # fmt: skip
def test_the_step_of_the_data_chooses_the_model(tried: Tried, dates: list[str], model: str) -> None:
    drop(tried.frame, "when,y\n" + "".join(f"{date},{5 + len(date[-1:])}\n" for date in dates))
    tried.frame.wait_for_selector("#table tbody tr")
    assert tried.frame.locator("#model option:checked").inner_text() == model


def test_who_chooses_a_model_keeps_it(tried: Tried) -> None:
    tried.frame.click("#use-example")
    shown_steps(tried.frame, 52)
    tried.frame.select_option("#model", label="daily")
    tried.frame.wait_for_selector("#facts:has-text('daily')")
    shown_steps(tried.frame, 14)
    assert tried.frame.locator("#model option:checked").inner_text() == "daily"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("time,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,$2\n", 'Line 4, column "y": "$2" is no number.'),
        ("time,y\n2024-01-01,1\n2024-01-02\n", "Line 3: 1 cell, expected 2 as in the first line."),
        ("time,y\n2024-01-01 00:00,1\n2024-01-01 00:20,2\n", "Line 3: 2024-01-01 00:20 comes after 2024-01"),
        ("time,y\n2024-01-01,\n", "No column holds numbers. Expected one of values."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_the_line(tried: Tried, text: str, expected: str) -> None:
    drop(tried.frame, text)
    assert problem(tried.frame).startswith(expected)


def test_a_model_that_is_not_there_is_said_and_asked_for_again(tried: Tried) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=503)

    tried.context.route("**/monthly/forecast.onnx", refuse)
    drop(tried.frame, AIR)
    assert problem(tried.frame).startswith("models/monthly/forecast.onnx cannot be loaded: 503.")
    tried.context.unroute("**/monthly/forecast.onnx", refuse)
    tried.frame.click("#try-again")
    shown_steps(tried.frame, 12)
    tried.console.clear()  # the browser says 503, too


@pytest.mark.parametrize("view", [PHONE, DESK], ids=lambda view: view.name)
def test_the_frame_is_as_large_as_what_it_holds(visit: Try, view: View) -> None:
    tried = visit(view)
    drop(tried.frame, AIR)
    shown_steps(tried.frame, 12)
    tried.frame.wait_for_function(FITS)
    assert overflow(tried.page) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_forecast_has_the_scheme_of_the_site_also_when_it_is_changed(visit: Try, scheme: str) -> None:
    tried = visit(View("desktop", 1280, scheme))
    drop(tried.frame, AIR)
    shown_steps(tried.frame, 12)
    assert tried.frame.evaluate(IS_DARK) == (scheme == "dark")
    pixels = "document.querySelector('#chart canvas').toDataURL()"
    before = tried.frame.evaluate(pixels)
    tried.page.click("label[for^=__palette]:visible")
    tried.frame.wait_for_function(f"() => ({IS_DARK}) === {json.dumps(scheme == 'light')}")
    tried.frame.wait_for_function(f"before => {pixels} !== before", arg=before)
