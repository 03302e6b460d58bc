"""uvicorn has what deploy.server.http takes from its inside; a failure names what a release changed.

Then mend deploy/server/http/, and move the bound in pyproject.toml.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import tomllib
from asyncio.selector_events import _SelectorSocketTransport
from pathlib import Path
from typing import Any

import h11
import pytest
import uvicorn
from h11._readers import READERS, ChunkedReader
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

import deploy.server
from deploy.server.http.connections import RECEIVED_AT_ONCE

SERVER = Path(deploy.server.__file__).parent
# What BoundedProtocol and DrainingServer override or call: the parameters of each, but for self.
METHODS: dict[str, tuple[Any, list[str]]] = {
    "H11Protocol.connection_made": (H11Protocol, ["transport"]),
    "H11Protocol.connection_lost": (H11Protocol, ["exc"]),
    "H11Protocol.data_received": (H11Protocol, ["data"]),
    "H11Protocol.on_response_complete": (H11Protocol, []),
    "H11Protocol.send_400_response": (H11Protocol, ["msg"]),
    "H11Protocol.shutdown": (H11Protocol, []),
    "H11Protocol.pause_writing": (H11Protocol, []),
    "H11Protocol.resume_writing": (H11Protocol, []),
    "FlowControl.resume_reading": (FlowControl, []),
    "H11Protocol.timeout_keep_alive_handler": (H11Protocol, []),
    "H11Protocol._unset_keepalive_if_required": (H11Protocol, []),
    "Server.__init__": (uvicorn.Server, ["config"]),
    "Server.startup": (uvicorn.Server, ["sockets"]),
    "Server.capture_signals": (uvicorn.Server, []),
    "Server.run": (uvicorn.Server, ["sockets"]),
    "Server.shutdown": (uvicorn.Server, ["sockets"]),
}
CONFIG = ("http", "loop", "ws", "lifespan", "log_config", "access_log", "proxy_headers", "server_header")


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_uvicorn_has_the_parameters_that_it_is_called_with(name: str) -> None:
    owner, expected = METHODS[name]
    method = getattr(owner, name.partition(".")[2], None)
    assert method is not None, f"uvicorn {uvicorn.__version__} has no {name}"
    found = list(inspect.signature(method).parameters)[1:]
    assert found == expected, f"uvicorn {uvicorn.__version__}: {name} takes {found}"


@pytest.mark.parametrize(
    "name",
    [
        "conn",
        "connections",
        "cycle",
        "flow",
        "loop",
        "scope",
        "timeout_keep_alive",
        "timeout_keep_alive_task",
        "transport",
    ],
)
def test_a_connection_of_uvicorn_has_the_attributes_that_are_read(name: str) -> None:
    loop = asyncio.new_event_loop()
    try:
        config = uvicorn.Config(lambda *_: None, log_config=None, lifespan="off", ws="none")
        protocol = H11Protocol(config, ServerState(), {}, loop)
    finally:
        loop.close()
    assert hasattr(protocol, name), f"a connection of uvicorn {uvicorn.__version__} has no {name}"


@pytest.mark.parametrize("name", ["disconnected", "message_event", "response_complete"])
def test_a_request_of_uvicorn_has_the_attributes_that_are_read(name: str) -> None:
    source = inspect.getsource(RequestResponseCycle.__init__)
    assert f"self.{name} =" in source, f"a request of uvicorn {uvicorn.__version__} has no {name}"


@pytest.mark.parametrize("name", ["should_exit", "force_exit"])
def test_a_server_of_uvicorn_has_the_attributes_that_are_set(name: str) -> None:
    server = uvicorn.Server(uvicorn.Config(lambda *_: None, log_config=None))
    assert getattr(server, name, None) is False, f"a server of uvicorn {uvicorn.__version__} has no {name}"


@pytest.mark.parametrize("name", [*CONFIG, "timeout_keep_alive"])
def test_uvicorn_takes_the_settings_that_are_given(name: str) -> None:
    assert name in inspect.signature(uvicorn.Config).parameters


def test_a_server_of_uvicorn_takes_no_socket_but_those_that_it_is_given() -> None:
    async def play() -> tuple[list[Any], bool]:
        server = uvicorn.Server(uvicorn.Config(lambda *_: None, log_config=None, lifespan="off"))
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup([])
        return server.servers, server.started

    assert asyncio.run(play()) == ([], True)


@pytest.mark.parametrize("name", ["_bytes_in_chunk", "_bytes_to_discard", "_reading_trailer"])
def test_h11_keeps_where_in_a_chunk_it_is(name: str) -> None:
    assert hasattr(ChunkedReader(), name), f"the reader of chunks of h11 {h11.__version__} has no {name}"


def test_h11_finds_its_readers_where_they_are_exchanged() -> None:
    found = list(inspect.signature(h11.Connection._get_io_object).parameters)[1:]
    assert found == ["role", "event", "io_dict"]
    assert READERS[h11.SEND_BODY]["chunked"] is ChunkedReader


def test_a_transport_of_asyncio_says_how_much_it_reads_at_once() -> None:
    assert _SelectorSocketTransport.max_size > RECEIVED_AT_ONCE


def test_h11_tells_the_states_that_are_looked_at() -> None:
    connection = h11.Connection(h11.SERVER)
    assert connection.their_state is connection.our_state is h11.IDLE
    assert connection.trailing_data == (b"", False)
    assert h11.SEND_BODY is not h11.SEND_RESPONSE


def test_the_extra_takes_uvicorn_below_the_minor_release_after_the_one_tested() -> None:
    root = SERVER.parents[1]
    extra = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]["serve"]
    (wanted,) = [requirement for requirement in extra if requirement.startswith("uvicorn")]
    major, minor, *_ = re.findall(r"\d+", uvicorn.__version__)
    assert wanted.endswith(f"<{major}.{int(minor) + 1}")


@pytest.mark.parametrize("path", sorted(SERVER.rglob("*.py")), ids=lambda path: str(path.relative_to(SERVER)))
def test_uvicorn_and_h11_are_known_in_the_room_http_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    assert path.parent.name == "http" or not named & {"uvicorn", "h11"}
