"""Pictures in the dark: every colour of a file has one, and inner intervals are the stronger ones in both."""

from __future__ import annotations

import re
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from epochs import epochs_of
from matplotlib.colors import to_rgb
from panels import make_forecast, make_panel

from deploy.shown.drawing import BAND_OPACITY, BLUE
from forecaster.config import TrainConfig
from forecaster.show.pictures.forecast_picture import save_picture
from forecaster.show.pictures.inks import DARK, INKS, PAPER, follow_scheme
from forecaster.show.pictures.training_picture import draw_training

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"
COLOUR = re.compile(r"#[0-9a-f]{6}")
LEGIBLE = 4.5  # contrast that WCAG asks of text
VISIBLE = 3.0  # and of lines


def luminance(colour: str | tuple[float, float, float]) -> float:
    """The relative luminance of WCAG 2."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str | tuple[float, float, float], other: str) -> float:
    lower, higher = sorted((luminance(one), luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ElementTree.Element]:
    """training.svg, and a picture of a forecast."""
    path = tmp_path_factory.mktemp("drawn") / "plot.svg"
    save_picture(path, make_panel(), make_forecast(2))
    files = {"training": draw_training(epochs_of(5), TrainConfig()), "forecast": path.read_bytes()}
    return {name: ElementTree.fromstring(content) for name, content in files.items()}


@pytest.mark.parametrize("name", ["training", "forecast"])
def test_every_colour_of_a_picture_has_one_in_the_dark(
    drawn: dict[str, ElementTree.Element], name: str
) -> None:
    sheet = drawn[name].findtext(f"{SVG}style") or ""
    assert sheet.startswith("@media (prefers-color-scheme: dark){text{fill:")
    for element in drawn[name].iter():
        assert not COLOUR.search(element.get("style", ""))
        for kind, short in (("fill", "f"), ("stroke", "s")):
            colour = element.get(kind, "none")
            if colour != "none":
                ink = {**INKS, PAPER: "paper"}[colour]
                assert f"{short}-{ink}" in element.get("class", "").split()
                assert f".{short}-{ink}{{{kind}:{DARK[ink]}}}" in sheet


def test_the_dark_of_a_report_is_that_of_pictures() -> None:
    style = files("forecaster.show.report").joinpath("report.css").read_text(encoding="utf-8")
    dark = style.split("prefers-color-scheme: dark")[1].split("}")[0]
    assert DARK.items() <= dict(re.findall(r"--(\w+): (#\w+)", dark)).items()


def test_every_colour_stands_out_in_the_dark() -> None:
    lines = {ink: contrast(DARK[ink], DARK["paper"]) for ink in DARK if ink not in ("paper", "rule")}
    assert min(lines.values()) >= VISIBLE
    assert min(lines["ink"], lines["grey"]) >= LEGIBLE


@pytest.mark.parametrize(("blue", "paper"), [(BLUE, PAPER), (DARK["blue"], DARK["paper"])])
def test_inner_intervals_are_the_stronger_ones(blue: str, paper: str) -> None:
    mixed, contrasts = to_rgb(paper), []
    for _ in range(4):  # one upon the other
        red, green, rest = (
            BAND_OPACITY * over + (1 - BAND_OPACITY) * under
            for over, under in zip(to_rgb(blue), mixed, strict=True)
        )
        mixed = (red, green, rest)
        contrasts.append(contrast(mixed, paper))
    assert contrasts == sorted(contrasts)
    assert contrasts[0] > 1.1


def test_texts_that_look_like_a_style_stay_as_they_are() -> None:
    text = f'style="fill: {BLUE}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><text style="font: 9px x">{text}</text></svg>'
    (found,) = ElementTree.fromstring(follow_scheme(svg.encode())).iter(f"{SVG}text")
    assert found.text == text
    assert found.attrib == {"style": "font: 9px x"}
