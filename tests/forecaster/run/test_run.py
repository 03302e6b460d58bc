"""The run folder: what was saved comes back, and a save that fails changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from deploy import TimeStep
from deploy.errors import RunError
from forecaster.config import Asked, ModelConfig, RunConfig, TrainConfig
from forecaster.data import Understood, read_data
from forecaster.run.folder import RunFolder
from forecaster.run.places import has_bundle, others_in
from forecaster.run.record import DataRecord
from forecaster.run.run import Run, load_run
from forecaster.show.pictures.training_picture import draw_training
from forecaster.training.epochs import Epoch
from forecaster.training.fit_network import fit
from forecaster.training.fitted import Fitted
from forecaster.training.machine.pace import Pace
from forecaster.workflows.fit import save_run
from forecaster.workflows.preparation import prepare

pytestmark = pytest.mark.slow

FILES = [
    "backtest.safetensors",
    "config.json",
    "data.json",
    "log.jsonl",
    "metrics.json",
    "model.safetensors",
    "ranks.json",
    "training.svg",
]


class Silent:
    """A listener that says nothing."""

    def on_pace(self, pace: Pace) -> None: ...

    def on_start(self, baselines: dict[str, float]) -> None: ...

    def on_update(self, progress: float, loss: torch.Tensor) -> None: ...

    def on_interrupt(self, where: str) -> bool: ...

    def on_stage(self, stage: str) -> None: ...

    def on_epoch(self, epoch: Epoch) -> None: ...


class NoMatplotlib:
    """An importer that knows of one module only that it is missing."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@dataclass(frozen=True)
class Finished:
    """A small fit, and all that a run is saved from."""

    csv: Path
    config: RunConfig
    record: DataRecord
    fitted: Fitted

    def save(self, path: Path) -> Path:
        save_run(RunFolder(path), Run.of_fit(path, self.config, self.record, self.fitted))
        return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    csv = tmp_path_factory.mktemp("data") / "shops.csv"
    rows = [f"2024-{m:02}-{d:02},{shop}" for shop in "ab" for m in (1, 2) for d in range(1, 29 + (m == 1))]
    values = ["" if n % 11 == 5 else str(n % 7 + n / 50) for n in range(len(rows))]
    lines = [
        f"{row},{value},{'north' if ',a' in row else 'south'}"
        for row, value in zip(rows, values, strict=True)
    ]
    csv.write_text("\n".join(["date,shop,y,region", *lines]) + "\n")
    panel = read_data(csv, Asked(step="1d"))
    config = RunConfig(
        model=ModelConfig(
            context_length=12,
            horizon=4,
            patch_length=2,
            season=7,
            hidden_size=4,
            calendar_periods=(604800,),
            step_seconds=86400.0,
            category_sizes=(3,),
        ),
        train=TrainConfig(updates=4, epochs=2, batch_size=16),
    )
    fitted = fit(panel, config, Silent())
    digest = prepare(csv, {"data": {}, "model": {}, "train": {}}, None).sha256
    record = DataRecord.of_fit(Understood.of(csv, panel, 7), digest, panel, fitted.split.train_ends)
    return Finished(csv, config, record, fitted)


def listing(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_folder_holds_these_files(finished: Finished, tmp_path: Path) -> None:
    folder = finished.save(tmp_path / "run")
    assert sorted(path.name for path in folder.iterdir()) == FILES


def test_no_file_of_a_run_is_a_pickle(finished: Finished, tmp_path: Path) -> None:
    folder = finished.save(tmp_path / "run")
    for name in ("config.json", "data.json", "metrics.json"):
        assert isinstance(json.loads((folder / name).read_text()), dict)
    for line in (folder / "log.jsonl").read_text().splitlines():
        assert isinstance(json.loads(line), dict)
    weights = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(weights[:8], "little")
    assert isinstance(json.loads(weights[8 : 8 + length]), dict)


def test_the_picture_of_a_run_is_that_of_its_epochs(finished: Finished, tmp_path: Path) -> None:
    picture = (finished.save(tmp_path / "run") / "training.svg").read_bytes()
    assert picture == draw_training(finished.fitted.logs[0], finished.config.train)


def test_a_fit_is_saved_without_a_picture_where_matplotlib_is_missing(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    drawing = ("matplotlib", "forecaster.show.pictures.figures", "forecaster.show.pictures.training_picture")
    for name in [name for name in sys.modules if name.startswith(drawing)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoMatplotlib(), *sys.meta_path])
    folder = finished.save(tmp_path / "run")
    assert sorted(path.name for path in folder.iterdir()) == [
        name for name in FILES if name != "training.svg"
    ]
    assert caplog.messages == ["matplotlib is not installed, so there is no training.svg"]


def test_the_weights_come_back_bit_by_bit(finished: Finished, tmp_path: Path) -> None:
    loaded = load_run(finished.save(tmp_path / "run")).ensemble.first.state_dict()
    saved = finished.fitted.ensemble.first.state_dict()
    assert loaded.keys() == saved.keys()
    assert all(torch.equal(loaded[name], saved[name]) for name in saved)


def test_a_loaded_run_forecasts_the_same_bits(finished: Finished, tmp_path: Path) -> None:
    network = load_run(finished.save(tmp_path / "run")).ensemble.first
    windows = finished.fitted.split.validation
    window, _ = windows.gather(torch.arange(len(windows)))
    with torch.inference_mode():
        assert torch.equal(network.forecast(window), finished.fitted.ensemble.first.eval().forecast(window))


def test_the_config_and_the_record_of_the_data_come_back(finished: Finished, tmp_path: Path) -> None:
    run = load_run(finished.save(tmp_path / "run"))
    assert run.config == finished.config
    assert run.data == finished.record


def test_a_bound_that_is_not_there_comes_back_as_none(finished: Finished, tmp_path: Path) -> None:
    assert load_run(finished.save(tmp_path / "run")).config.model.lower is None


def test_a_run_that_was_read_is_written_again_byte_for_byte(finished: Finished, tmp_path: Path) -> None:
    first = finished.save(tmp_path / "run")
    save_run(RunFolder(tmp_path / "again"), load_run(first))
    assert listing(tmp_path / "again") == listing(first)


def test_a_run_without_a_log_is_read_and_written_without_a_picture(
    finished: Finished, tmp_path: Path
) -> None:
    first = finished.save(tmp_path / "run")
    (first / "log.jsonl").unlink()
    save_run(RunFolder(tmp_path / "again"), load_run(first))
    assert "training.svg" not in listing(tmp_path / "again")


def test_a_run_with_a_damaged_log_is_refused(finished: Finished, tmp_path: Path) -> None:
    folder = finished.save(tmp_path / "run")
    (folder / "log.jsonl").write_text('{"epoch": 1}\n')
    with pytest.raises(RunError, match=r"is damaged: .*missing"):
        load_run(folder)


def test_the_log_has_a_line_for_every_epoch(finished: Finished, tmp_path: Path) -> None:
    lines = (finished.save(tmp_path / "run") / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [epoch.epoch for epoch in finished.fitted.logs[0]]


def test_the_metrics_say_what_the_run_was_made_with(finished: Finished, tmp_path: Path) -> None:
    metrics = load_run(finished.save(tmp_path / "run")).metrics
    assert metrics["versions"]["torch"] == torch.__version__
    assert metrics["validation"]["validation_loss"] == finished.fitted.best.validation_loss


def test_the_record_says_which_file_it_was(finished: Finished) -> None:
    assert finished.record.file == "shops.csv"
    assert finished.record.sha256 == hashlib.sha256(finished.csv.read_bytes()).hexdigest()


def test_the_record_counts_series_steps_and_those_without_a_value(finished: Finished) -> None:
    observed = sum(line.split(",")[2] != "" for line in finished.csv.read_text().splitlines()[1:])
    record = finished.record
    assert (record.series, record.values, record.missing) == (2, 118, 118 - observed)


def test_the_record_says_what_the_columns_are(finished: Finished) -> None:
    record, columns = finished.record, finished.record.columns
    assert (columns.time, columns.targets, columns.series) == ("date", ("y",), ("shop",))
    assert (columns.known, columns.static) == ((), ("region",))
    assert record.vocabularies == {"region": ["north", "south"]}
    assert record.time_step == TimeStep(1, "day")


def test_the_record_says_the_last_timestamp_that_trained_each_series(finished: Finished) -> None:
    # 59 days each, to 2024-02-28, of which a fifth, 11, validate.
    assert finished.record.ids == (("a",), ("b",))
    assert finished.record.training_cutoff == ("2024-02-17", "2024-02-17")


def with_bundle(path: Path, note: str) -> Path:
    """A run with a bundle in it, as far as folders are concerned, which a note tells apart."""
    (path / "bundle").mkdir()
    (path / "bundle" / "manifest.json").write_text(note)
    return path


def bundles(folder: Path) -> dict[str, str]:
    """The note of each run that has a bundle."""
    return {path.parts[-3]: path.read_text() for path in sorted(folder.glob("*/bundle/manifest.json"))}


def test_a_second_run_moves_the_first_aside(
    finished: Finished, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run, previous = tmp_path / "run", tmp_path / "run.previous"
    first = listing(finished.save(run))
    (run / "note.txt").write_text("mine")
    finished.save(run)
    assert listing(previous) == {**first, "note.txt": b"mine"}
    assert sorted(listing(run)) == FILES
    assert caplog.messages == [f"the run that was at {run} is now at {previous}"]


def test_a_third_run_takes_the_place_of_the_first_and_says_so(
    finished: Finished, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for note in ("first", "second", "third"):
        (finished.save(tmp_path / "run") / "note.txt").write_text(note)
    assert (tmp_path / "run.previous" / "note.txt").read_text() == "second"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run.previous"]
    assert caplog.messages[-1].endswith(f"/run.previous, and {tmp_path / 'run.previous'} is removed")


def test_runs_with_a_bundle_are_numbered_the_newest_first_and_the_sixth_is_dropped_by_name(
    finished: Finished, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for note in "abcdef":
        with_bundle(finished.save(tmp_path / "run"), note)
    assert bundles(tmp_path) == {"run": "f"} | {f"run.{n}": note for n, note in enumerate("edcba", 1)}
    assert "removed" not in caplog.text
    RunFolder(tmp_path / "run").announce()
    said = f"the run at {tmp_path / 'run'} moves to {tmp_path / 'run.1'}, and {tmp_path / 'run.5'} is removed"
    assert caplog.messages[-1] == f"when this fit is finished, {said}"
    finished.save(tmp_path / "run")
    assert bundles(tmp_path) == {f"run.{n}": note for n, note in enumerate("fedcb", 1)}
    assert caplog.messages[-1].endswith(f"/run.1, and {tmp_path / 'run.5'} is removed")


def test_a_number_that_is_free_ends_the_renaming(finished: Finished, tmp_path: Path) -> None:
    for note in "abc":
        with_bundle(finished.save(tmp_path / "run"), note)
    (tmp_path / "run.1").rename(tmp_path / "kept")
    finished.save(tmp_path / "run")
    assert bundles(tmp_path) == {"kept": "b", "run.1": "c", "run.2": "a"}


@pytest.mark.parametrize("place", ["run.previous", "run.unfinished"])
def test_a_bundle_in_another_place_that_is_needed_is_numbered_too(
    finished: Finished, tmp_path: Path, place: str
) -> None:
    with_bundle(finished.save(tmp_path / place), "old")
    begin_fit(tmp_path / "run", "state")
    RunFolder(tmp_path / "run").open()
    for _ in range(2):
        finished.save(tmp_path / "run")
    assert bundles(tmp_path) == {"run.1": "old"}


def test_a_folder_with_a_number_that_is_no_run_is_never_touched(finished: Finished, tmp_path: Path) -> None:
    with_bundle(finished.save(tmp_path / "run"), "a")
    (tmp_path / "run.1").mkdir()
    (tmp_path / "run.1" / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match=r"run\.1 exists and is not a run folder"):
        RunFolder(tmp_path / "run").check_free()
    with pytest.raises(RunError, match=r"run\.1 is not a run folder, so it stays"):
        finished.save(tmp_path / "run")
    assert (tmp_path / "run.1" / "thesis.txt").read_text() == "mine"
    assert bundles(tmp_path) == {"run": "a"}


def test_a_save_that_fails_midway_changes_nothing(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = listing(finished.save(tmp_path / "run"))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(RunError, match=r"cannot write .*run.fitting/log.jsonl: No space left"):
        finished.save(tmp_path / "run")
    assert listing(tmp_path) == {f"run/{name}": content for name, content in before.items()}


MOMENTS = ["write", "forget", "shift", "aside", "place"]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("resume", [True, False])
def test_a_save_that_is_killed_at_any_moment_is_completed_or_begun_again_and_loses_no_run(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, resume: bool
) -> None:
    run = tmp_path / "run"
    for note in "ab":
        with_bundle(finished.save(run), note)

    def killed(*_: object) -> None:
        os._exit(0)

    def killed_at(name: str) -> Callable[[Path, Path], Path]:
        rename = Path.rename
        return lambda path, place: killed() if path.name == name else rename(path, place)

    child = os.fork()
    if not child:
        try:
            if moment in ("write", "forget"):
                name = {"write": "discard", "forget": "forget_checkpoint"}[moment]
                monkeypatch.setattr(RunFolder, name, killed)
                if moment == "write":
                    monkeypatch.setattr("forecaster.run.run._ranks", lambda _: 1 / 0)
            else:
                name = {"shift": "run.1", "aside": "run", "place": "run.fitting"}[moment]
                monkeypatch.setattr(Path, "rename", killed_at(name))
            finished.save(run)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert sorted(bundles(tmp_path).values()) == ["a", "b"]
    if moment == "place":
        with pytest.raises(RunError, match="is not finished; the same command with --resume continues it"):
            load_run(run)
    else:
        assert bundles(tmp_path)["run"] == "b"
    folder = RunFolder(run, resume=resume)
    folder.check_free()
    folder.recover()
    if moment != "write":
        assert bundles(tmp_path) == {"run.1": "b", "run.2": "a"}
        assert sorted(listing(run)) == FILES
    finished.save(run)
    assert sorted(bundles(tmp_path).values()) == ["a", "b"]
    assert not (tmp_path / "run.fitting").exists()


def test_a_run_at_a_link_is_replaced_where_the_link_points(finished: Finished, tmp_path: Path) -> None:
    (tmp_path / "run").symlink_to("disk")
    for note in "ab":
        with_bundle(finished.save(tmp_path / "run"), note)
    assert (tmp_path / "run").is_symlink()
    assert bundles(tmp_path) == {"run": "b", "disk": "b", "disk.1": "a"}


def test_a_finished_run_at_a_mount_point_is_refused_before_a_fit(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished.save(tmp_path / "run")
    monkeypatch.setattr(Path, "is_mount", lambda path: path == run)
    with pytest.raises(RunError, match="is a mount point, which cannot be moved aside; choose a folder in"):
        RunFolder(run).check_free()


def test_a_missing_run_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RunError) as error:
        load_run(tmp_path / "run")
    assert str(error.value) == (
        f"no run at {tmp_path / 'run'}; `forecaster fit DATA -o {tmp_path / 'run'}` makes one"
    )


@pytest.mark.parametrize("name", ["data.json", "metrics.json", "model.safetensors"])
def test_a_run_that_lacks_a_file_is_damaged(finished: Finished, tmp_path: Path, name: str) -> None:
    (finished.save(tmp_path / "run") / name).unlink()
    with pytest.raises(RunError, match=rf"^the run at .*run is damaged: .*{name}"):
        load_run(tmp_path / "run")


@pytest.mark.parametrize("name", ["config.json", "data.json", "metrics.json", "model.safetensors"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00\x01"])
def test_a_file_of_a_run_with_another_content_is_damaged(
    finished: Finished, tmp_path: Path, name: str, content: bytes
) -> None:
    (finished.save(tmp_path / "run") / name).write_bytes(content)
    with pytest.raises(RunError, match=r"^the run at .*run is damaged: "):
        load_run(tmp_path / "run")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"windows": 1, "by_step": false}',
        '{"offsets": [[0.0]], "windows": 1, "by_step": false}',
        '{"offsets": "none", "windows": 1, "by_step": false}',
        f'{{"offsets": {[["NaN"] * 9] * 4}, "windows": 1, "by_step": false}}'.replace("'", ""),
    ],
)
def test_offsets_that_are_not_those_of_the_network_are_damaged(
    finished: Finished, tmp_path: Path, content: str
) -> None:
    (finished.save(tmp_path / "run") / "calibration.json").write_text(content)
    with pytest.raises(RunError, match=r"^the run at .*run is damaged: "):
        load_run(tmp_path / "run")


@pytest.mark.parametrize("name", ["config.json", "data.json"])
def test_a_file_of_a_run_with_an_unknown_field_is_damaged(
    finished: Finished, tmp_path: Path, name: str
) -> None:
    path = finished.save(tmp_path / "run") / name
    path.write_text(json.dumps({**json.loads(path.read_text()), "unexpected": 1}))
    with pytest.raises(RunError, match=r"(?s)^the run at .*run is damaged: .*unexpected"):
        load_run(tmp_path / "run")


def test_a_run_of_another_version_says_what_it_lacks(finished: Finished, tmp_path: Path) -> None:
    path = finished.save(tmp_path / "run") / "data.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({name: content[name] for name in content if name not in ("first", "last")}))
    with pytest.raises(RunError) as error:
        load_run(tmp_path / "run")
    assert str(error.value) == (
        f"the run at {tmp_path / 'run'} is damaged: data.json lacks first, last; another version wrote it, "
        "so fit again"
    )


def test_weights_of_another_network_are_refused_in_one_line(finished: Finished, tmp_path: Path) -> None:
    path = finished.save(tmp_path / "run") / "config.json"
    content = json.loads(path.read_text())
    content["model"]["hidden_size"] = 5
    path.write_text(json.dumps(content))
    with pytest.raises(RunError, match=r"^the run at .*run is damaged: ") as error:
        load_run(tmp_path / "run")
    assert len(str(error.value).splitlines()) == 1


def test_a_run_that_lacks_a_weight_is_damaged(finished: Finished, tmp_path: Path) -> None:
    path = finished.save(tmp_path / "run") / "model.safetensors"
    weights = load_file(path)
    weights.pop("known.scale")
    save_file(weights, path)
    with pytest.raises(RunError, match=r"^the run at .*run is damaged: "):
        load_run(tmp_path / "run")


def test_truncated_weights_are_damaged(finished: Finished, tmp_path: Path) -> None:
    path = finished.save(tmp_path / "run") / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RunError, match=r"^the run at .*run is damaged: "):
        load_run(tmp_path / "run")


@pytest.mark.parametrize("name", ["run", "a/b/run"])
def test_a_place_where_nothing_is_is_free(tmp_path: Path, name: str) -> None:
    RunFolder(tmp_path / name).check_free()


def test_an_empty_folder_is_free(tmp_path: Path) -> None:
    RunFolder(tmp_path).check_free()


def test_a_finished_run_is_free_since_it_moves_aside(finished: Finished, tmp_path: Path) -> None:
    RunFolder(finished.save(tmp_path / "run")).check_free()


def test_a_folder_with_other_things_is_not_free(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RunError) as error:
        RunFolder(tmp_path).check_free()
    assert str(error.value) == f"{tmp_path} exists and is not a run folder; choose another with -o"


def test_a_folder_with_a_config_of_something_else_is_not_free(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"name": "something else"}')
    with pytest.raises(RunError, match="exists and is not a run folder"):
        RunFolder(tmp_path).check_free()


def test_a_file_is_not_free(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    with pytest.raises(RunError, match="exists and is not a run folder"):
        RunFolder(tmp_path / "run").check_free()


def test_a_place_below_a_file_is_not_free(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match="file"):
        RunFolder(tmp_path / "file" / "run").check_free()


@pytest.mark.parametrize("place", ["run", "run.previous", "run.unfinished"])
def test_a_folder_with_the_checkpoints_of_something_else_is_not_a_run(tmp_path: Path, place: str) -> None:
    (tmp_path / place / "checkpoint").mkdir(parents=True)
    (tmp_path / place / "checkpoint" / "epoch99.pt").write_text("weights")
    (tmp_path / place / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match="is not a run folder"):
        RunFolder(tmp_path / "run").check_free()


def test_only_a_checkpoint_of_ours_is_forgotten(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    checkpoint.mkdir()
    for name in ("state.safetensors", "mine.txt"):
        (checkpoint / name).write_text("x")
    RunFolder(tmp_path).forget_checkpoint()
    assert [path.name for path in checkpoint.iterdir()] == ["mine.txt"]


def begin_fit(path: Path, note: str) -> None:
    """What a killed fit leaves: a checkpoint and a file that was being written."""
    (path / "checkpoint").mkdir(parents=True)
    (path / "checkpoint" / "state.safetensors").write_text(note)
    (path / "checkpoint" / ".state.safetensors.1.partial").write_text("half")


def test_what_a_killed_fit_was_writing_does_not_keep_its_checkpoint_folder(tmp_path: Path) -> None:
    begin_fit(tmp_path / "run", "state")
    RunFolder(tmp_path / "run").forget_checkpoint()
    assert listing(tmp_path) == {}


def test_an_unfinished_fit_moves_aside_when_another_begins(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for note in ("first", "second"):
        begin_fit(tmp_path / "run", note)
        folder = RunFolder(tmp_path / "run")
        folder.announce()
        folder.open()
        begin_fit(tmp_path / "run", "own")
        folder.open()  # its own checkpoint stays
        assert (tmp_path / "run.unfinished" / "checkpoint" / "state.safetensors").read_text() == note
        shutil.rmtree(tmp_path / "run")
    assert "run.unfinished; with --resume it would continue" in caplog.text


def test_an_unfinished_fit_that_goes_on_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    begin_fit(tmp_path / "run", "state")
    folder = RunFolder(tmp_path / "run", resume=True)
    folder.announce()
    folder.open()
    assert (tmp_path / "run" / "checkpoint" / "state.safetensors").read_text() == "state"
    assert not caplog.text


@pytest.mark.parametrize("place", ["run", "run.fitting"])
def test_an_unfinished_fit_next_to_a_finished_run_is_found_and_moves_aside(
    finished: Finished, tmp_path: Path, place: str
) -> None:
    if place == "run.fitting":
        finished.save(tmp_path / "run")
    begin_fit(tmp_path / place, "state")
    resumed = RunFolder(tmp_path / "run", resume=True)
    assert resumed.state_of(1) == tmp_path / place / "checkpoint" / "state.safetensors"
    resumed.open()
    assert resumed.state_of(1).exists()
    RunFolder(tmp_path / "run").open()
    assert (tmp_path / "run.unfinished" / "checkpoint" / "state.safetensors").read_text() == "state"


def test_a_resume_that_finds_nothing_to_go_on_from_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    RunFolder(tmp_path / "run", resume=True).announce()
    assert "nothing to resume at" in caplog.text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFO here")
@pytest.mark.parametrize("place", ["run", "run.previous", "run.unfinished", "run.fitting"])
def test_a_pipe_in_the_place_of_a_folder_is_refused_before_a_fit(tmp_path: Path, place: str) -> None:
    os.mkfifo(tmp_path / place)
    with pytest.raises(RunError, match=f"{place} exists and is not a run folder"):
        RunFolder(tmp_path / "run").check_free()


def test_a_folder_that_holds_something_hidden_is_not_a_run(tmp_path: Path) -> None:
    (tmp_path / "run.previous" / ".git").mkdir(parents=True)
    with pytest.raises(RunError, match="is not a run folder"):
        RunFolder(tmp_path / "run").check_free()


@pytest.mark.parametrize("place", [".", "/", ".."])
def test_a_place_without_a_name_is_refused_whatever_the_fit_goes_on_from(tmp_path: Path, place: str) -> None:
    with pytest.raises(RunError, match="cannot be moved aside"):
        RunFolder(Path(place)).check_free(origin=tmp_path / "old")


def test_a_run_with_a_bundle_anywhere_in_it_is_numbered(tmp_path: Path) -> None:
    for name in ("out/v1/manifest.json", "repo/m/config.pbtxt"):
        run = tmp_path / name.partition("/")[0]
        file = run / name
        file.parent.mkdir(parents=True)
        file.write_text("")
        assert has_bundle(run)
    assert not has_bundle(tmp_path / "none")


def test_what_a_user_keeps_in_a_run_is_none_of_its_files(tmp_path: Path) -> None:
    for name in (
        "config.json",
        "log.jsonl",
        ".part",
        "forecast.csv",
        "bundle/manifest.json",
        "mine/notes.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert others_in(tmp_path) == ["forecast.csv", "mine"]
