"""Draw docs/report.png: the first screen of a report, with the pointer on a forecast, as Chromium shows it.

The fit ends two weeks before the sample does, and is scored on these weeks.

usage: python docs/draw_report.py [FILE]
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

from draw_page import ARGUMENTS, CHROMIUM, ROOT
from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("report.png")
DATA = ROOT / "sample_data" / "stores_hourly.csv"
UNTIL = "2024-04-22"  # of what is fitted
ROLES = ("--target", "sales", "--known", "promo")
WIDTH, MARGIN = 1280, 24  # CSS pixels
POINTER = (0.87, 0.3)  # shares of the first forecast's width and height


def forecaster(folder: Path, *arguments: str | Path) -> None:
    """Run a command in a folder."""
    command = [sys.executable, "-m", "forecaster", *map(str, arguments), "--quiet"]
    subprocess.run(command, cwd=folder, check=True)


def write_report(folder: Path) -> Path:
    """Fit the first months of the sample, and score the fit on the rest."""
    with DATA.open(newline="") as source, (folder / "stores.csv").open("w", newline="") as target:
        header, *rows = csv.reader(source)
        csv.writer(target).writerows([header, *(row for row in rows if row[0] < UNTIL)])
    forecaster(folder, "fit", "stores.csv", "-o", "stores", *ROLES)
    forecaster(folder, "export", "stores")
    forecaster(folder, "evaluate", DATA, "--run", "stores", "-o", "report.html")
    return folder / "report.html"


def draw(report: Path, picture: Path) -> None:
    """Keep what is seen as far as the first forecast, and its values at a step."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 2 * WIDTH})
        page.goto(report.as_uri())
        figure = page.locator("figure.read").first
        plot, said = figure.locator(".plot:visible"), figure.locator("output")
        box = plot.bounding_box()
        if box is None:
            raise RuntimeError("the report shows no forecast")
        across, down = POINTER
        plot.hover(position={"x": across * box["width"], "y": down * box["height"]})
        end = said.bounding_box() or box
        height = end["y"] + end["height"] + MARGIN
        page.screenshot(path=picture, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        report = write_report(Path(folder))
        draw(report, Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
