"""The Dockerfile, read: nothing here builds it. What it runs starts and is healthy in these tests alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from running import ROOT, Service

from deploy.server.arguments import read_settings

pytestmark = pytest.mark.slow

# Comments may stand between the lines of an instruction.
LINES = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
STEPS = [
    (step.partition(" ")[0], step.partition(" ")[2].strip())
    for step in re.sub(r"\\\n\s*", "", "\n".join(LINES)).splitlines()
    if step
]
FINAL = STEPS[max(number for number, (name, _) in enumerate(STEPS) if name == "FROM") :]
PYTHON = "/opt/forecaster/bin/python"


def arguments_of(name: str) -> list[str]:
    """What an instruction of the last stage holds in exec form, which is JSON."""
    (text,) = [text for found, text in FINAL if found == name]
    arguments: list[str] = json.loads(text[text.index("[") :])
    return arguments


def health_check(service: Service) -> int:
    """The exit code of the health check, of this service in place of the one in a container."""
    python, *rest = arguments_of("HEALTHCHECK")
    assert (python, rest) == (PYTHON, ["-m", "deploy.server", "--health"])
    command = [sys.executable, *rest, "--port", str(service.port)]
    environment = {"http_proxy": "http://127.0.0.1:1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, stderr=subprocess.DEVNULL).returncode


def test_every_file_that_is_copied_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    copied = [
        source
        for name, text in STEPS
        if name == "COPY" and "--from" not in text
        for source in text.split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


def test_nothing_else_reaches_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert all((ROOT / line[1:]).exists() for line in ignored if line.startswith("!"))


def test_all_files_that_the_package_is_built_from_are_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = [
        "pyproject.toml",
        project["project"]["readme"],
        *project["project"]["license-files"],
        *project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"],
    ]
    copied = " ".join(text for name, text in STEPS if name == "COPY").split()
    assert not [name for name in needed if not {name, *map(str, Path(name).parents)} & set(copied)]


def test_every_stage_is_of_one_python_that_the_project_names_by_its_digest() -> None:
    assert {text.split()[0] for name, text in STEPS if name == "FROM"} == {"${PYTHON}"}
    ((_, given),) = [step for step in STEPS if step[0] == "ARG"]
    image = re.fullmatch(r"PYTHON=python:(3\.\d+)\.\d+-slim@sha256:[0-9a-f]{64}", given)
    assert image
    assert f"Python :: {image[1]}" in (ROOT / "pyproject.toml").read_text()


def test_nothing_is_downloaded_but_by_its_hash_and_nothing_is_built_but_this() -> None:
    steps = [json.loads(text) for name, text in STEPS if name == "RUN"]
    downloads = [step for step in steps if step[0] == "pip" and "--no-index" not in step]
    assert [step[-1] for step in downloads] == ["requirements/build.txt", "requirements/image.txt"]
    assert all({"--require-hashes", "--only-binary"} <= set(step) for step in downloads)
    (wheel,) = [step for step in steps if step[:2] == ["pip", "wheel"]]
    assert {"--no-index", "--no-deps", "--no-build-isolation", "."} <= set(wheel)
    extras = {extra for step in steps for text in step for extra in re.findall(r"\[(.+)\]", text)}
    assert extras == {"serve,cpu"}


def test_it_is_no_user_with_rights_and_kubernetes_can_tell() -> None:
    ((_, user),) = [step for step in FINAL if step[0] == "USER"]
    assert all(int(number) > 999 for number in user.split(":"))


def test_the_command_is_a_service_of_the_mounted_bundle_for_others() -> None:
    python, option, module, *rest = [*arguments_of("ENTRYPOINT"), *arguments_of("CMD")]
    assert (python, option, module) == (PYTHON, "-m", "deploy.server")
    settings = read_settings(rest, "image")
    assert settings.is_public
    assert settings.bundles == {"forecast": Path("/bundle")}
    assert ("EXPOSE", str(settings.port)) in FINAL


def test_the_health_check_holds_for_a_service_that_is_ready_and_fails_for_one_that_ends(
    start: Callable[..., Service],
) -> None:
    service = start("--drain", "60")
    assert health_check(service) == 0
    service.process.terminate()
    service.wait_for("draining")
    assert health_check(service) == 1
