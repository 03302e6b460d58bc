"""Tell what a command has in use, so that no output replaces it: a run, a bundle, the data of a fit."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from deploy.bundle.bundle import MANIFEST
from deploy.errors import RunError
from deploy.overwriting import lies_in
from deploy.places import STANDARD, input_name
from forecaster.run.places import CONFIG, PICTURE, WEIGHTS

# No output that a user names ends so.
ENDINGS = (".json", ".jsonl", ".safetensors", ".onnx")
# What a fit calls a folder that it moves aside, after the name of its own.
ASIDE = re.compile(r"\.(previous|unfinished|fitting|[1-9])")


def files_of(folder: Path) -> list[Path]:
    """Return the files of a run or a bundle; not the tables, pages and pictures that a user keeps in it."""
    if not any((folder / name).exists() for name in (CONFIG, MANIFEST)):
        return []  # of anything else, reading it will complain
    return [path for path in folder.rglob("*") if path.suffix in ENDINGS or path.name == PICTURE]


def files_around(bundle: Path) -> list[Path]:
    """Return the files of a bundle, and of the run that it lies in."""
    above = Path(os.path.realpath(bundle)).parent
    is_in_run = (above / CONFIG).exists() and (above / WEIGHTS).exists()
    return [*files_of(bundle), *(files_of(above) if is_in_run else [])]


def check_run_place(output: Path, inputs: Iterable[Path] = ()) -> None:
    """Raise RunError if no run can be written there, or if a fit would move or remove what it reads."""
    if output == STANDARD:
        raise RunError("a run is a folder, so standard output cannot take it; name a folder with -o")
    folder = Path(os.path.realpath(output))
    if os.path.lexists(folder) and not folder.is_dir():
        raise RunError(f"{output} exists and is not a run folder; choose another with -o")
    aside = [other for other in folder.parent.glob("*") if ASIDE.fullmatch(_ending(other, folder))]
    for path in inputs:
        if any(lies_in(path, place) for place in (folder, *aside)):
            raise RunError(
                f"{input_name(path)} lies in a folder that a fit into {output} moves or removes; choose "
                "another with -o, or move the file"
            )


def _ending(path: Path, folder: Path) -> str:
    return path.name.removeprefix(folder.name)
