"""A run whose files are not what a fit wrote is refused: it is never waited for, nor grows without end."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.errors import BundleError, ConfigError, RunError
from forecaster.config.settings import read_settings
from forecaster.export.bundle import write_bundle
from forecaster.run.run import load_run
from forecaster.training.resume.checkpoint import Checkpoints
from forecaster.training.resume.state import TrainingState

RUN = Path(__file__).parent / "every_column" / "run"
FILES = sorted(str(path.relative_to(RUN)) for path in RUN.rglob("*") if path.is_file())
LONGEST_SECONDS = 60  # a test that waits for a pipe would never end


@pytest.fixture(autouse=True)
def _ends() -> Iterator[None]:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes here")
    signal.alarm(LONGEST_SECONDS)
    yield
    signal.alarm(0)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RUN, tmp_path / "run"))


ODD: dict[str, Callable[[Path], None]] = {
    "a pipe": os.mkfifo,
    "an endless device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": Path.mkdir,
    "a link to itself": lambda path: path.symlink_to(path),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_file_is_refused_in_the_place_of_any(run: Path, name: str, kind: str) -> None:
    (run / name).unlink()
    ODD[kind](run / name)
    optional = kind == "a link to itself" and Path(name).name not in (
        *("data.json", "metrics.json", "model.safetensors"),
        *(("backtest.safetensors",) if name.startswith("members") else ()),
    )
    if optional:
        return  # like a link to nothing: the file is not there
    with pytest.raises(RunError, match=r"^(the run at .* is damaged: .*|no run at .*)") as error:
        load_run(run)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_a_size_that_no_fit_writes_is_refused_unread(run: Path, name: str) -> None:
    os.truncate(run / name, 1 << 40)
    with pytest.raises(RunError, match=f"{Path(name).name} has {1 << 40} bytes, expected "):
        load_run(run)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[]", r"an epoch is an object, found \[\]"),
        ("5", "an epoch is an object, found 5"),
        ("{", "Expecting property name"),
        ('{"epoch": 1}', "missing"),
        ("", "no epoch is the best"),
    ],
)
def test_an_odd_log_is_refused(run: Path, line: str, said: str) -> None:
    lines = (run / "log.jsonl").read_text().splitlines()
    others = [json.dumps({**json.loads(each), "best": False}) for each in lines]
    (run / "log.jsonl").write_text("\n".join([*others, line]))
    with pytest.raises(RunError, match=f"is damaged: log.jsonl: .*{said}"):
        load_run(run)


@pytest.mark.parametrize(
    ("name", "value"),
    [("epoch", "1"), ("best", None), ("free_loss", 1.0), ("free_loss", ["x"]), ("seconds", [1.0])],
)
def test_an_epoch_with_a_value_of_another_type_is_refused(run: Path, name: str, value: object) -> None:
    if name == "best":
        value = {}
    first, *rest = (run / "log.jsonl").read_text().splitlines()
    (run / "log.jsonl").write_text("\n".join([json.dumps({**json.loads(first), name: value}), *rest]))
    with pytest.raises(RunError, match=f"is damaged: log.jsonl: {name} of an epoch is "):
        load_run(run)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("hidden_size", 10**6, "encoder.* is of .* numbers, expected "),
        ("encoder_layers", 10**9, "fewer than the network has layers"),
        ("category_width", 10**9, "expected "),
    ],
)
def test_a_config_that_asks_for_a_network_beyond_memory_is_refused(
    run: Path, setting: str, value: int, said: str
) -> None:
    content = json.loads((run / "config.json").read_text())
    content["model"][setting] = value
    (run / "config.json").write_text(json.dumps(content))
    with pytest.raises(RunError, match=f"is damaged: .*{said}"):
        load_run(run)


@pytest.mark.parametrize("ranks", ["5", "[[1.5]]", '[["a"]]', "[[1], [1, 2]]", "{}"])
def test_ranks_that_are_no_rows_of_numbers_are_refused(run: Path, ranks: str) -> None:
    (run / "ranks.json").write_text(ranks)
    with pytest.raises(RunError, match="is damaged: "):
        load_run(run)


@pytest.mark.parametrize("metrics", ['{"a": NaN}', '{"versions": 1}', "[]", '{"a": 1, "a": 2}'])
def test_metrics_that_no_bundle_could_hold_are_refused(run: Path, metrics: str) -> None:
    (run / "metrics.json").write_text(metrics)
    with pytest.raises(RunError, match=r"is damaged: metrics\.json"):
        load_run(run)


def test_offsets_beyond_float32_are_not_exported(run: Path) -> None:
    content = json.loads((run / "calibration.json").read_text())
    content["offsets"][0][0] = 1e308
    (run / "calibration.json").write_text(json.dumps(content))
    with pytest.raises(BundleError, match="forecasts no finite numbers; the bundle was not written"):
        write_bundle(load_run(run), run / "bundle")


@pytest.mark.parametrize("kind", ["a pipe", "an endless device", "a folder"])
def test_a_checkpoint_that_is_no_file_is_refused(run: Path, kind: str) -> None:
    ODD[kind](run / "state.safetensors")
    config = load_run(run).config
    state = TrainingState.begin(config, load_run(run).ensemble.offsets.device)
    checkpoints = Checkpoints(run / "state.safetensors", {}, lambda: None, resume=True)
    with pytest.raises(RunError, match=r"is damaged: .*not a regular file.*fit again without --resume"):
        checkpoints.restore(state)


def test_settings_that_do_not_end_are_refused() -> None:
    with pytest.raises(ConfigError, match="cannot read /dev/zero: more than"):
        read_settings(Path("/dev/zero"))


def test_a_pipe_in_the_place_of_the_bundle_is_not_replaced(run: Path) -> None:
    os.mkfifo(run / "bundle")
    with pytest.raises(BundleError, match="bundle exists and is not a bundle; choose another with -o"):
        write_bundle(load_run(run), run / "bundle")
    assert (run / "bundle").is_fifo()
