"""Every output of every command against every place: nothing is lost, and a refusal says what to do."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from deploy.__main__ import main as run_deploy
from deploy.errors import ForecasterError
from forecaster import Forecaster
from forecaster.__main__ import main

pytestmark = pytest.mark.slow

SMALL = ("--horizon", "6", "--context", "24", "--patch", "3", "--set", "hidden_size=8", "--set", "updates=4")
FIT = ("fit", "data.csv", *SMALL, "--set", "epochs=1", "--quiet")
REMEDY = re.compile(r"choose another|name (a|one|another)|write elsewhere|expected |leave|make room")
ROOT = Path(__file__).parents[3]
OUTPUT = "OUTPUT"  # the place, in a command line


@dataclass(frozen=True)
class Command:
    """A command line with an output."""

    arguments: tuple[str, ...]
    name: str  # of the output, with the ending that it needs
    beginning: bytes = b""  # of what is written

    def with_output(self, place: str) -> list[str]:
        """Return the command line with an output."""
        return [place if argument == OUTPUT else argument for argument in self.arguments]


TABLE = b"date,forecast,q0.1"
FILES = {
    "forecast -o": Command(("forecast", "data.csv", "-o", OUTPUT), "out.csv", TABLE),
    "forecast --save-plot": Command(
        ("forecast", "data.csv", "-o", "table.csv", "--save-plot", OUTPUT), "out.svg", b"<?xml"
    ),
    "evaluate -o": Command(("evaluate", "data.csv", "--quiet", "-o", OUTPUT), "out.html", b"<!doctype html>"),
    "deploy forecast -o": Command(
        ("deploy", "forecast", "run/bundle", "--history", "values.csv", "-o", OUTPUT),
        "out.csv",
        b"forecast,q0.1",
    ),
}
FOLDERS = {
    "fit -o": Command((*FIT, "-o", OUTPUT), "out"),
    "export -o": Command(("export", "-o", OUTPUT), "out"),
    "export --triton": Command(("export", "-o", "other", "--triton", OUTPUT), "out"),
    "Forecaster.save": Command(("save", OUTPUT), "out"),
    "Forecaster.export": Command(("save bundle", OUTPUT), "out"),
}
WRITERS = {**FILES, **FOLDERS}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, a run of them and its bundle."""
    folder = tmp_path_factory.mktemp("finished")
    values = [n % 7 + n / 50 for n in range(100)]
    days = [np.datetime64("2024-01-01") + day for day in range(100)]
    rows = [f"{day},{value}\n" for day, value in zip(days, values, strict=True)]
    (folder / "data.csv").write_text("date,sales\n" + "".join(rows))
    (folder / "values.csv").write_text("".join(f"{value}\n" for value in values))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert call(FIT)[0] == 0
        assert call(("export", "--quiet"))[0] == 0
    return folder


@pytest.fixture(autouse=True)
def _in_a_copy(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(finished, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")


def call(arguments: list[str] | tuple[str, ...]) -> tuple[int, str]:
    """Run a command in this process: the exit code, and the error of what is called in Python."""
    command, *rest = arguments
    if command == "deploy":
        return run_deploy(rest), ""
    if command.startswith("save"):
        model = Forecaster.load("run")
        try:
            (model.export if command == "save bundle" else model.save)(rest[0])
        except ForecasterError as error:
            return error.exit_code, f"error: {error}"
        return 0, ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
    return int(end.value.code or 0), ""


@dataclass(frozen=True)
class Ended:
    """A command that came to its end, and how the files around it were before and after."""

    code: int
    out: bytes
    err: str
    before: dict[str, object]
    after: dict[str, object]

    @property
    def lost(self) -> dict[str, object]:
        """What was there and is not as it was."""
        return {name: was for name, was in self.before.items() if self.after.get(name) != was}

    def check_refused(self) -> None:
        """Fail unless it refused, said what to do, and left everything as it was."""
        assert self.code in (2, 3, 4, 5)
        assert REMEDY.search(self.err), self.err
        assert self.err.startswith("error: ")
        assert self.out == b""
        assert self.lost == {}


def listing() -> dict[str, object]:
    """Every path here: its kind, what it links to, its bytes if it is a file."""
    found: dict[str, object] = {}
    for path in Path().rglob("*"):
        mode = path.lstat().st_mode
        content = path.read_bytes() if stat.S_ISREG(mode) else path.readlink() if path.is_symlink() else b""
        found[str(path)] = (stat.S_IFMT(mode), content)
    return found


Try = Callable[[Command, str], Ended]


@pytest.fixture
def attempt(capsysbinary: pytest.CaptureFixture[bytes]) -> Try:
    """attempt(command, place): run a command that writes there."""

    def run(command: Command, place: str) -> Ended:
        before = listing()
        capsysbinary.readouterr()
        code, error = call(command.with_output(place))
        said = capsysbinary.readouterr()
        return Ended(code, said.out, error or said.err.decode(), before, listing())

    return run


def as_it_is(path: str, name: str) -> str:  # noqa: ARG001 - alike for all
    return path


def by_a_link(path: str, name: str) -> str:
    Path(name).symlink_to(path)
    return name


def by_a_hard_link(path: str, name: str) -> str:
    os.link(path, name)
    return name


def through_a_linked_folder(path: str, name: str) -> str:
    Path("linked").symlink_to(Path(path).parent)
    (Path(path).parent / name).symlink_to(Path(path).name)
    return f"linked/{name}"


READS = ("data.csv", "run/config.json", "run/model.safetensors", "run/bundle/manifest.json")
SPELLED = (as_it_is, by_a_link, by_a_hard_link, through_a_linked_folder)


@pytest.mark.parametrize(
    ("read", "spell"),
    [(READS[0], spell) for spell in SPELLED] + [(read, by_a_hard_link) for read in READS[1:]],
)
@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_what_a_command_reads_is_never_replaced(
    attempt: Try, command: Command, read: str, spell: Callable[[str, str], str]
) -> None:
    if command.arguments[0] == "deploy":  # it knows bundles alone
        read = {"data.csv": "values.csv"}.get(read, "run/bundle/forecast.onnx")
    attempt(command, spell(read, command.name)).check_refused()


@pytest.mark.parametrize("name", ["training.svg", "calibration.json", "log.jsonl", "bundle/golden.json"])
def test_every_file_of_a_run_is_one_that_is_read(attempt: Try, name: str) -> None:
    attempt(FILES["forecast -o"], f"run/{name}").check_refused()
    attempt(FILES["evaluate -o"], f"run/{name}").check_refused()


def test_what_a_user_keeps_in_a_run_may_be_written_again(attempt: Try) -> None:
    for _ in range(2):
        assert attempt(FILES["forecast -o"], "run/forecast.csv").code == 0
        assert attempt(FILES["evaluate -o"], "run/report.html").code == 0


CLASHES = {
    "the default over the history": ("forecast", "forecast.csv"),
    "the covariates": ("forecast", "data.csv", "--future", "values.csv", "-o", "./values.csv"),
    "the sample paths over the history": ("forecast", "data.paths.csv", "--paths", "2", "-o", "data.csv"),
    "a table and a picture": ("forecast", "data.csv", "-o", "one.svg", "--save-plot", "./one.svg"),
    "standard output and paths": ("forecast", "data.csv", "-o", "-", "--paths", "2"),
    "a device and paths": ("forecast", "data.csv", "-o", "/dev/null", "--paths", "2"),
    "standard output twice": ("evaluate", "data.csv", "-o", "-", "--json"),
    "standard input twice": ("forecast", "-", "--future", "-", "-o", "new.csv"),
    "two folders of an export": ("export", "-o", "new", "--triton", "./new"),
    "a folder in a folder": ("export", "-o", "new", "--triton", "new/model"),
    "a folder around a folder": ("export", "-o", "new/below", "--triton", "new"),
    "a fit of what lies in its run": ("fit", "run/data.csv", *SMALL),
    "a fit of what lies in the run before": ("fit", "run.previous/data.csv", *SMALL),
}


@pytest.mark.parametrize("arguments", CLASHES.values(), ids=CLASHES)
def test_inputs_and_outputs_of_one_command_do_not_clash(attempt: Try, arguments: tuple[str, ...]) -> None:
    Path("run.previous").mkdir()
    for copy in ("forecast.csv", "data.paths.csv", "run/data.csv", "run.previous/data.csv"):
        shutil.copy("data.csv", copy)
    attempt(Command(arguments, ""), "").check_refused()


def test_both_names_and_what_to_do_are_said(attempt: Try) -> None:
    shutil.copy("data.csv", "forecast.csv")
    assert attempt(Command(("forecast", "forecast.csv"), ""), "").err == (
        "error: cannot write forecast.csv over forecast.csv, which this command reads; choose another with "
        "-o, such as -o OTHER.csv\n"
    )


def make_folder(place: Path) -> None:
    place.mkdir()
    (place / "chapter.txt").write_text("mine")


def make_socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))


def make_loop(place: Path) -> None:
    place.symlink_to(place.name)


def make_block_device(place: Path) -> None:
    make_node(place, stat.S_IFBLK, 7, 254)


def make_null(place: Path) -> None:
    make_node(place, stat.S_IFCHR, 1, 3)


def make_full(place: Path) -> None:
    make_node(place, stat.S_IFCHR, 1, 7)


def make_node(place: Path, kind: int, major: int, minor: int) -> None:
    try:
        os.mknod(place, kind | 0o666, os.makedev(major, minor))
    except PermissionError:
        pytest.skip("only root makes devices")


def make_pipe(place: Path) -> None:
    os.mkfifo(place)


NO_PLACES = (make_folder, make_socket, make_loop, make_block_device, make_full)


@pytest.mark.parametrize("make", NO_PLACES)
@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_place_that_takes_no_output_stays_as_it_is(
    attempt: Try, command: Command, make: Callable[[Path], None]
) -> None:
    make(Path(command.name))
    attempt(command, command.name).check_refused()


@pytest.mark.parametrize("make", [make_null, make_pipe])
@pytest.mark.parametrize("command", FOLDERS.values(), ids=FOLDERS)
def test_a_folder_takes_the_place_of_no_device(
    attempt: Try, command: Command, make: Callable[[Path], None]
) -> None:
    make(Path(command.name))
    attempt(command, command.name).check_refused()


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_nothing_is_written_below_a_file(attempt: Try, command: Command) -> None:
    attempt(command, f"data.csv/{command.name}").check_refused()


@pytest.mark.parametrize("place", ["-", "."])
@pytest.mark.parametrize("command", FOLDERS.values(), ids=FOLDERS)
def test_a_folder_is_neither_standard_output_nor_the_current_folder(
    attempt: Try, command: Command, place: str
) -> None:
    attempt(command, place).check_refused()


@pytest.mark.parametrize("command", FILES.values(), ids=FILES)
def test_a_device_is_written_through(attempt: Try, command: Command) -> None:
    make_null(Path(command.name))
    ended = attempt(command, command.name)
    assert (ended.code, ended.lost) == (0, {})


@pytest.mark.parametrize("command", FILES.values(), ids=FILES)
def test_a_pipe_is_written_through(attempt: Try, command: Command) -> None:
    make_pipe(Path(command.name))
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(Path(command.name).read_bytes()), daemon=True)
    reader.start()
    ended = attempt(command, command.name)
    reader.join(timeout=10)
    assert (ended.code, ended.lost) == (0, {})
    assert found[0].startswith(command.beginning)


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("command", FILES.values(), ids=FILES)
def test_a_link_stays_and_its_file_is_written(attempt: Try, command: Command, is_there: bool) -> None:
    Path("elsewhere").mkdir()
    if is_there:
        Path("elsewhere/file").write_text("old")
    Path(command.name).symlink_to("elsewhere/file")
    ended = attempt(command, command.name)
    assert ended.code == 0
    assert set(ended.lost) <= {"elsewhere/file"}
    assert Path("elsewhere/file").read_bytes().startswith(command.beginning)


@pytest.mark.parametrize("name", ["export -o", "export --triton", "Forecaster.export"])
def test_a_link_to_a_folder_stays_and_leads_to_the_new_one(attempt: Try, name: str) -> None:
    Path("elsewhere/folder").mkdir(parents=True)
    Path("out").symlink_to("elsewhere/folder")
    ended = attempt(FOLDERS[name], "out")
    assert (ended.code, ended.lost) == (0, {})
    assert any(Path("elsewhere/folder").iterdir())
    assert [path.name for path in Path("elsewhere").iterdir()] == ["folder"]


@pytest.mark.parametrize("name", ["forecast -o", "evaluate -o", "deploy forecast -o"])
def test_standard_output_holds_the_output_and_nothing_else(attempt: Try, name: str) -> None:
    plain = attempt(FILES[name], FILES[name].name)
    ended = attempt(FILES[name], "-")
    assert ended.code == 0
    assert ended.out == Path(FILES[name].name).read_bytes()
    assert ended.before == ended.after == plain.after


def test_scores_leave_standard_output_to_the_report(attempt: Try) -> None:
    ended = attempt(Command(("evaluate", "data.csv", "-o", OUTPUT), ""), "-")
    assert ended.out.startswith(b"<!doctype html>")
    assert ended.out.endswith(b"</html>\n") or ended.out.endswith(b"</html>")
    assert "seasonal naive" in ended.err


def test_a_plot_leaves_standard_output_to_the_table(attempt: Try) -> None:
    ended = attempt(Command(("forecast", "data.csv", "--plot", "-o", OUTPUT), ""), "-")
    assert ended.out.startswith(TABLE)
    assert ended.out.count(b"\n") == 7
    assert "median" in ended.err


@pytest.mark.parametrize("content", ["", "mine"])
@pytest.mark.parametrize("name", ["export -o", "export --triton", "Forecaster.export"])
def test_an_export_that_holds_something_else_is_not_replaced(attempt: Try, name: str, content: str) -> None:
    assert attempt(FOLDERS[name], "out").code == 0
    shutil.rmtree("other", ignore_errors=True)
    Path("out/notes.txt").write_text(content)
    attempt(FOLDERS[name], "out").check_refused()


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk that is full but for a file of each command."""
    disk = Path("disk").absolute()
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts disks")
    try:
        for command in FILES.values():
            (disk / command.name).write_text("old")
        with suppress(OSError), (disk / "filler").open("wb") as file:
            while True:
                file.write(bytes(1024))
                file.flush()
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_full_disk_keeps_what_it_has(attempt: Try, command: Command, disk: Path) -> None:
    ended = attempt(command, str(disk / command.name))
    ended.check_refused()
    assert "No space left on device" in ended.err
    assert [name for name in ended.after if name.endswith(".partial")] == []


@pytest.mark.parametrize("name", FILES)
def test_a_disk_that_fills_up_midway_keeps_what_it_has(
    attempt: Try, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    Path("table.csv").unlink(missing_ok=True)
    Path(FILES[name].name).write_text("old")
    ended = attempt(FILES[name], FILES[name].name)
    ended.check_refused()
    assert ended.before == ended.after


APART = {
    "deploy check": "python -m deploy check run/bundle",
    "deploy forecast": "python -m deploy forecast run/bundle --history values.csv",
    "deploy --help": "python -m deploy forecast --help",
    "forecast -o -": "python -m forecaster forecast data.csv -o - --quiet",
    "forecast -o /dev/stdout": "python -m forecaster forecast data.csv -o /dev/stdout --quiet",
    "forecast --plot": "python -m forecaster forecast data.csv --plot --quiet",
    "evaluate": "python -m forecaster evaluate data.csv",
    "evaluate --json": "python -m forecaster evaluate data.csv --json",
    "inspect": "python -m forecaster inspect data.csv",
    "inspect --json": "python -m forecaster inspect run/bundle --json",
    "forecaster --help": "python -m forecaster fit --help",
}


Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(preloaded: tuple[str, ...]) -> Shell:
    """shell(line): runs it in bash, with libraries loaded already where they take seconds."""

    def run(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
        # Help ends as Python itself does; a file of <() is open in the process that bash starts alone.
        if "--help" not in line and "<(" not in line:
            line = line.replace("python -m forecaster", shlex.join(preloaded))
        return subprocess.run(
            ["bash", "-c", line.replace("python -m", f"{shlex.quote(sys.executable)} -m")],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.mark.parametrize(
    ("name", "buffered"), [*((name, "") for name in APART), ("evaluate", "1"), ("forecaster --help", "1")]
)
def test_standard_output_on_a_full_disk_is_one_line(shell: Shell, name: str, buffered: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    done = shell(f"{APART[name]} > /dev/full", PYTHONUNBUFFERED=buffered)
    assert done.returncode in (4, 5)
    assert done.stderr.startswith("error: cannot write ")
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("line", APART.values(), ids=APART)
def test_a_reader_that_has_read_enough_is_no_error(shell: Shell, line: str) -> None:
    done = shell(f"{line} | true; exit ${{PIPESTATUS[0]}}")
    assert "Traceback" not in done.stderr
    assert "error" not in done.stderr.lower()
    if "--help" not in line:
        assert done.returncode == 0


INPUTS = {
    "fit": f"python -m forecaster {' '.join(FIT)} -o new",
    "forecast": "python -m forecaster forecast data.csv -o - --quiet",
    "evaluate": "python -m forecaster evaluate data.csv --json",
    "inspect": "python -m forecaster inspect data.csv --json",
    "deploy": "python -m deploy forecast run/bundle --history data.csv",
}


WAYS = [("-", "cat data.csv | {}"), ("-", "{} < data.csv"), ("/dev/stdin", "cat data.csv | {}")]
QUICK = ("forecast", "inspect", "deploy")  # the others read by the same code


@pytest.mark.parametrize(
    ("name", "place", "given"),
    [*((name, *way) for name in QUICK for way in WAYS), ("fit", *WAYS[0]), ("evaluate", *WAYS[1])],
)
def test_standard_input_is_read_as_the_file_is(shell: Shell, name: str, place: str, given: str) -> None:
    line = INPUTS[name]
    if name == "deploy":
        Path("data.csv").write_bytes(Path("values.csv").read_bytes())
    expected = shell(line)
    shutil.rmtree("new", ignore_errors=True)
    done = shell(given.format(line.replace("data.csv", place, 1)))
    assert (done.returncode, expected.returncode) == (0, 0), done.stderr
    assert done.stdout.replace("standard input", "data.csv") == expected.stdout


@pytest.mark.parametrize("name", QUICK)
def test_a_pipe_with_a_name_is_read_as_the_file_is(shell: Shell, name: str) -> None:
    line = INPUTS[name]
    if name == "deploy":
        Path("data.csv").write_bytes(Path("values.csv").read_bytes())
    expected = shell(line)
    shutil.rmtree("new", ignore_errors=True)
    done = shell(line.replace("data.csv", "<(cat data.csv)", 1))
    assert (done.returncode, expected.returncode) == (0, 0), done.stderr
    assert re.sub(r"\d+", "", done.stdout) == re.sub(r"\d+", "", expected.stdout).replace("data.csv", "")


@pytest.mark.parametrize("line", [INPUTS["inspect"], INPUTS["forecast"]])
def test_what_is_wrong_with_standard_input_is_said_with_its_name_and_line(shell: Shell, line: str) -> None:
    done = shell(f"printf 'date,sales\\n2024-01-01,1,2\\n' | {line.replace('data.csv', '-', 1)}")
    assert (done.returncode, done.stdout) == (3, "")
    assert "standard input:2" in done.stderr
    empty = shell(f"{line.replace('data.csv', '-', 1)} < /dev/null")
    assert (empty.returncode, empty.stderr) == (3, "error: standard input: the file is empty\n")


def test_a_device_without_an_end_is_no_data(shell: Shell) -> None:
    done = shell(f"{INPUTS['inspect'].replace('data.csv', '/dev/zero')}")
    assert done.returncode == 3
    assert done.stderr == "error: /dev/zero: is a device without an end, expected a file, or a pipe\n"
