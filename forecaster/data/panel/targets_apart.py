"""The channels of joint series, each looked at by itself: to be checked, compared, drawn and written."""

from dataclasses import replace

import numpy as np

from deploy.errors import DataError
from forecaster.data.panel.panel import Panel


def channels_apart(panel: Panel) -> Panel:
    """Return a panel of one value a row: the series of the first channel, then those of the next.

    A series still ends where the last of its channels does, so that its last values may be missing.
    """
    size = panel.target_size
    if size == 1:
        return panel
    before = np.repeat(np.arange(size) * len(panel.values), panel.series_count)
    ends = np.tile(panel.ends, size) + before
    begins = np.tile(panel.offsets[:-1], size) + before
    return replace(
        panel,
        values=panel.values.T.ravel(),
        known=np.concatenate([panel.known] * size),
        past=np.concatenate([panel.past] * size),
        static=np.concatenate([panel.static] * size),
        categories=np.concatenate([panel.categories] * size),
        offsets=np.append(begins, size * len(panel.values)),
        ends=ends,
        starts=np.tile(panel.starts, size),
        leads=np.tile(panel.leads, size),
        columns=replace(panel.columns, joint=False),
        ids=tuple((*id_, target) for target in panel.columns.targets for id_ in panel.ids),
    )


def refuse_unobserved(panel: Panel, context_length: int) -> None:
    """Raise DataError for a channel without a value in the context that its series is forecast from."""
    if panel.target_size == 1:  # a series ends with a value
        return
    for id_, begin, end in zip(panel.ids, panel.offsets[:-1], panel.ends, strict=True):
        recent = panel.values[max(begin, end - context_length) : end]
        unseen = np.flatnonzero(np.isnan(recent).all(axis=0))
        if len(unseen):
            name = "/".join(id_)
            raise DataError(
                f'target "{panel.columns.targets[unseen[0]]}"{" of series " + name if name else ""} has no '
                f"value in the last {len(recent)} steps; a joint forecast needs one of each target"
            )
