"""The command line of a service, and what it refuses before it listens."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from running import BUNDLES, ROOT

from deploy.bundle.bundle import digest_of, sha256
from deploy.errors import ConfigError
from deploy.server.arguments import read_settings
from deploy.server.settings import Settings, name_bundles

pytestmark = pytest.mark.slow


def test_what_is_not_said_is_safe() -> None:
    settings = read_settings(["bundle"], "serve")
    assert (settings.host, settings.port, settings.token) == ("127.0.0.1", 8000, None)
    assert settings.limits.body == 8 << 20
    assert not settings.is_public


def test_bundles_have_the_names_that_are_written_before_them() -> None:
    found = name_bundles(["run/bundle", "load=run2/bundle", "a=/odd=name/bundle"])
    assert found == {
        "forecast": Path("run/bundle"),
        "load": Path("run2/bundle"),
        "a": Path("/odd=name/bundle"),
    }
    assert name_bundles(["run/a=b/bundle"]) == {"forecast": Path("run/a=b/bundle")}


def test_the_default_bundle_is_served_if_none_is_named() -> None:
    assert read_settings([], "serve", "run/bundle").bundles == {"forecast": Path("run/bundle")}
    named = read_settings(["--bundle", "a=x", "b=y"], "serve", "run/bundle").bundles
    assert named == {"b": Path("y"), "a": Path("x")}


BAD = [
    ([], "no bundle to serve"),
    (["a", "b"], "two bundles are called 'forecast'; name them apart"),
    (["-x=a"], None),
    ([".x=a"], "a model cannot be called '.x'"),
    (["a", "--port", "65536"], "--port must be from 0 to 65535"),
    (["a", "--drain", "-1"], "--drain must be from 0 to 3600 seconds"),
    (["a", "--drain", "nan"], "--drain must be from 0 to 3600 seconds"),
    (["a", "--timeout", "inf"], "--timeout must be a number above 0 and below 2^63"),
    (["a", "--body", "99999999999999999999"], "--body must be a number above 0 and below 2^63"),
    (["a", "--allow-host", "http://a"], "--allow-host takes a name without scheme and port"),
    (["a", "--token-file", "/nothing/there"], "--token-file /nothing/there: No such file"),
]


@pytest.mark.parametrize(
    ("arguments", "message"), [case for case in BAD if case[1]], ids=lambda case: str(case)
)
def test_what_cannot_be_is_named(arguments: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings(arguments, "serve")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"port": 65536}, "port must be from 0 to 65535, found 65536"),
        ({"port": "8000"}, "port must be from 0 to 65535, found '8000'"),
        ({"drain": -1.0}, "drain must be from 0 to 3600 seconds, found -1.0"),
        ({"reload": True}, "reload must be from 0 to 86400 seconds, found True"),
    ],
)
def test_in_python_a_setting_is_named_as_it_is_written_there(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings({"a": Path("a")}, **setting)
    assert str(caught.value) == message


def test_a_token_is_of_a_file_or_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text("of-the-file\n")
    monkeypatch.setenv("FORECASTER_TOKEN", "of-the-environment")
    assert read_settings(["a"], "serve").token == "of-the-environment"
    assert read_settings(["a", "--token-file", str(file)], "serve").token == "of-the-file"


@pytest.mark.parametrize("token", ["short", "with space", "ü" * 10, ""])
def test_a_token_that_is_none_is_refused_and_not_shown(tmp_path: Path, token: str) -> None:
    file = tmp_path / "token"
    file.write_text(token)
    with pytest.raises(ConfigError) as caught:
        read_settings(["a", "--token-file", str(file)], "serve")
    assert not token or token not in str(caught.value)


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and standard error."""
    command = [sys.executable, "-W", "error", "-m", "deploy.server", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stderr


def test_a_bundle_that_is_none_ends_it_with_5() -> None:
    code, error = run("nothing")
    assert (code, "error: no bundle at nothing" in error) == (5, True)


def test_a_bundle_that_does_not_reproduce_its_golden_case_is_never_served(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BUNDLES / "plain", tmp_path / "bundle"))
    golden = (folder / "golden.json").read_bytes()
    first = re.search(rb'"quantiles":\s*\[\[\[([^,]+),', golden)
    assert first is not None
    changed = golden[: first.start(1)] + b"1" + golden[first.start(1) :]
    (folder / "golden.json").write_bytes(changed)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"]["golden.json"] = {"sha256": sha256(changed), "bytes": len(changed)}
    manifest["digest"] = digest_of(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    code, error = run(str(folder), "--port", "0")
    assert (code, "golden case 0 differs by" in error, "serving" in error) == (5, True, False)


def test_an_address_that_is_taken_ends_it_with_4() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, error = run(str(BUNDLES / "plain"), "--port", str(port))
    assert (code, f"cannot listen on 127.0.0.1, port {port}" in error) == (4, True)


MISSING = """
import sys
sys.modules["starlette"] = None
from deploy.server.__main__ import main
sys.exit(main(["bundle"]))
"""


def test_a_missing_extra_is_named() -> None:
    command = [sys.executable, "-c", MISSING]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "install the extra: pip install 'lstm-forecaster[serve,cpu]'" in done.stderr


def test_forecaster_serve_is_the_same_command() -> None:
    command = [sys.executable, "-m", "forecaster", "serve", "--bundle", "nothing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "no bundle at nothing" in done.stderr) == (5, True)
