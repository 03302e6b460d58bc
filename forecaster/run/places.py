"""Decide where a run goes when the next takes its place: with a bundle it is numbered, else replaced."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import RunError

WEIGHTS, CONFIG, LOG, PICTURE = "model.safetensors", "config.json", "log.jsonl", "training.svg"
METRICS, DATA, RANKS = "metrics.json", "data.json", "ranks.json"
# What is added to the quantiles; the weights of the refit's twin, which only a backtest needs.
CALIBRATION, BACKTEST = "calibration.json", "backtest.safetensors"
CHECKPOINT, STATE = "checkpoint", "state.safetensors"
MEMBERS = "members"
# All that a fit writes before its config.
BEGUN = {LOG, CHECKPOINT}
GROWN = {*BEGUN, MEMBERS, WEIGHTS, BACKTEST, METRICS, DATA, RANKS, CALIBRATION, PICTURE}

KEPT = 5  # runs with a bundle that stay next to the latest
OF_BUNDLES = ("manifest.json", "config.pbtxt")  # files of a bundle within a run, as such or for Triton


@dataclass(frozen=True)
class Move:
    """A folder that moves to another place, or goes."""

    source: Path
    place: Path | None  # None: it is removed


def sibling(path: Path, ending: str | int) -> Path:
    """Return NAME.ending next to NAME."""
    return path.parent / f"{path.name}.{ending}"


def is_finished(path: Path) -> bool:
    """Return whether a run is whole: its config is written last."""
    return (path / CONFIG).exists()


def fitting_folder(path: Path) -> Path:
    """Return the folder in which a fit grows while a finished run is in its place."""
    return sibling(path, "fitting")


def is_unfinished(path: Path) -> bool:
    """Return whether a fit began there, or next to it, and no run is whole."""
    return not is_finished(path) and ((path / CHECKPOINT).exists() or fitting_folder(path).exists())


def has_bundle(path: Path) -> bool:
    """Return whether a bundle lies in a run."""
    return any(found for name in OF_BUNDLES for found in path.rglob(name))


def others_in(path: Path) -> list[str]:
    """Return what lies in a run and neither a fit nor an export wrote."""
    own = {*GROWN, CONFIG}
    names = [name for name in sorted(_names(path) - own) if not name.startswith(".")]
    return [name for name in names if not has_bundle(path / name)]


def is_run(path: Path, names: set[str] = BEGUN) -> bool:
    """Return whether a folder holds a run, finished or not, and so may be moved aside or written into.

    names: of what is enough if there is nothing else.
    """
    has_begun = {name for name in _names(path) if not (name[0] == "." and name.endswith(".partial"))} <= names
    is_whole = is_finished(path) and (path / WEIGHTS).exists()
    return is_whole or (path / CHECKPOINT / STATE).exists() or has_begun


def places(path: Path) -> tuple[Path, ...]:
    """Return the folders that a fit into `path` may move or remove, but for the one that it grows in."""
    previous, unfinished = sibling(path, "previous"), sibling(path, "unfinished")
    numbered = tuple(sibling(path, number) for number in range(1, KEPT + 1))
    shifts = any(has_bundle(place) for place in (path, previous, unfinished))
    return (path, previous, unfinished, *(numbered if shifts else ()))


def room_for_run(path: Path) -> list[Move]:
    """Return the moves after which nothing is at `path`: with a bundle to NAME.1, else to NAME.previous."""
    if not _names(path):
        return []
    if has_bundle(path):
        return _number(path, path)
    return _replace(sibling(path, "previous"), path, path)


def room_for_fit(path: Path, growing: Path) -> list[Move]:
    """Return the moves that set an unfinished fit aside, as NAME.unfinished."""
    return _replace(sibling(path, "unfinished"), growing, path)


def _replace(place: Path, source: Path, path: Path) -> list[Move]:
    """Return the moves that put `source` in a place of the run at `path`, and what was there out of it."""
    before = []
    if _names(place):
        before = _number(place, path) if has_bundle(place) else [Move(place, None)]
    return [*before, Move(source, place)]


def _number(source: Path, path: Path) -> list[Move]:
    """Return the moves that make `source` NAME.1, and NAME.1 NAME.2: up to the first number that is free."""
    numbered = [sibling(path, number) for number in range(1, KEPT + 1)]
    free = next((index for index, place in enumerate(numbered) if not _names(place)), None)
    dropped = [Move(numbered[-1], None)] if free is None else []
    last = KEPT - 1 if free is None else free
    shifted = [Move(numbered[index - 1], numbered[index]) for index in range(last, 0, -1)]
    return [*dropped, *shifted, Move(source, numbered[0])]


def make(moves: list[Move]) -> None:
    """Make moves in turn. Raises RunError for what is no run, and OSError; then the rest is where it was."""
    for move in moves:
        if not is_run(move.source):
            raise RunError(f"{move.source} is not a run folder, so it stays; move it elsewhere")
        if move.place is None:
            shutil.rmtree(move.source)
            continue
        if move.place.is_dir():
            move.place.rmdir()  # it is empty
        move.source.rename(move.place)


def _names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()} if path.is_dir() else set()
