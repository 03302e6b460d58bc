"""Spaces around the cells of a text file, looked for among the distinct texts: most files pay nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.columns import is_text


def begins_with_space(frame: pd.DataFrame) -> bool:
    """Whether any text does."""
    texts = [frame[name] for name in frame if is_text(frame[name])]
    distinct = [
        column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column for column in texts
    ]
    return any(column.astype("str").str.startswith(" ").any() for column in distinct)


def strip_ends(frame: pd.DataFrame, na: tuple[str, ...]) -> pd.DataFrame:
    """The frame without the spaces that end its texts, quoted or not; one that then means missing is so."""
    stripped = {str(name): _strip_end(frame[name], na) for name in frame if is_text(frame[name])}
    changed = {name: column for name, column in stripped.items() if column is not None}
    return frame.assign(**changed) if changed else frame


def _strip_end(column: pd.Series[Any], na: tuple[str, ...]) -> pd.Categorical | None:
    """The texts as categories; None where none ends in a space."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, texts = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, texts = pd.factorize(column)
    if not texts.astype("str").str.endswith(" ").any():
        return None
    numbers, distinct = pd.factorize(texts.str.rstrip(" "))
    kept = ~distinct.isin(["", *na])
    places = np.where(kept, np.cumsum(kept) - 1, -1)[numbers]
    return pd.Categorical.from_codes(np.append(places, -1)[codes], categories=distinct[kept], validate=False)
