"""No output replaces what a command reads, however the two are spelled, nor another output."""

from __future__ import annotations

import os
import re
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.errors import ConfigError
from deploy.overwriting import check_outputs, check_place, lies_in
from deploy.places import STANDARD


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("x")


def spelled_with_a_link() -> str:
    Path("link.csv").symlink_to("x.csv")
    return "link.csv"


def spelled_with_a_hard_link() -> str:
    os.link("x.csv", "hard.csv")
    return "hard.csv"


def spelled_through_a_linked_folder() -> str:
    Path("here").symlink_to(".")
    return "here/x.csv"


def spelled_up_and_down() -> str:
    Path("folder").mkdir()
    return "folder/../x.csv"


SPELLINGS: dict[str, Callable[[], str]] = {
    "alike": lambda: "x.csv",
    "from the root": lambda: str(Path.cwd() / "x.csv"),
    "a link": spelled_with_a_link,
    "a hard link": spelled_with_a_hard_link,
    "a link in the middle": spelled_through_a_linked_folder,
    "up and down": spelled_up_and_down,
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_an_output_that_is_an_input_is_refused_with_both_names_and_what_to_do(
    spell: Callable[[], str],
) -> None:
    name = spell()
    what = "which this command reads; choose another with -o, such as -o OTHER.csv"
    with pytest.raises(ConfigError, match=f"^cannot write {re.escape(name)} over x.csv, {what}$"):
        check_outputs([("-o", Path(name))], [Path("x.csv")])
    with pytest.raises(ConfigError, match=f"^cannot write x.csv over {re.escape(name)}, {what}$"):
        check_outputs([("-o", Path("x.csv"))], [Path(name)])


def test_a_file_of_the_run_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"over x\.csv, a file of the run or the bundle in use; choose"):
        check_outputs([("-o", Path("./x.csv"))], [], [Path("missing"), Path("x.csv")])


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_two_outputs_are_two_files(spell: Callable[[], str]) -> None:
    name = spell()
    found = f"cannot write both -o x.csv and --save-plot {name} to one place"
    with pytest.raises(ConfigError, match=f"^{re.escape(found)}; choose another with --save-plot$"):
        check_outputs([("-o", Path("x.csv")), ("--save-plot", Path(name))], [])


def test_two_outputs_that_are_not_there_yet_are_two_files() -> None:
    Path("link").symlink_to("new")
    with pytest.raises(ConfigError, match="to one place"):
        check_outputs([("-o", Path("new")), ("--save-plot", Path("link"))], [])


def test_other_files_are_written() -> None:
    Path("y.csv").write_text("y")
    check_outputs([("-o", Path("y.csv")), ("--save-plot", Path("new.png"))], [Path("x.csv"), Path("missing")])


def redirect(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Let standard input and standard output be this file."""
    found, fstat = path.stat(), os.fstat
    monkeypatch.setattr(os, "fstat", lambda number: found if number in (0, 1) else fstat(number))


def test_standard_input_is_an_input_and_standard_output_is_an_output(monkeypatch: pytest.MonkeyPatch) -> None:
    redirect(monkeypatch, Path("x.csv"))
    with pytest.raises(ConfigError, match=r"^cannot write x\.csv over standard input, which"):
        check_outputs([("-o", Path("x.csv"))], [STANDARD])
    with pytest.raises(ConfigError, match=r"^cannot write standard output over x\.csv, which"):
        check_outputs([("-o", STANDARD)], [Path("x.csv")])


def test_a_terminal_may_be_both(monkeypatch: pytest.MonkeyPatch) -> None:
    redirect(monkeypatch, Path("/dev/null"))
    check_outputs([("-o", STANDARD)], [STANDARD])


def test_what_can_be_read_once_has_one_use() -> None:
    with pytest.raises(ConfigError, match=r"^standard input can be read only once; name a file for one of"):
        check_outputs([], [STANDARD, STANDARD])
    os.mkfifo("pipe")
    with pytest.raises(ConfigError, match=r"^pipe can be read only once; name a file for one of"):
        check_outputs([], [Path("pipe"), Path("./pipe")])
    check_outputs([], [Path("x.csv"), Path("x.csv")])


def make_folder() -> str:
    Path("place").mkdir()
    return "it is a folder"


def make_socket() -> str:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("place")
    return "it is a socket"


def make_block_device() -> str:
    try:
        os.mknod("place", stat.S_IFBLK | 0o600, os.makedev(7, 254))
    except PermissionError:
        pytest.skip("only root makes devices")
    return "it is a block device"


def make_loop() -> str:
    Path("place").symlink_to("place")
    return "Too many levels of symbolic links"


def make_link_to_nowhere() -> str:
    Path("place").symlink_to("no/where")
    return f"{Path.cwd() / 'no'} is not a folder"


def make_read_only() -> str:
    Path("place").touch(0o444)
    if os.access("place", os.W_OK):
        pytest.skip("root may write to any file")
    return "it is read-only"


@pytest.mark.parametrize(
    "make",
    [make_folder, make_socket, make_block_device, make_loop, make_link_to_nowhere, make_read_only],
)
def test_a_place_that_takes_no_output_is_refused_with_the_reason(make: Callable[[], str]) -> None:
    expected = f"cannot write place: {make()}; choose another with -o"
    with pytest.raises(ConfigError, match=f"^{re.escape(expected)}$"):
        check_place("-o", Path("place"))


@pytest.mark.parametrize("place", ["no/where.csv", "x.csv/where.csv"])
def test_a_place_below_no_folder_is_refused(place: str) -> None:
    above = place.split("/")[0] if place[0] == "n" else "x.csv"
    with pytest.raises(ConfigError, match=f"^cannot write {place}: {above} is not a folder; choose"):
        check_place("-o", Path(place))


@pytest.mark.parametrize("place", ["-", "/dev/null", "x.csv", "new.csv"])
def test_a_place_that_takes_an_output(place: str) -> None:
    check_place("-o", Path(place))


def test_a_file_lies_in_a_folder_by_its_name_and_by_what_it_links_to() -> None:
    Path("folder/below").mkdir(parents=True)
    Path("folder/below/in").touch()
    Path("linked").symlink_to("folder")
    Path("into").symlink_to("folder/below/in")
    Path("folder/out").symlink_to("../x.csv")
    inside = ["folder/below/in", "linked/below/in", "into", "folder/out", "folder/new"]
    assert all(lies_in(Path(name), Path("folder")) for name in inside)
    assert lies_in(Path("folder/new"), Path("linked"))
    assert not any(lies_in(Path(name), Path("folder")) for name in ["x.csv", "folder", "folder2/x"])
