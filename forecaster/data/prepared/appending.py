"""Write a prepared panel, some series after the others, so that it never is in memory."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deploy.errors import DataError
from forecaster.data.panel.panel import Panel, take_series
from forecaster.data.prepared.memory_map import DESCRIPTION, FORMAT, IDS, OF_ROWS, TYPES, Description
from forecaster.files import to_json, write_atomically

COPIED = 1 << 22  # bytes at once


class PanelWriter:
    """Parts of a panel, of whole series, in a folder that becomes one prepared panel.

    Targets that are series of their own stand one after the other, as in a panel that is read at once.
    """

    def __init__(self, folder: Path, like: Panel) -> None:
        """Begin in an empty folder. like: a panel whose columns, step and notes all parts share."""
        columns = like.columns
        self._folder, self._like = folder, like
        self._targets = (None,) if columns.joint or len(columns.targets) == 1 else columns.targets
        # A series for each of them; arrays with an entry for each row are in files meanwhile.
        self._parts: list[list[Panel]] = [[] for _ in self._targets]

    def append(self, part: Panel) -> None:
        """Add the series of a part. Raises DataError where it does not fit the others."""
        found, expected = _shared(part), _shared(self._like)
        if found != expected:
            raise DataError(f"some series have {found}, and others {expected}, expected the same of all")
        for number, target in enumerate(self._targets):
            own = [n for n, id_ in enumerate(part.ids) if target is None or id_[-1] == target]
            chosen = part if target is None else take_series(part, np.array(own, np.int64))
            for name in OF_ROWS:
                with self._file(name, number).open("ab") as file:
                    file.write(np.ascontiguousarray(getattr(chosen, name), TYPES[name]).data)
            rows = {name: getattr(chosen, name)[:0] for name in OF_ROWS}
            self._parts[number].append(replace(chosen, **rows))

    def finish(self, source: str, notes: tuple[str, ...]) -> None:
        """Write what is left. source: the name of the data. Raises DataError for an id that comes twice."""
        parts = [part for of_target in self._parts for part in of_target]
        ids = [id_ for part in parts for id_ in part.ids]
        _refuse_twice(ids)
        for name in OF_ROWS:
            self._join(name)
        before = np.cumsum([0, *(int(part.offsets[-1]) for part in parts)])
        vocabularies, categories = _join_categories(parts)
        arrays: dict[str, NDArray[np.generic]] = {
            "static": np.concatenate([part.static for part in parts]),
            "categories": categories,
            "offsets": np.append(
                np.concatenate([part.offsets[:-1] + at for part, at in zip(parts, before, strict=False)]),
                before[-1],
            ),
            "ends": np.concatenate([part.ends + at for part, at in zip(parts, before, strict=False)]),
            "starts": np.concatenate([part.starts for part in parts]),
            "leads": np.concatenate([part.leads for part in parts]),
        }
        for name, array in arrays.items():
            (self._folder / name).write_bytes(np.ascontiguousarray(array, TYPES[name]).tobytes())
        (self._folder / IDS).write_bytes(json.dumps(ids).encode())
        shapes = {name: array.shape for name, array in arrays.items()}
        shapes |= {name: (int(before[-1]), *getattr(self._like, name).shape[1:]) for name in OF_ROWS}
        self._describe(source, notes, vocabularies, shapes)

    def _describe(
        self,
        source: str,
        notes: tuple[str, ...],
        vocabularies: tuple[tuple[str, ...], ...],
        shapes: dict[str, tuple[int, ...]],
    ) -> None:
        """Write the description, which makes the folder a prepared panel."""
        described = Description(
            format=FORMAT,
            source=source,
            step=self._like.step,
            columns=self._like.columns,
            vocabularies=vocabularies,
            spread=self._like.spread,
            notes=notes,
            inferences=self._like.inferences,
            reasons=self._like.reasons,
            shapes=shapes,
            sha256={name: _digest(self._folder / name) for name in (*TYPES, IDS)},
        )
        write_atomically(self._folder / DESCRIPTION, to_json(described.model_dump(mode="json")))

    def _file(self, name: str, target: int) -> Path:
        return self._folder / (name if target == 0 else f"{name}.{target}")

    def _join(self, name: str) -> None:
        """Put the rows of the other targets behind those of the first."""
        for number in range(1, len(self._targets)):
            with self._file(name, 0).open("ab") as file, self._file(name, number).open("rb") as more:
                shutil.copyfileobj(more, file, COPIED)
            self._file(name, number).unlink()


def _shared(part: Panel) -> dict[str, str]:
    """Return what all parts have to share."""
    columns = part.columns
    names = {name: ", ".join(getattr(columns, name)) for name in ("targets", "known", "past")}
    return {"step": str(part.step), "timezone": str(columns.timezone), **names}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_twice(ids: Sequence[tuple[str, ...]]) -> None:
    seen: set[tuple[str, ...]] = set()
    for id_ in ids:
        if id_ in seen:
            raise DataError(f"series {'/'.join(id_)} is written in two ways; write its id alike in all rows")
        seen.add(id_)


def _join_categories(
    parts: Sequence[Panel],
) -> tuple[tuple[tuple[str, ...], ...], NDArray[np.int64]]:
    """Return the vocabularies of all parts together, and the codes in them: (series, G)."""
    columns = range(len(parts[0].vocabularies))
    together = tuple(
        tuple(sorted({text for part in parts for text in part.vocabularies[column]})) for column in columns
    )
    codes = [np.empty((part.series_count, len(together)), np.int64) for part in parts]
    for column, vocabulary in enumerate(together):
        number = {text: code for code, text in enumerate(vocabulary, start=1)}
        for part, own in zip(parts, codes, strict=True):
            table = np.array([0, *(number[text] for text in part.vocabularies[column])])
            own[:, column] = table[part.categories[:, column]]
    return together, np.concatenate(codes)
