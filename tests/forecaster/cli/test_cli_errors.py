"""What goes wrong on the command line: one clear line, the right exit code, nothing left behind."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import click
import numpy as np
import pytest

from forecaster.__main__ import main
from forecaster.cli import cli
from forecaster.cli.options import report_file
from forecaster.config import TrainConfig

pytestmark = pytest.mark.slow

SMALL = ("--horizon", "6", "--context", "24", "--patch", "3", "--set", "hidden_size=8")
BRIEF = ("--set", "hidden_size=8", "--set", "updates=4", "--set", "epochs=1")
QUICK = (*SMALL, *BRIEF)
# Runs `forecaster` where a module is not installed.
WITHOUT = """
import sys
sys.modules[sys.argv.pop(1)] = None
from forecaster.__main__ import main
main()
"""


@dataclass(frozen=True)
class Ended:
    """A command that came to its end, and whether the files around it are as they were."""

    code: int
    out: str
    err: str
    untouched: bool


Command = Callable[..., Ended]


def listing(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too; folders as empty names."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def run_here(*arguments: str) -> int:
    """Runs a command in this process, where an error that is not meant for the user fails the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
    return int(end.value.code or 0)


def run_apart(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in an empty folder: command("fit", "data.csv")."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ended:
        before = listing(tmp_path)
        code = run_here(*arguments)
        written = capsys.readouterr()
        return Ended(code, written.out, written.err, listing(tmp_path) == before)

    return run


def days(length: int) -> list[str]:
    return [str(np.datetime64("2024-01-01") + day) for day in range(length)]


def single(length: int = 100) -> str:
    return "date,sales\n" + "".join(f"{day},{n % 7 + n / 50}\n" for n, day in enumerate(days(length)))


def shops(ahead: int = 0) -> str:
    """Two shops with a promotion that is known `ahead` days."""
    lines = ["date,shop,promo,sales"]
    for shop in ("a", "b"):
        for n, day in enumerate(days(60 + ahead)):
            lines.append(f"{day},{shop},{int(n % 5 == 0)},{n % 7 + n / 50 if n < 60 else ''}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run of the two shops and its bundle."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "data.csv").write_text(shops())
        assert run_here("fit", "data.csv", "--known", "promo", *QUICK, "--quiet") == 0
        assert run_here("export", "--quiet") == 0
    return folder


@pytest.fixture
def at_finished(finished: Path, command: Command, capsys: pytest.CaptureFixture[str]) -> Command:
    """The same as `command`, in a copy of the finished run's folder with 6 known days ahead."""
    capsys.readouterr()
    shutil.copytree(finished / "run", "run")
    Path("data.csv").write_text(shops(ahead=6))
    return command


def refusal(ended: Ended) -> tuple[int, str]:
    """Exit code and message of a command that refused and left everything as it was."""
    assert ended.untouched
    assert ended.out == ""
    assert ended.err.startswith("error: ")
    assert ended.err.endswith("\n")
    return ended.code, ended.err.removeprefix("error: ").removesuffix("\n")


def test_a_file_that_does_not_exist(command: Command) -> None:
    assert refusal(command("fit", "nothing.csv")) == (3, "nothing.csv: no such file")


def test_a_folder_in_place_of_a_file(command: Command) -> None:
    Path("data").mkdir()
    assert refusal(command("fit", "data")) == (
        3,
        "data: the folder holds no Parquet file (*.parquet), found no file",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "data.csv: the file is empty"),
        ("date,sales\n", "data.csv: a header and no rows"),
        (
            "date~sales\n2024-01-01~1\n",
            'no column of numbers to forecast; columns: "date~sales" (texts such as "2024-01-01~1"); '
            "commas, semicolons, tabs, pipes or blanks separate columns",
        ),
        (
            "date,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,abc\n2024-01-04,4\n",
            'column "y": "abc" is not a number\n'
            "  --> data.csv:4    2024-01-03,abc\n"
            '  1 such cell (line 4); --na "abc" reads it as missing',
        ),
        (
            "date,y\n2024-01-31,1\n2024-02-30,2\n2024-02-01,3\n",
            'column "date": "2024-02-30" is not a timestamp\n'
            "  --> data.csv:3    2024-02-30,2\n"
            "  1 such cell (line 3); expected one form in all cells, such as 2024-01-31 or 2024-01-31 13:00; "
            "--time-format names any other",
        ),
        (
            "date,y\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n",
            "timestamp 2024-01-02 appears twice\n"
            "  --> data.csv:3    2024-01-02,2\n"
            "  --> data.csv:4    2024-01-02,3\n"
            "  1 such pair of rows; keep one row of each, or --aggregate mean takes the mean of each step",
        ),
    ],
)
def test_data_that_cannot_be_read(command: Command, content: str, message: str) -> None:
    Path("data.csv").write_text(content)
    assert refusal(command("fit", "data.csv")) == (3, message)


def test_a_series_that_is_too_short(command: Command) -> None:
    Path("data.csv").write_text(single(10))
    ended = command("fit", "data.csv", "--horizon", "6", "--start", "random", "--quiet")
    assert refusal(ended) == (
        3,
        "too short: the longest series has 10 values; to train and to validate a horizon of 6 needs at least "
        "18; give more data or a shorter --horizon; forecasting with --pretrained needs no fit",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--target", "sale"],
            '--target "sale": no such column; did you mean "sales"? columns: date, sales',
        ),
        (["--set", "hidden_sizes=8"], "unknown setting 'hidden_sizes'; did you mean 'hidden_size'? known: "),
        (["--set", "epochs"], "--set epochs: expected KEY=VALUE"),
        (["--set", "epochs=many"], "epochs: Input should be a valid integer"),
        (["--set", "horizon=many"], "horizon: Input should be a valid integer"),
        (
            ["--set", "context_length=-1"],
            "context_length: Input should be greater than or equal to 1, found -1",
        ),
        (
            ["--schedule", "liner"],
            "schedule: Input should be 'constant', 'linear', 'exponential', 'inverse-sigmoid' or 'switch' "
            "(did you mean 'linear'?), found 'liner'",
        ),
        (
            ["--weighting", "window"],
            "weighting: Input should be 'windows' or 'series' (did you mean 'windows'?), found",
        ),
        (
            ["--device", "cud"],
            "device: Input should be 'auto', 'cpu' or 'cuda' (did you mean 'cuda'?), found",
        ),
        (["--direction", "up"], "direction: Input should be 'decay' or 'increase', found 'up'"),
        (["--level", "1.5"], "quantile_levels must ascend strictly within (0, 1), found (0.5, 1.5)"),
        (["--level", "0"], "quantile_levels must ascend strictly within (0, 1), found (0.0, 0.5)"),
        (
            ["--max-time", "soon"],
            "max_time: expected a duration such as 90s, 5m or 1h, found 'soon'",
        ),
        (["--max-time", "0s"], "max_seconds: Input should be greater than 0, found 0.0"),
        (["--lower", "low"], "lower: expected a number or 'none', found 'low'"),
        (["--lower", "nan"], "lower: "),
        (["--step", "1 fortnight"], "step: expected 1, 1s, 1min, "),
        (["--patch", "30", "--context", "20"], "patch_length 30 is longer than the context, 20"),
    ],
)
def test_an_option_that_does_not_fit(command: Command, arguments: list[str], message: str) -> None:
    Path("data.csv").write_text(single())
    code, found = refusal(command("fit", "data.csv", *BRIEF, *arguments, "--quiet"))
    assert code == 4
    assert found.startswith(message)
    assert len(found.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[model\n", r"cannot read settings\.toml: .*line 1.*"),
        (b"\xff\xfe", r"cannot read settings\.toml: .*utf-8.*"),
        (b"[models]\n", r"unknown section 'models'; did you mean 'model'\? known: data, model, train"),
        (b"[train]\nepoch = 3\n", r"unknown setting 'epoch'; did you mean 'epochs'\? known: .*"),
        (b"[train]\nepochs = 'many'\n", r"epochs: .*, found 'many'"),
    ],
)
def test_a_file_of_settings_that_does_not_fit(command: Command, content: bytes, message: str) -> None:
    Path("data.csv").write_text(single())
    Path("settings.toml").write_bytes(content)
    code, found = refusal(command("fit", "data.csv", "--config", "settings.toml", "--quiet"))
    assert code == 4
    assert re.fullmatch(message, found)


def test_a_file_of_settings_that_does_not_exist(command: Command) -> None:
    Path("data.csv").write_text(single())
    code, found = refusal(command("fit", "data.csv", "--config", "settings.toml"))
    assert (code, found.split(":")[0]) == (4, "cannot read settings.toml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fit", "data.csv", "--horizont", "6"], "No such option:? '?--horizont"),
        (["fit", "data.csv", "--horizon", "six"], "Invalid value for '--horizon': 'six'"),
        (["fit", "data.csv", "--horizon", "0"], "Invalid value for '--horizon': 0"),
        (["fit"], "Missing argument 'DATA'"),
        (["forecast", "data.csv", "--method", "magic"], "Invalid value for '--method': 'magic'"),
        (["fitt", "data.csv"], "No such command 'fitt'"),
    ],
)
def test_wrong_usage(command: Command, arguments: list[str], words: str) -> None:
    ended = command(*arguments)
    assert (ended.code, ended.out, ended.untouched) == (2, "", True)
    assert re.search(words, ended.err)


def test_an_output_that_is_not_a_run_is_refused_before_the_data_are_read(command: Command) -> None:
    Path("thesis").mkdir()
    Path("thesis/chapter.txt").write_text("mine")
    assert refusal(command("fit", "nothing.csv", "-o", "thesis")) == (
        5,
        "thesis exists and is not a run folder; choose another with -o",
    )


def test_an_output_below_a_file_is_refused_before_training(command: Command) -> None:
    Path("data.csv").write_text(single())
    code, message = refusal(command("fit", "data.csv", "-o", "data.csv/run", *QUICK, "--quiet"))
    assert code == 5
    assert "data.csv" in message


def test_a_fit_into_the_current_folder_is_refused_before_training(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("data.csv").write_text(single())
    Path("empty").mkdir()
    monkeypatch.chdir("empty")
    code, message = refusal(command("fit", "../data.csv", "-o", ".", *QUICK, "--quiet"))
    assert code == 5
    assert "-o" in message


def test_an_export_of_a_run_that_is_not_there(command: Command) -> None:
    assert refusal(command("export")) == (5, "no run at run; `forecaster fit DATA -o run` makes one")


def test_an_export_of_a_run_with_a_damaged_config(at_finished: Command) -> None:
    Path("run/config.json").write_text("{")
    code, message = refusal(at_finished("export", "-o", "bundle"))
    assert code == 5
    assert re.fullmatch("the run at run is damaged: .*", message)


def test_an_export_of_a_run_with_truncated_weights(at_finished: Command) -> None:
    path = Path("run/model.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    code, message = refusal(at_finished("export", "-o", "bundle"))
    assert code == 5
    assert re.fullmatch("the run at run is damaged: .*", message)


def test_an_export_never_takes_the_place_of_a_folder_that_is_not_a_bundle(at_finished: Command) -> None:
    Path("thesis").mkdir()
    Path("thesis/chapter.txt").write_text("mine")
    code, message = refusal(at_finished("export", "-o", "thesis"))
    assert code == 5
    assert message.startswith("thesis ")


def test_an_export_for_triton_is_refused_before_the_bundle_is_written(at_finished: Command) -> None:
    Path("models").mkdir()
    Path("models/precious").touch()
    code, message = refusal(at_finished("export", "-o", "new", "--triton", "models"))
    assert code == 4
    assert message.startswith("--triton models exists and was not written by `forecaster export`")


def test_an_export_never_takes_the_place_of_a_file(at_finished: Command) -> None:
    code, message = refusal(at_finished("export", "-o", "data.csv"))
    assert code == 5
    assert message.startswith("data.csv ")


def test_an_export_never_takes_the_place_of_its_own_run(at_finished: Command) -> None:
    code, message = refusal(at_finished("export", "run", "-o", "run"))
    assert code == 5
    assert message.startswith("run ")


def test_inspecting_what_is_neither_a_run_nor_a_bundle(command: Command) -> None:
    assert refusal(command("inspect", "nothing")) == (
        5,
        "nothing is neither a run nor a bundle: no config.json and no manifest.json",
    )


def test_a_bundle_that_is_not_there(command: Command) -> None:
    Path("data.csv").write_text(single())
    assert refusal(command("forecast", "data.csv")) == (
        5,
        "no bundle at run/bundle: not a folder; `forecaster export` writes one",
    )


@pytest.mark.parametrize(
    "name", ["forecast.onnx", "encoder.onnx", "decoder_step.onnx", "golden.json", "manifest.json"]
)
def test_a_bundle_with_one_changed_byte(at_finished: Command, name: str) -> None:
    path = Path("run/bundle") / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    code, message = refusal(at_finished("forecast", "data.csv"))
    assert code == 5
    assert message.startswith("run/bundle")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("name", ["forecast.onnx", "golden.json", "manifest.json"])
def test_a_bundle_that_lacks_a_file(at_finished: Command, name: str) -> None:
    (Path("run/bundle") / name).unlink()
    assert refusal(at_finished("forecast", "data.csv")) == (
        5,
        f"cannot read run/bundle/{name}: No such file or directory",
    )


def test_a_level_that_was_not_trained(at_finished: Command) -> None:
    assert refusal(at_finished("forecast", "data.csv", "--level", "0.95")) == (
        4,
        "level 0.95 was not trained; trained levels: 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9 "
        "(central intervals: 20 %, 40 %, 60 %, 80 %)",
    )


def test_data_without_a_column_that_was_trained(at_finished: Command) -> None:
    Path("data.csv").write_text(shops(ahead=6).replace("sales", "revenue"))
    assert refusal(at_finished("forecast", "data.csv")) == (
        3,
        'data.csv is not like the data that the model was trained on: column "sales": no such column; '
        "columns: date, shop, promo, revenue",
    )


def test_a_horizon_over_the_limit(at_finished: Command) -> None:
    Path("data.csv").write_text(shops(ahead=19))
    assert refusal(at_finished("forecast", "data.csv", "--horizon", "19")) == (
        3,
        "horizon must be between 1 and 18 steps, found 19",
    )


def test_a_known_future_that_is_missing(at_finished: Command) -> None:
    lines = shops(ahead=6).splitlines()
    Path("data.csv").write_text("\n".join(line for line in lines if not line.startswith("2024-03-04,b")))
    code, message = refusal(at_finished("forecast", "data.csv"))
    assert code == 3
    assert message.startswith('known covariate "promo" of series b is missing at 2024-03-04, step 4 of 6; ')


def test_a_known_future_that_ends_before_the_horizon(at_finished: Command) -> None:
    code, message = refusal(at_finished("forecast", "data.csv", "--horizon", "9"))
    assert code == 3
    assert message.startswith('known covariate "promo" of series a is missing at 2024-03-07, step 7 of 9; ')


@pytest.mark.parametrize("provider", ["cuda", "TensorrtExecutionProvider", "magic"])
def test_a_provider_that_is_not_available(at_finished: Command, provider: str) -> None:
    name = {"cuda": "CUDAExecutionProvider"}.get(provider, provider)
    onnxruntime = pytest.importorskip("onnxruntime")
    if name in onnxruntime.get_available_providers():
        pytest.skip("this machine has it")
    code, message = refusal(at_finished("forecast", "data.csv", "--provider", provider))
    assert code == 6
    assert message.startswith(f"execution provider '{name}' is not available; this onnxruntime has ")


@pytest.mark.parametrize("output", ["folder", "missing/forecast.csv", "data.csv/forecast.csv"])
def test_a_forecast_that_cannot_be_written(at_finished: Command, output: str) -> None:
    Path("folder").mkdir()
    code, message = refusal(at_finished("forecast", "data.csv", "-o", output, "--quiet"))
    assert code == 4
    assert output in message


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fit", "data.csv", "--hrizon", "3"], "'--horizon'"),
        (["fit", "data.csv", "--layout", "wid"], "'grid'. Did you mean 'wide'?"),
        (["forecast", "data.csv", "--method", "steps"], "'step'. Did you mean 'step'?"),
        (["fit", "data.csv", "--horizon", "0"], "0 is not in the range x>=1."),
        (["fit"], "Missing argument 'DATA', or --sql."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_an_error_like_any_other(command: Command, arguments: list[str], said: str) -> None:
    ended = command(*arguments)
    assert (ended.code, ended.out) == (2, "")
    last = ended.err.splitlines()[-1]
    assert last.startswith("error: ")
    assert said in last


def test_without_a_command_there_is_help(command: Command) -> None:
    ended = command()
    assert (ended.out + ended.err).startswith("Usage: forecaster [OPTIONS] COMMAND")


@pytest.mark.parametrize("name", ["schedule", "direction", "weighting", "device"])
def test_help_lists_what_a_setting_may_be(command: Command, name: str) -> None:
    choices = "|".join(get_args(TrainConfig.model_fields[name].annotation))
    assert f"--{name} [{choices}]" in command("fit", "--help").out


@pytest.mark.parametrize("output", ["rep.pdf", "report", "rep.html.gz", "folder/rep.csv"])
def test_a_report_by_another_name_than_html_is_refused_before_anything_is_read(
    command: Command, output: str
) -> None:
    code, message = refusal(command("evaluate", "data.csv", "-o", output))
    assert code == 4
    assert message.startswith(f"cannot write {output}: a report is HTML, so its name ends in .html or .htm")


@pytest.mark.parametrize("output", ["rep.html", "REP.HTM", "/dev/null", "-"])
def test_a_report_may_have_these_names(output: str) -> None:
    assert report_file(click.Context(cli), cli.params[0], Path(output)) == Path(output)


def test_a_process_ends_with_one_line_and_the_exit_code(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "forecaster", "fit", "nothing.csv"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "error: nothing.csv: no such file\n")
    assert listing(tmp_path) == {}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_of_a_fit_loses_nothing_and_says_how_to_go_on(
    at_finished: Command, preloaded: tuple[str, ...], number: int, code: int
) -> None:
    before = listing(Path("run"))
    arguments = ["fit", "data.csv", *SMALL, "--set", "updates=300", "--set", "epochs=50"]
    with subprocess.Popen(
        [*preloaded, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("epoch"):
                break
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("error: interrupted after update ")
    assert err.splitlines()[-1].endswith(f"; continue with: forecaster {' '.join(arguments)} --resume")
    assert listing(Path("run")) == before
    assert {"checkpoint/state.safetensors", "log.jsonl"} <= set(listing(Path("run.fitting")))
    unfinished = "the fit at run.fitting is not finished; the same command with --resume continues it"
    assert refusal(at_finished("export", "run.fitting")) == (5, unfinished)
    assert at_finished("forecast", "data.csv", "--quiet").code == 0
    assert at_finished(*arguments, "--resume", "--quiet").code == 0
    whole = [
        "backtest.safetensors",
        "calibration.json",
        "config.json",
        "data.json",
        "log.jsonl",
        "metrics.json",
        "model.safetensors",
        "ranks.json",
        "training.svg",
    ]
    assert sorted(listing(Path("run"))) == whole
    assert listing(Path("run.1")) == before
    assert not Path("run.fitting").exists()


@pytest.mark.parametrize("module", ["click", "pandas", "torch"])
def test_without_the_extra_the_message_names_it(tmp_path: Path, module: str) -> None:
    (tmp_path / "data.csv").write_text(single())
    done = run_apart(tmp_path, WITHOUT, module, "fit", "data.csv")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: {module} is not installed; install the extra: pip install 'lstm-forecaster[train,cpu]'\n"
    )


def test_a_missing_module_that_no_extra_brings_is_a_defect_and_raises(tmp_path: Path) -> None:
    done = run_apart(tmp_path, WITHOUT, "tomllib", "fit", "data.csv")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert "ModuleNotFoundError: import of tomllib halted" in done.stderr
