"""What a release says of itself in several files is the same in all."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RECIPE = yaml.safe_load((ROOT / "packaging" / "conda" / "recipe.yaml").read_text(encoding="utf-8"))
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base", "prometheus-client": "prometheus_client"}


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = re.findall(
        r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M
    )
    versions = {citation["version"], changes[0], RECIPE["context"]["version"]}
    assert versions == {PROJECT["version"]}


def test_the_changelog_has_the_sections_of_keep_a_changelog() -> None:
    sections = re.findall(r"^### (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert sections
    assert set(sections) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_recipe_of_conda_needs_what_the_extras_need() -> None:
    needed = [line for output in RECIPE["outputs"] for line in output["requirements"]["run"]]
    found = {line.partition(" ")[0]: line.partition(" ")[2] for line in needed}
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extras["train"], *extras["serve"], *extras["cpu"]]
    wanted = {}
    while lines:
        requirement = Requirement(lines.pop())
        if requirement.name == PROJECT["name"]:
            lines += [line for extra in requirement.extras for line in extras[extra]]
            continue
        name = canonicalize_name(requirement.name)
        specifiers = sorted(map(str, requirement.specifier), key=lambda text: text[0] != ">")
        wanted[CONDA_NAMES.get(name, name)] = ",".join(specifiers)
    assert {name: bound for name, bound in found.items() if name in wanted} == wanted


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_targets_of_the_makefile(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    used = [command.split()[1] for command in commands if command.startswith("make ")]
    assert used
    assert set(used) <= targets
