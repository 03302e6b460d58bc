"""What the image installs: the releases of constraints.txt by their hashes, and the bill of materials."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
BUILD, IMAGE = (ROOT / "requirements" / name for name in ("build.txt", "image.txt"))
BILL = ROOT / "sbom.cdx.json"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONSTRAINTS = (ROOT / "constraints.txt").read_text().split()
ENTRY = re.compile(
    r"(?P<name>[\w.-]+)==(?P<version>\S+)(?P<marker> ; [^\\]+?)? \\\n(?P<hashes>(?: {4}--hash=.*\n?)+)"
)


def entries(file: Path) -> dict[str, re.Match[str]]:
    """The packages of a file that `make hashes` wrote."""
    text = "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith("#"))
    assert ENTRY.sub("", text) == "", "there is something else"
    return {canonicalize_name(entry["name"]): entry for entry in ENTRY.finditer(text)}


@pytest.mark.parametrize("file", [BUILD, IMAGE], ids=lambda file: file.name)
def test_the_releases_are_those_of_the_constraints(file: Path) -> None:
    pinned = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in CONSTRAINTS}
    assert {name: pinned.get(name) for name in entries(file)} == {
        name: entry["version"] for name, entry in entries(file).items()
    }, "run `make hashes`"


@pytest.mark.parametrize("file", [BUILD, IMAGE], ids=lambda file: file.name)
def test_every_file_has_a_hash_of_sha256(file: Path) -> None:
    for name, entry in entries(file).items():
        hashes = re.findall(r"--hash=(\S+)", entry["hashes"])
        assert hashes, name
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", one) for one in hashes), name


def test_the_constraints_hold_no_hash_so_that_all_may_use_them() -> None:
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in CONSTRAINTS)


def test_the_image_holds_what_the_service_needs_and_no_training() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    needed = [*PROJECT["project"]["dependencies"], *extras["serve"], *extras["cpu"], "tzdata"]
    names = {canonicalize_name(Requirement(text).name) for text in needed}
    assert names <= set(entries(IMAGE))
    trained = {canonicalize_name(Requirement(text).name) for text in extras["train"]} - {
        "click"
    }  # uvicorn's too
    assert not trained & set(entries(IMAGE))


def test_the_build_holds_the_backend() -> None:
    (backend,) = map(Requirement, PROJECT["build-system"]["requires"])
    assert backend.specifier.contains(entries(BUILD)[backend.name]["version"])


@pytest.mark.skipif(not BILL.exists(), reason="no bill of materials: make sbom")
def test_the_bill_of_materials_is_of_these_packages_and_says_who_needs_what() -> None:
    bill: dict[str, Any] = json.loads(BILL.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == PROJECT["project"]["name"]
    pinned = {name: entry["version"] for name, entry in entries(IMAGE).items()}
    found = {canonicalize_name(part["name"]): part for part in bill["components"]}
    assert {name: part["version"] for name, part in found.items()} == {name: pinned[name] for name in found}
    left_out = set(pinned) - set(found)
    assert all(entries(IMAGE)[name]["marker"] for name in left_out), "it is of another list"
    assert all(part["purl"] == f"pkg:pypi/{name}@{pinned[name]}" for name, part in found.items())
    needs = {needer["ref"]: needer.get("dependsOn", []) for needer in bill["dependencies"]}
    assert found["starlette"]["bom-ref"] in needs["root-component"]
