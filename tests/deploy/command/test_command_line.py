"""`python -m deploy`: what it prints, its errors of one line, its exit codes, and what it does without."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import deploy
from deploy import Predictor
from deploy.__main__ import main
from deploy.bundle.bundle import GOLDEN
from deploy.command import commands
from deploy.forecast import legible_digits

pytestmark = pytest.mark.slow

VALUES = [12, 15, 11, 14, 18, 13]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], bundles: Path) -> Run:
    """run(command, bundle, *options): exit code, standard output and standard error."""

    def call(command: str, bundle: str | Path, *options: str) -> tuple[int, str, str]:
        code = main([command, str(bundles / bundle), *options])
        written = capsysbinary.readouterr()
        return code, written.out.decode(), written.err.decode()

    return call


@pytest.fixture
def values(tmp_path: Path) -> str:
    path = tmp_path / "values.csv"
    path.write_text("\n".join(map(str, VALUES)))
    return str(path)


def test_check_says_what_was_replayed_and_how_far_off_it_was(run: Run, bundles: Path) -> None:
    code, out, _ = run("check", "plain")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == f"bundle    {bundles / 'plain'}: whole, as its manifest says"
    assert lines[1].startswith("graph     forecast.onnx: 2 golden cases replayed, off by at most ")
    assert lines[2].startswith("step      encoder.onnx, decoder_step.onnx: 2 golden cases replayed, ")
    assert lines[1].endswith(" of a series' largest value; allowed is 0.0001")
    assert lines[3] == "provider  CPUExecutionProvider"
    assert lines[4].startswith("versions  Python ")


def test_check_refuses_what_does_not_replay(
    run: Run,
    copy_bundle: Callable[[], Path],
    replace_file: Callable[[Path, str, bytes], None],
    bundles: Path,
) -> None:
    folder, golden = copy_bundle(), (bundles / "plain" / GOLDEN).read_bytes()
    replace_file(folder, GOLDEN, golden.replace(b"[[[65.", b"[[[64."))
    code, out, err = run("check", folder)
    assert (code, out) == (5, "")
    assert err.startswith(f"error: {folder}: golden case 0 differs by ")
    assert err.count("\n") == 1


def test_a_forecast_is_that_of_the_predictor(run: Run, plain: Predictor, values: str) -> None:
    code, out, err = run("forecast", "plain", "--history", values, "--horizon", "3")
    header, *rows = out.splitlines()
    assert (code, err) == (0, "")
    assert header == "forecast,q0.1,q0.2,q0.3,q0.4,q0.5,q0.6,q0.7,q0.8,q0.9"
    found = np.array([row.split(",") for row in rows], dtype=np.float64)
    expected = plain.forecast(VALUES, 3)
    np.testing.assert_array_equal(found[:, 1:], legible_digits(expected.quantiles, (1, 2))[0])
    np.testing.assert_array_equal(found[:, 0], found[:, 5])
    np.testing.assert_allclose(found[:, 0], expected.median[0], rtol=1e-6)


def test_levels_and_times_are_written_as_asked(run: Run, values: str) -> None:
    options = ("--horizon", "2", "--level", "0.9", "--level", "0.1", "--last-timestamp", "2024-01-31")
    _, out, _ = run("forecast", "plain", "--history", values, *options)
    header, first, second = (line.split(",") for line in out.splitlines())
    assert header == ["time", "forecast", "q0.9", "q0.1"]
    assert (first[0], second[0]) == ("2024-02-29", "2024-03-31")
    assert float(first[2]) > float(first[1]) > float(first[3])


def test_times_of_the_file_go_on_in_each_series(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "shops.csv"
    path.write_text("series,time,value\n=1+1,2024-01-01,5\n=1+1,2024-02-01,6\nb,2023-01-01,7\n")
    _, out, _ = run("forecast", "plain", "--history", str(path), "--horizon", "2", "--level", "0.5")
    rows = [line.split(",")[:2] for line in out.splitlines()]
    assert rows[0] == ["series", "time"]
    assert rows[1:] == [
        ["'=1+1", "2024-03-01"],
        ["'=1+1", "2024-04-01"],
        ["b", "2023-02-01"],
        ["b", "2023-03-01"],
    ]


def test_a_model_that_needs_covariates_is_refused_with_what_to_call(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "xyz.csv"
    path.write_text("x,y,z\n1,2,3\n2,3,4\n")
    code, out, err = run("forecast", "joint", "--history", str(path))
    assert (code, out) == (4, "")
    assert err == (
        "error: this model needs the covariates force of the coming steps, which a file of histories does "
        "not hold: call deploy.Predictor.forecast(known=..., future_known=...)\n"
    )


@pytest.mark.parametrize("method", ["graph", "step"])
def test_both_ways_forecast(run: Run, values: str, method: str) -> None:
    code, out, _ = run("forecast", "plain", "--history", values, "--method", method, "--provider", "cpu")
    assert (code, len(out.splitlines())) == (0, 7)


def test_a_forecast_goes_into_a_file(run: Run, values: str, tmp_path: Path) -> None:
    output = tmp_path / "forecast.csv"
    assert run("forecast", "plain", "--history", values, "-o", str(output)) == (0, "", "")
    assert output.read_text() == run("forecast", "plain", "--history", values)[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["forecast.csv", "values.csv"]


ERRORS: dict[str, tuple[list[str], int, str]] = {
    "a bundle that is not there": (["check", "nothing"], 5, "no bundle at "),
    "a provider that is not there": (
        ["check", "plain", "--provider", "cdua"],
        6,
        "execution provider 'cdua'",
    ),
    "a file that is not there": (
        ["forecast", "plain", "--history", "nothing"],
        3,
        "cannot read nothing: No such",
    ),
    "a horizon beyond the longest": (
        ["forecast", "plain", "--history", "VALUES", "--horizon", "19"],
        3,
        "horizon must be between 1 and 18 steps, found 19",
    ),
    "a level that was not trained": (
        ["forecast", "plain", "--history", "VALUES", "--level", "0.25"],
        4,
        "level 0.25 was not trained; trained levels: 0.1, 0.2",
    ),
    "a time that is none": (
        ["forecast", "plain", "--history", "VALUES", "--last-timestamp", "now"],
        3,
        "last_timestamp of series 0: expected an ISO date",
    ),
    "a file that cannot be written": (
        ["forecast", "plain", "--history", "VALUES", "-o", "no/where.csv"],
        4,
        "cannot write no/where.csv: no is not a folder; choose another with -o",
    ),
}


@pytest.mark.parametrize(("arguments", "expected", "message"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_one_line_and_an_exit_code(
    run: Run, values: str, arguments: list[str], expected: int, message: str
) -> None:
    given = [values if argument == "VALUES" else argument for argument in arguments]
    code, out, err = run(*given)
    assert (code, out) == (expected, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1


def test_an_error_of_several_lines_is_written_as_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, values: str
) -> None:
    def fail(*_: object) -> None:
        raise deploy.InputError("series 'a\nerror: b\x1b[31m' is bad")

    monkeypatch.setattr(commands, "read_history", fail)
    found = run("forecast", "plain", "--history", values)
    assert found == (3, "", "error: series 'a error: b [31m' is bad\n")


def test_ctrl_c_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch, values: str) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "read_history", interrupt)
    assert run("forecast", "plain", "--history", values) == (130, "", "")


BLOCKED = """
import runpy, sys
for name in ("torch", "pandas", "click", "forecaster", "onnx", "pydantic", "rich", "scipy"):
    sys.modules[name] = None
runpy.run_module("deploy", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("command", ["check", "forecast"])
def test_the_command_line_needs_numpy_and_onnxruntime_alone(bundles: Path, values: str, command: str) -> None:
    options = ["--history", values] if command == "forecast" else []
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCKED, command, str(bundles / "plain"), *options],
        cwd=Path(deploy.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_a_reader_that_has_read_enough_is_no_error(bundles: Path, values: str) -> None:
    command = (
        f'"$PYTHON" -m deploy forecast "{bundles / "plain"}" --history "{values}" | true; exit $PIPESTATUS'
    )
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=Path(deploy.__file__).parents[1],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_wrong_command_line_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["chek"])
    assert stop.value.code == 2
    assert "usage: python -m deploy" in capsys.readouterr().err
