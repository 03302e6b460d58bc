"""Whether a service is ready: asked without curl, on the port that it was started with."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Service

from deploy.server import arguments
from deploy.server.arguments import health_address, read_settings
from deploy.server.health import check_health, service_arguments

pytestmark = pytest.mark.slow


def command_line(folder: Path, *words: str) -> Path:
    """A file as Linux has one for each process."""
    file = folder / "cmdline"
    file.write_bytes(b"".join(word.encode() + b"\0" for word in words))
    return file


@pytest.mark.parametrize("first", [[], ["/sbin/docker-init", "--"]], ids=["alone", "under an init"])
def test_the_arguments_are_those_of_the_service_that_is_the_first_process(
    tmp_path: Path, first: list[str]
) -> None:
    file = command_line(
        tmp_path, *first, "/opt/bin/python", "-m", "deploy.server", "/bundle", "--port", "9000"
    )
    assert service_arguments(file) == ["/bundle", "--port", "9000"]


def test_another_first_process_says_nothing(tmp_path: Path) -> None:
    assert service_arguments(command_line(tmp_path, "/sbin/init", "--port", "9000")) == []
    assert service_arguments(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("service", "own", "address"),
    [
        ([], [], ("127.0.0.1", 8000)),
        (["--host", "0.0.0.0", "a=/bundle", "--port", "9000", "--drain", "15"], [], ("0.0.0.0", 9000)),
        (["/bundle", "--port=9000", "--quiet"], [], ("127.0.0.1", 9000)),
        (["/bundle", "--port", "9000"], ["--port", "9001"], ("127.0.0.1", 9001)),
    ],
)
def test_the_address_is_that_of_the_service_unless_another_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, service: list[str], own: list[str], address: tuple[str, int]
) -> None:
    monkeypatch.setattr(arguments, "service_arguments", lambda: service)
    assert health_address(["--health", *own], "serve") == address


def test_a_service_is_not_asked_but_started_without_the_option() -> None:
    assert health_address(["bundle", "--port", "9000"], "serve") is None
    assert read_settings(["bundle", "--port", "9000"], "serve").port == 9000


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", ""])
def test_a_service_that_is_ready_is_found_where_it_listens(start: Callable[..., Service], host: str) -> None:
    service = start()
    assert check_health(host, service.port) == 0


def test_a_service_that_ends_is_not_ready(
    start: Callable[..., Service], capsys: pytest.CaptureFixture[str]
) -> None:
    service = start("--drain", "60")
    service.process.terminate()
    service.wait_for("draining")
    assert check_health("127.0.0.1", service.port) == 1
    assert capsys.readouterr().err == f"127.0.0.1:{service.port} is not ready: 503\n"


def test_no_service_is_not_ready(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert check_health("127.0.0.1", port) == 1
    assert capsys.readouterr().err.startswith(f"127.0.0.1:{port} does not answer: ")
