"""Segments of a panel: the series that have the same value in some columns."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel.panel import Panel, take_series


def with_keys(panel: Panel, names: tuple[str, ...]) -> Panel:
    """Return the panel with those of these columns that are static categories among its keys instead."""
    for name in names:
        if name in panel.columns.categories:
            panel = _with_key(panel, panel.columns.categories.index(name))
    return panel


def _with_key(panel: Panel, place: int) -> Panel:
    """Return the panel with one of its static categories as the last of its keys."""
    columns, vocabulary = panel.columns, panel.vocabularies[place]
    name, length = columns.categories[place], len(columns.series)
    texts = [vocabulary[code - 1] if code else "" for code in panel.categories[:, place].tolist()]
    return replace(
        panel,
        columns=replace(
            columns,
            series=(*columns.series, name),
            static=tuple(other for other in columns.static if other != name),
        ),
        ids=tuple((*id_[:length], text, *id_[length:]) for id_, text in zip(panel.ids, texts, strict=True)),
        categories=np.delete(panel.categories, place, axis=1),
        vocabularies=(*panel.vocabularies[:place], *panel.vocabularies[place + 1 :]),
    )


def series_by(panel: Panel, names: tuple[str, ...]) -> dict[tuple[str, ...], NDArray[np.int64]]:
    """Return the series of each segment, in order: numbers by the values of some of the panel's keys."""
    places = [panel.columns.series.index(name) for name in names]
    found: dict[tuple[str, ...], list[int]] = {}
    for series, id_ in enumerate(panel.ids):
        found.setdefault(tuple(id_[place] for place in places), []).append(series)
    return {key: np.array(found[key], dtype=np.int64) for key in sorted(found)}


def take_segment(panel: Panel, chosen: NDArray[np.int64]) -> Panel:
    """Return these series alone, with the categories that they have. chosen: (series,) their numbers."""
    part = take_series(panel, chosen)
    categories, vocabularies = part.categories.copy(), []
    for column, vocabulary in enumerate(part.vocabularies):
        used = np.unique(categories[:, column][categories[:, column] > 0])
        number = np.zeros(len(vocabulary) + 1, dtype=np.int64)
        number[used] = np.arange(1, len(used) + 1)
        categories[:, column] = number[categories[:, column]]
        vocabularies.append(tuple(vocabulary[code - 1] for code in used.tolist()))
    return replace(part, categories=categories, vocabularies=tuple(vocabularies))
