"""Name the colours of SVG that matplotlib draws, so that a style sheet can change them: a page's, or its own.

A picture in a file keeps its light colours as attributes, for viewers that know no style sheet, and has those
of the dark as rules of its own.
"""

from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from deploy.shown.drawing import BLUE, GREEN, GREY, INK, ORANGE, PINK, RULE

# Classes behind "f-" for what is filled and "s-" for what is drawn.
INKS = {BLUE: "blue", ORANGE: "orange", GREEN: "green", PINK: "pink", GREY: "grey", INK: "ink", RULE: "rule"}
PAPER = "#ffffff"
DARK = {
    "paper": "#131518",
    "ink": "#eceae6",
    "rule": "#30343a",
    "blue": "#5cb3ec",
    "orange": "#f0904f",
    "green": "#45c9a0",
    "pink": "#e59ac6",
    "grey": "#a1a7af",
}
PROPERTIES = {"fill": "f", "stroke": "s"}
SVG, LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


def read_style(style: str) -> dict[str, str]:
    """Return the properties of a style attribute."""
    return dict(part.strip().split(": ", 1) for part in style.split(";") if part.strip())


def classes_of(styled: Mapping[str, str], inks: Mapping[str, str] = INKS) -> str:
    """Return the classes of the colours of a style; those that have no name have none."""
    found = [(short, inks.get(styled.get(name, ""))) for name, short in PROPERTIES.items()]
    return " ".join(f"{short}-{ink}" for short, ink in found if ink)


def follow_scheme(svg: bytes) -> bytes:
    """Return an SVG document that is light or dark as the page or the viewer is that shows it."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", LINK)
    root = ElementTree.fromstring(svg)
    for found in root.findall(f"{{{SVG}}}metadata"):
        root.remove(found)
    for element in root.iter():
        _name_colours(element)
    rules = [f".{short}-{ink}{{{name}:{DARK[ink]}}}" for name, short in PROPERTIES.items() for ink in DARK]
    sheet = Element(f"{{{SVG}}}style")
    sheet.text = f"@media (prefers-color-scheme: dark){{text{{fill:{DARK['ink']}}}{''.join(rules)}}}"
    root.insert(0, sheet)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _name_colours(element: Element) -> None:
    """Turn the colours of a style into attributes, which a rule may overrule, and classes."""
    styled = read_style(element.attrib.pop("style", ""))
    classes = classes_of(styled, {**INKS, PAPER: "paper"})
    for name in PROPERTIES:
        if name in styled:
            element.set(name, styled.pop(name))
    if styled:
        element.set("style", "; ".join(f"{name}: {value}" for name, value in styled.items()))
    if classes:
        element.set("class", classes)
