"""Lower bounds of what is installed: none takes a release with a known hole, all take the pinned one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
PINNED = {
    canonicalize_name(name): version
    for name, version in (line.split("==") for line in (ROOT / "constraints.txt").read_text().split())
}
# The last release with a hole, the first without, and who says so.
HOLES = {
    ("serve", "h11"): ("0.14.0", "0.16", "CVE-2025-43859: chunked bodies that a proxy reads otherwise"),
    ("serve", "starlette"): ("1.3.0", "1.3.1", "CVE-2026-48710, 54282, 54283: request.url, limits of forms"),
    ("serve", "orjson"): ("3.11.5", "3.11.6", "CVE-2025-67221: recursion without an end"),
    # No numbers: in the release notes of 1.30.1, of which there is no package; 1.31 has the same.
    ("cpu", "onnxruntime"): (
        "1.30.0",
        "1.31",
        "out of bounds by a graph",
    ),
    ("gpu", "onnxruntime-gpu"): ("1.30.0", "1.31", "as onnxruntime"),
    ("fit", "onnx"): (
        "1.21.0",
        "1.22",
        "CVE-2026-27489, 34445 to 34447, 44512: files, crashes by a graph",
    ),
    ("fit", "torch"): ("2.9.1", "2.10", "CVE-2025-32434, CVE-2026-24747: code in files of weights"),
    ("fit", "jinja2"): ("3.1.5", "3.1.6", "CVE-2024-56326, CVE-2025-27516: ways out of the sandbox"),
    ("train", "scikit-learn"): ("1.4.2", "1.5", "CVE-2024-5206: words of the data in a model"),
    ("fit", "pillow"): ("12.2.0", "12.3", "CVE-2026-59197, 59199, 59205: memory by a picture"),
    ("arrow", "pyarrow"): ("23.0.0", "23.0.1", "as parquet"),
    ("parquet", "pyarrow"): ("23.0.0", "23.0.1", "CVE-2023-47248, CVE-2026-25087: code and memory by a file"),
}


def requirement(extra: str, name: str) -> Requirement:
    (found,) = [one for one in map(Requirement, EXTRAS[extra]) if one.name == name]
    return found


@pytest.mark.parametrize(("extra", "name"), HOLES)
def test_no_release_with_a_known_hole_is_accepted(extra: str, name: str) -> None:
    last, first, why = HOLES[extra, name]
    accepted = requirement(extra, name).specifier
    assert not accepted.contains(last), why
    assert accepted.contains(first), "the bound leaves out more than it has to"


@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_the_pinned_release_is_one_that_the_extra_accepts(extra: str) -> None:
    for needed in map(Requirement, EXTRAS[extra]):
        pinned = PINNED.get(canonicalize_name(needed.name))
        assert pinned is None or needed.specifier.contains(Version(pinned)), needed
