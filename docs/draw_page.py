"""Draw docs/page.png: the page of the service with a forecast, as the Chromium of the system shows it.

usage: python docs/draw_page.py [FILE]
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PICTURE = Path(__file__).with_name("page.png")
DATA = ROOT / "sample_data" / "co2_weekly.csv"
MODEL = "weekly"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]  # as root in a container
WIDTH, HEIGHT = 1100, 1200  # CSS pixels
FIRST, LAST = "#given", "#keys"  # what the picture reaches from and to
MARGIN = 16
STARTS = 100  # looks at whether the service is ready
IS_SHOWN = (
    "() => document.querySelectorAll('#table tbody tr').length > 0"
    " && document.getElementById('result').ariaBusy === 'false'"
    " && getComputedStyle(document.querySelector('figure')).opacity === '1'"
)


@contextmanager
def service() -> Iterator[str]:
    """Give the address of a service of the pretrained network."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    options = ["--pretrained", "--quiet", "--port", str(port), "--drain", "0"]
    command = [sys.executable, "-m", "forecaster", "serve", *options]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(STARTS):
            try:
                urlopen(f"{address}/v2/health/ready").close()
            except URLError:
                if process.poll() is not None:
                    raise
                try:
                    process.wait(0.2)
                except subprocess.TimeoutExpired:
                    continue
            break
        yield address
    finally:
        process.terminate()
        process.wait()


def draw(address: str, picture: Path) -> None:
    """Drop the data on the page, and keep what is seen first."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5)
        page.goto(address, wait_until="networkidle")
        page.select_option("#model", label=MODEL)
        page.set_input_files("#file", DATA)
        page.wait_for_function(IS_SHOWN)
        top, bottom = (page.locator(place).bounding_box() for place in (FIRST, LAST))
        if top is None or bottom is None:
            raise RuntimeError(f"the page shows no {FIRST} or no {LAST}")
        height = bottom["y"] + bottom["height"] - top["y"] + MARGIN
        page.screenshot(path=picture, clip={"x": 0, "y": top["y"] - MARGIN, "width": WIDTH, "height": height})
        browser.close()


if __name__ == "__main__":
    with service() as address:
        draw(address, Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
