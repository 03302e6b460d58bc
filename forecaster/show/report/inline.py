"""Turn figures of matplotlib into SVG inside a page: coloured by the page's CSS, without any style.

A content security policy can then allow one style sheet and nothing else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from deploy.shown.drawing import GREY
from forecaster.show.pictures.figures import LOOK, drawing_of
from forecaster.show.pictures.inks import INKS, PROPERTIES, classes_of, read_style

PAGE_LOOK = {
    **LOOK,
    "font.size": 13,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.spines.left": False,
    "axes.grid.axis": "y",
    "axes.linewidth": 0.8,
    "axes.formatter.useoffset": False,
    "grid.linewidth": 1,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.major.size": 3,
    "xtick.major.pad": 7,  # so that both 0 of a corner can be read
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
    "path.simplify_threshold": 0.5,
}
POINTS_PER_INCH = 72  # a point is a unit of the SVG
SHAPES = {"-": "line", "--": "dashed", ":": "dotted", "-.": "dashed"}
LONG_NUMBER = re.compile(r"\d+\.\d{3,}")
COMMAND_SPACE = re.compile(r"\s*\b([MLQCz])\b\s*")
FONT_SIZE = re.compile(r"([\d.]+)px")
REFERENCE = re.compile(r"#([^)]+)")

Plot = Callable[[Axes], None]


@dataclass(frozen=True)
class Key:
    """An entry of a legend."""

    label: str
    ink: str  # a value of INKS
    shape: str  # line, dashed, dotted, point or band


@dataclass(frozen=True)
class Inline:
    """A drawn figure."""

    svg: Markup
    keys: tuple[Key, ...]


def draw_inline(plot: Plot, size: tuple[float, float], name: str, text: tuple[str, str]) -> Inline:
    """Draw a figure, its title and its legend apart, so that the page can write them.

    size: width and height in units of the SVG; name: begins all its ids; text: what it is called and what it
    shows, for those who cannot see it.
    """
    keys: list[Key] = []
    drawn: list[Axes] = []

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        plot(axes)
        keys.extend(_keys(axes))
        axes.set_title("", loc="left")
        drawn.append(axes)
        if legend := axes.get_legend():
            legend.remove()

    width, height = (units / POINTS_PER_INCH for units in size)
    svg = drawing_of(draw, (width, height), "svg", PAGE_LOOK)
    return Inline(to_inline(svg, name, text, _frame_of(drawn[0], size)), tuple(keys))


def to_inline(svg: bytes, name: str, text: tuple[str, str], frame: tuple[float, ...]) -> Markup:
    """Return an SVG document of matplotlib as an element of a page. Raises KeyError for an unknown colour.

    frame: where its axes are, for a script: left, right, top and bottom, then what lies there of x and of y.
    """
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in [child for child in parent if _tag(child) in ("metadata", "style")]:
            parent.remove(child)
    used = {found for element in root.iter() for found in _references(element)}
    for element in root.iter():
        element.tail = None
        if not (element.text or "").strip():
            element.text = None
        element.tag = _tag(element)
        element.attrib = _attributes(element, name, used)
    for place, (tag, said) in enumerate(zip(("title", "desc"), text, strict=True)):
        child = Element(tag, {"id": f"{name}-{tag}"})
        child.text = said
        root.insert(place, child)
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
        "data-frame": " ".join(f"{number:.7g}" for number in frame),
    }
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _frame_of(axes: Axes, size: tuple[float, float]) -> tuple[float, ...]:
    """Return where drawn axes are in units of the SVG, whose y grows downwards, and their limits."""
    (left, bottom), (right, top) = axes.get_position().get_points()
    width, height = size
    sides = (left * width, right * width, height * (1 - top), height * (1 - bottom))
    return (*sides, *axes.get_xlim(), *axes.get_ylim())


def _keys(axes: Axes) -> list[Key]:
    found = []
    for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
        if isinstance(handle, Line2D):
            shape = SHAPES.get(str(handle.get_linestyle()), "point")
            found.append(Key(str(label), INKS[to_hex(handle.get_color())], shape))
        else:
            colour = handle.get_facecolor()  # type: ignore[attr-defined]
            found.append(Key(str(label), INKS[to_hex(colour[0])], "band"))
    return found


def _tag(element: Element) -> str:
    """Return the name without its namespace: HTML has none."""
    return element.tag.rpartition("}")[2]


def _references(element: Element) -> list[str]:
    """Return the ids that an element points to."""
    values = [value for name, value in element.attrib.items() if name == "clip-path" or name.endswith("href")]
    return [found for value in values for found in REFERENCE.findall(value)]


def _attributes(element: Element, name: str, used: set[str]) -> dict[str, str]:
    """Return attributes for a page: no style, short numbers, ids of this figure alone and only if used."""
    attributes: dict[str, str] = {}
    for key, value in element.attrib.items():
        short = key.rpartition("}")[2]
        if short == "style":
            attributes |= _classified(value)
        elif short in ("href", "clip-path"):
            attributes[short] = value.replace("#", f"#{name}-")
        elif short == "id":
            attributes |= {"id": f"{name}-{value}"} if value in used else {}
        elif not value.startswith("rotate(-0 "):
            attributes[short] = _shortened(value)
    return attributes


def _shortened(value: str) -> str:
    """Round coordinates to a tenth of a unit, within a marker to a hundredth, without needless spaces."""
    numbers = LONG_NUMBER.sub(lambda found: f"{float(found[0]):.{1 if float(found[0]) > 10 else 2}f}", value)
    return COMMAND_SPACE.sub(r"\1", numbers).strip()


def _classified(style: str) -> dict[str, str]:
    """Return a style as attributes, its colours as classes and its font by size alone."""
    styled = read_style(style)
    styled.pop("font-family", None)
    size = FONT_SIZE.findall(styled.pop("font", ""))
    classes = classes_of(styled)
    inked = [name for name in PROPERTIES if styled.get(name, "none") != "none"]
    for name in inked:
        INKS[styled.pop(name)]  # a colour that the page has not would stay light in the dark
    return styled | ({"font-size": size[0]} if size else {}) | ({"class": classes} if classes else {})
