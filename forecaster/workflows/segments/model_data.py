"""Read series as a model takes them: of one bundle, or for the bundle of each segment."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from deploy import Manifest, Predictor, TimeStep
from deploy.bundle.segments import Key, Segments
from deploy.columns import Columns
from deploy.errors import DataError
from forecaster.data import Audience, Data, Panel, name_of, read_for_model
from forecaster.data.audience import COMMAND_LINE
from forecaster.data.columns import AskedByModel
from forecaster.data.panel.listing import first_few, report_below, report_new_categories
from forecaster.data.panel.panel_segments import series_by, take_segment

logger = logging.getLogger("forecaster")

Part: TypeAlias = tuple[Predictor, Panel, Panel | None]  # a model, its series, their coming covariates


def read_for(
    data: Data, manifest: Manifest, na: tuple[str, ...] = (), audience: Audience = COMMAND_LINE
) -> Panel:
    """Read the series of a file or frame, in the columns and on the step of a bundle.

    na: texts that mean missing; audience: who reads errors.
    """
    asked = AskedByModel.of(manifest.columns, manifest.time_step, na)
    return reported(read_for_model(data, asked, audience=audience), manifest)


def reported(panel: Panel, manifest: Manifest) -> Panel:
    """Return the panel as it is, once it was said what its model does not know of it."""
    for (column, known), found in zip(manifest.vocabularies.items(), panel.vocabularies, strict=True):
        report_new_categories(column, known, found)
    report_below(panel, manifest.lower)
    return panel


def read_future(
    data: Data, manifest: Manifest, na: tuple[str, ...] = (), audience: Audience = COMMAND_LINE
) -> Panel:
    """Read known-future covariates of their own file or frame: a series for each of them and each key."""
    if not manifest.known:
        raise DataError(f"{name_of(data)} is not needed: this model has no known-future covariates")
    columns = replace(manifest.columns, targets=manifest.known, joint=False)
    columns = replace(columns, known=(), past=(), static=(), static_numbers=())
    columns = replace(columns, aggregate="mean" if columns.aggregate else None)
    asked = AskedByModel.of(columns, manifest.time_step, na)
    return read_for_model(data, asked, audience=audience)


@dataclass(frozen=True)
class Segment:
    """The series of a segment, as its model takes them. path: of its run or bundle."""

    key: Key
    path: Path
    panel: Panel


@dataclass(frozen=True)
class Wanted:
    """The columns and the step that a model takes; those of most segments are the same."""

    columns: Columns
    step: TimeStep


def read_segments(
    data: Data,
    segments: Segments,
    models: dict[Key, Wanted],
    na: tuple[str, ...] = (),
    audience: Audience = COMMAND_LINE,
) -> Iterator[Segment]:
    """Yield the series of each segment; data are read once for all models that take the same columns.

    models: of the segments. A warning names segments of the data that have no model. Raises DataError if
    none has, or as read_for.
    """
    seen: dict[Key, int] = {}
    known = set(models)
    for wanted in dict.fromkeys(models.values()):
        panel = read_for_model(data, AskedByModel.of(wanted.columns, wanted.step, na), audience=audience)
        if lacking := [name for name in segments.by if name not in panel.columns.series]:
            raise DataError(
                f"{name_of(data)} has no column {', '.join(lacking)}, which says of each series whose model "
                f"in {segments.path} forecasts it"
            )
        for key, series in series_by(panel, segments.by).items():
            seen[key] = len(series)
            if models.get(key) == wanted:
                yield Segment(key, segments.places[key], take_segment(panel, series))
    if not known & set(seen):
        raise DataError(f"no segment of {name_of(data)} has a model in {segments.path}: {_listed(seen)}")
    if new := [key for key in seen if key not in known]:
        logger.warning(
            "left out, without a model in %s: %s, %d series", segments.path, _listed(new), _total(seen, new)
        )


def _total(counts: dict[Key, int], keys: list[Key]) -> int:
    return sum(counts[key] for key in keys)


def _listed(keys: Iterable[Key]) -> str:
    return first_few(["/".join(key) for key in keys])


def read_parts_of(
    segments: Segments,
    data: Data,
    future: Data | None,
    provider: str,
    na: tuple[str, ...] = (),
    audience: Audience = COMMAND_LINE,
) -> Iterator[Part]:
    """Yield the model of each segment, its series and their coming covariates. Raises as read_segments."""
    bundles = segments.bundles()
    predictors = {key: Predictor.load(path, providers=provider) for key, path in bundles.items()}
    manifests = {key: predictor.manifest for key, predictor in predictors.items()}
    models = {key: Wanted(manifest.columns, manifest.time_step) for key, manifest in manifests.items()}
    coming: dict[Wanted, Panel] = {}
    for segment in read_segments(data, segments, models, na, audience):
        manifest, wanted = manifests[segment.key], models[segment.key]
        if future is not None and wanted not in coming:
            coming[wanted] = read_future(future, manifest, na, audience)
        yield predictors[segment.key], reported(segment.panel, manifest), coming.get(wanted)
