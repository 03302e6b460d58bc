"""`forecaster` where only numpy and onnxruntime are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUNDLE = ROOT / "tests" / "deploy" / "bundles" / "plain"
# Without what the extra `train` brings; uvicorn brings click.
BARE = """
import sys
for name in sys.argv.pop(1).split():
    sys.modules[name] = None
from forecaster.__main__ import main
main()
"""
NOT_OF_FIT = "sklearn scipy joblib threadpoolctl"
TRAIN = "jinja2 matplotlib narwhals onnx pandas pydantic rich safetensors sklearn torch"


def bare(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    lacking = TRAIN if arguments[:1] == ("serve",) else f"click {TRAIN}"
    command = [sys.executable, "-c", BARE, lacking, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_what_there_is_and_what_is_missing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = bare(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert [name for name in ("forecast ", "check ", "serve ") if f"\n  {name}" not in done.stdout] == []
    assert "lstm-forecaster[train,cpu]" in done.stdout


def test_the_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    done = bare(tmp_path, "--version")
    assert done.stdout == f"forecaster, version {version('lstm-forecaster')}\n"


def test_with_click_alone_forecast_is_that_of_the_runtime(tmp_path: Path) -> None:
    (tmp_path / "values.csv").write_text("value\n1\n2\n3\n4\n")
    command = [sys.executable, "-c", BARE, TRAIN, "forecast", "values.csv", "--bundle", str(BUNDLE)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "forecast.csv").exists()


def test_make_run_needs_nothing_that_train_has_and_fit_has_not(tmp_path: Path) -> None:
    shutil.copy(ROOT / "sample_data" / "co2_weekly.csv", tmp_path / "co2.csv")
    for arguments in (
        ("forecast", "co2.csv", "--pretrained", "--plot"),
        ("fit", "co2.csv", "--set", "updates=8", "--set", "epochs=2", "--set", "threads=1"),
        ("export",),
        ("forecast", "co2.csv", "--plot"),
    ):
        command = [sys.executable, "-c", BARE, NOT_OF_FIT, *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "training.svg").exists()
    done = subprocess.run(
        [sys.executable, "-c", BARE, NOT_OF_FIT, "evaluate", "co2.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "install the extra: pip install 'lstm-forecaster[train,cpu]'" in done.stderr


def test_a_name_of_python_says_which_extra_it_lacks(tmp_path: Path) -> None:
    code = BARE.replace("from forecaster.__main__ import main\nmain()", "from forecaster import Forecaster")
    assert code != BARE
    command = [sys.executable, "-c", code, NOT_OF_FIT]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: Forecaster needs sklearn, which is not installed; "
        "install the extra: pip install 'lstm-forecaster[train,cpu]'"
    )


def test_check_replays_a_bundle(tmp_path: Path) -> None:
    done = bare(tmp_path, "check", str(BUNDLE))
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 golden cases replayed" in done.stdout


def test_forecast_takes_the_options_of_the_command(tmp_path: Path) -> None:
    (tmp_path / "values.csv").write_text("value\n1\n2\n3\n4\n")
    done = bare(
        tmp_path, "forecast", "values.csv", "--bundle", str(BUNDLE), "--horizon", "2", "--level", "0.9"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "forecast.csv").read_text().splitlines()[0] == "forecast,q0.9"
    assert len((tmp_path / "forecast.csv").read_text().splitlines()) == 3


def test_forecast_takes_the_options_of_deploy(tmp_path: Path) -> None:
    (tmp_path / "values.csv").write_text("value\n1\n2\n3\n4\n")
    done = bare(tmp_path, "forecast", str(BUNDLE), "--history", "values.csv", "--horizon", "2")
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 3)


def test_serve_is_that_of_deploy(tmp_path: Path) -> None:
    done = bare(tmp_path, "serve", "--bundle", "nothing")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("error: no bundle at nothing: ")


@pytest.mark.parametrize("command", ["fit", "export", "evaluate", "inspect", "prepare"])
def test_what_needs_more_says_so(tmp_path: Path, command: str) -> None:
    done = bare(tmp_path, command, "data.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: click is not installed; install the extra")


def test_a_command_that_is_none_is_refused(tmp_path: Path) -> None:
    done = bare(tmp_path, "nothing")
    assert done.returncode == 2
    assert "invalid choice: 'nothing'" in done.stderr


def test_the_predictor_is_that_of_deploy(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["click"] = sys.modules["pandas"] = None
from forecaster import Predictor
import deploy
print(Predictor is deploy.Predictor)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
