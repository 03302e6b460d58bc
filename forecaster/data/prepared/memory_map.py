"""Open a prepared panel: a folder of plain arrays, of which a page is in memory only while it is in use."""

import hashlib
import json
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from deploy import TimeStep
from deploy.columns import Columns
from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data.audience import Audience
from forecaster.data.columns import AskedByModel
from forecaster.data.complaints import Option
from forecaster.data.notes import Inference
from forecaster.data.panel.panel import Panel
from forecaster.data.table import Spread

DESCRIPTION, IDS = "panel.json", "ids.json"
FORMAT = 1
# The arrays with an entry for each row are mapped, those with one for each series are read.
OF_ROWS: dict[str, str] = {"values": "<f8", "known": "<f4", "past": "<f4"}
OF_SERIES: dict[str, str] = {
    **{"static": "<f4", "categories": "<i8", "offsets": "<i8", "ends": "<i8"},
    **{"starts": "<i8", "leads": "<i8"},
}
TYPES = {**OF_ROWS, **OF_SERIES}
FILES = {*TYPES, DESCRIPTION, IDS}


class Description(BaseModel):
    """The content of panel.json."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    source: str  # what it was made from
    step: TimeStep
    columns: Columns
    vocabularies: tuple[tuple[str, ...], ...]
    spread: Spread | None
    notes: tuple[str, ...]
    inferences: tuple[Inference, ...] = ()
    reasons: dict[str, str]
    shapes: dict[str, tuple[int, ...]]  # of each array
    sha256: dict[str, str]  # of each file


def is_prepared(data: object) -> TypeGuard[Path]:
    """Return whether data are the path of a prepared panel."""
    return isinstance(data, Path) and (data / DESCRIPTION).is_file()


def read_prepared(folder: Path, asked: Asked, audience: Audience) -> Panel:
    """Return a prepared panel for a fit or a model, mapped.

    Raises ConfigError for what was asked and is decided already, DataError for one that is damaged or that
    does not suit a model.
    """
    panel = open_prepared(folder)
    if isinstance(asked, AskedByModel):
        _refuse_others(folder, panel, asked)
        return panel
    said = [name for name, field in Asked.model_fields.items() if getattr(asked, name) != field.default]
    if said:
        options = ", ".join(audience.option(Option(name)) for name in said)
        raise ConfigError(
            f"{folder.name} is prepared, which decided its columns: leave out {options}, or prepare again"
        )
    return panel


def _refuse_others(folder: Path, panel: Panel, asked: AskedByModel) -> None:
    """Raise DataError where columns or step are not those of a model."""
    own, wanted = panel.columns, asked.columns
    found: dict[str, tuple[Any, Any]] = {
        name: (getattr(own, name), getattr(wanted, name))
        for name in ("targets", "joint", "series", "past", "static", "timezone", "aggregate")
    }
    found["known"] = (tuple(sorted(own.known)), tuple(sorted(wanted.known)))
    found["step"] = (str(panel.step), str(asked.fitted_step))
    for name, (has, expected) in found.items():
        if has != expected:
            raise DataError(
                f"{folder.name} is not like the data that the model was trained on: {name} is {_say(has)}, "
                f"expected {_say(expected)}; prepare it with the columns of the model"
            )


def _say(value: Any) -> str:
    return (", ".join(value) or "none") if isinstance(value, tuple) else str(value)


def digest_of_prepared(folder: Path) -> str:
    """Return the sha256 of a prepared panel: of its description, which holds those of its arrays."""
    return hashlib.sha256((folder / DESCRIPTION).read_bytes()).hexdigest()


def open_prepared(folder: Path) -> Panel:
    """Return a prepared panel, mapped. Raises DataError for one that is damaged."""
    try:
        described = Description.model_validate_json((folder / DESCRIPTION).read_bytes())
        if described.format != FORMAT:
            raise ValueError(f"{DESCRIPTION} has format {described.format}, expected {FORMAT}")
        arrays = {name: _map(folder / name, kind, described.shapes[name]) for name, kind in TYPES.items()}
        for name in OF_SERIES:
            arrays[name] = np.array(arrays[name])
        _check(arrays, described)
        ids = tuple(map(tuple, json.loads((folder / IDS).read_bytes())))
        if len(ids) != len(arrays["ends"]):
            raise ValueError(f"{IDS} has {len(ids)} ids, expected {len(arrays['ends'])}")
    except (OSError, ValueError, LookupError, TypeError) as error:
        said = "; ".join(
            [f"{problem['loc']}: {problem['msg']}" for problem in error.errors()[:1]]
            if isinstance(error, ValidationError)
            else [error.strerror or "" if isinstance(error, OSError) else str(error)]
        )
        raise DataError(f"the prepared panel {folder} is damaged: {said}; prepare it again") from error
    given: dict[str, Any] = arrays
    return Panel(
        **given,
        step=described.step,
        columns=described.columns,
        ids=ids,
        vocabularies=described.vocabularies,
        spread=described.spread,
        notes=described.notes,
        inferences=described.inferences,
        reasons=described.reasons,
    )


def _map(path: Path, kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array of a file. A page that is written, which nothing does, would be this process's own."""
    expected = int(np.prod(shape)) * np.dtype(kind).itemsize
    if path.stat().st_size != expected:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, expected {expected}")
    if not expected:  # nothing can be mapped
        return np.empty(shape, kind)
    return np.asarray(np.memmap(path, kind, "c", shape=shape))


def _check(arrays: dict[str, NDArray[Any]], described: Description) -> None:
    """Raise ValueError for arrays that do not belong together."""
    offsets, ends = arrays["offsets"], arrays["ends"]
    rows, series = len(arrays["values"]), len(ends)
    of_rows = all(len(arrays[name]) == rows for name in OF_ROWS)
    of_series = all(len(arrays[name]) == series for name in OF_SERIES if name != "offsets")
    if not (of_rows and of_series and len(offsets) == series + 1 and series):
        raise ValueError("its arrays are of different lengths")
    rising = offsets[0] == 0 and offsets[-1] == rows and (np.diff(offsets) > 0).all()
    if not (rising and (offsets[:-1] < ends).all() and (ends <= offsets[1:]).all()):
        raise ValueError("its offsets do not rise up to its rows")
    sizes = np.array([len(vocabulary) for vocabulary in described.vocabularies], np.int64)
    codes = arrays["categories"]
    if codes.shape[1] != len(sizes) or (codes < 0).any() or (codes > sizes).any():
        raise ValueError("a category has no text")
