"""Forecasts that the page saves are those of `forecaster forecast`, to the byte, in the form of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page_use import AIR, MONTHS, VALUES, drop, problem, shown_steps
from running import BUNDLES, Service
from views import Opened, View

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

KEY = '"b, ""c"""'  # as a file has it
DESK = View("desktop", 1280)
Visit = Callable[[Service, View], Opened]
GERMAN = "time;Ort;y\n" + "".join(
    f"01.{month[5:]}.{month[:4]};Köln;1.{value},5\n" for month, value in zip(MONTHS, VALUES, strict=True)
)


def saved(page: Page, folder: Path) -> bytes:
    with page.expect_download() as waiting:
        page.click("#download")
    waiting.value.save_as(folder / "page.csv")
    return (folder / "page.csv").read_bytes()


def by_command(data: Path, bundle: str) -> bytes:
    """The file that `forecaster forecast` writes."""
    from forecaster.workflows.forecast import ForecastRequest, forecast

    output = data.with_name("command.csv")
    forecast(ForecastRequest(data, bundle=BUNDLES / bundle, output=output))
    return output.read_bytes()


@pytest.mark.parametrize("text", [AIR.replace("month,passengers", "time,y"), GERMAN])
def test_a_download_is_the_file_of_the_command(
    visit: Visit, service: Service, tmp_path: Path, text: str
) -> None:
    page = visit(service, DESK).page
    data = tmp_path / "data.csv"
    data.write_text(text, encoding="utf-8")
    page.set_input_files("#file", data)
    shown_steps(page, 6)
    assert saved(page, tmp_path) == by_command(data, "plain")


@pytest.mark.parametrize(("model", "steps"), [("covariates", 12), ("joint", 6)])
def test_an_example_is_saved_as_by_the_command(
    visit: Visit, service: Service, tmp_path: Path, model: str, steps: int
) -> None:
    page = visit(service, DESK).page
    page.select_option("#model", label=model)
    text = page.evaluate(
        "async (name) => (await import('/example.js')).exampleOf("
        "(await (await fetch('models')).json()).models.find((one) => one.name === name))",
        model,
    )
    kept = [line for line in text.splitlines() if ",birch," not in line and ",cedar," not in line]
    data = tmp_path / "data.csv"
    data.write_text("\n".join(kept) + "\n", encoding="utf-8")
    page.set_input_files("#file", data)
    shown_steps(page, steps)
    assert saved(page, tmp_path) == by_command(data, model)


def test_several_series_have_the_columns_of_the_file(visit: Visit, service: Service, tmp_path: Path) -> None:
    page = visit(service, DESK).page
    split = [f"{month[:4]},{int(month[5:])},{value}" for month, value in zip(MONTHS, VALUES, strict=True)]
    lines = [f"{shop},{line}" for shop in ("=a", KEY) for line in split]
    drop(page, "shop,year,month,sold\n" + "\n".join(lines) + "\n")
    shown_steps(page, 6)
    head, first, *_, last = saved(page, tmp_path).decode().splitlines()
    assert head.startswith("shop,year,month,forecast,q0.1")
    assert first.startswith("'=a,1950,9,")
    assert last.startswith('"b, ""c""",1951,2,')


def test_where_the_runtime_is_alone_plain_files_are_forecast(
    visit: Visit, bare: Service, tmp_path: Path
) -> None:
    page = visit(bare, DESK).page
    assert page.inner_text("#input-note").endswith("`forecaster serve` reads more.")
    drop(page, AIR)
    shown_steps(page, 6)
    assert page.locator("#table tbody th").first.inner_text() == "Sep 1950"
    assert saved(page, tmp_path).decode().splitlines()[1].startswith("1950-09-01,")
    assert not page.is_visible("#choose-decimal")
    drop(page, GERMAN)
    said = problem(page)
    assert said.startswith('Line 2, column "y": "1.112,5" is no number.')
    assert said.endswith("`forecaster serve` reads most other forms of files, times and numbers.")
    page.click("#other-data")
    page.click("#use-example")
    page.wait_for_selector("#drawn option >> nth=2", state="attached")
    assert page.locator("#drawn option").all_inner_texts() == ["amber", "birch", "cedar"]
