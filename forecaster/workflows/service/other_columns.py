"""A file whose columns are called otherwise than those of a model: some are named, others are found."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from deploy import Manifest, TimeStep
from deploy.columns import Columns
from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.data.panel.listing import first_few

COUNTED = TimeStep(1, "index")
NONE = [""]  # the value of a query that says that there is no such column


class AskedForModel(Asked):
    """The columns that a user and a model name, on the step of the model; a fit would find the rest alike."""

    fitted_step: TimeStep
    fitted_format: str | None = None
    fitted_decimal: str = ""
    categories: tuple[str, ...] = ()  # static columns that are texts for the model

    @property
    def time_step(self) -> TimeStep:
        """Return the step that the model was fitted on."""
        return self.fitted_step

    @property
    def likely_time_format(self) -> str | None:
        """Return the form of time that the model was fitted on."""
        return self.fitted_format

    @property
    def likely_decimal(self) -> str:
        """Return the decimal sign of the data that the model was fitted on, or that was asked for."""
        return self.fitted_decimal

    @property
    def texts(self) -> set[str]:
        """Return the keys and the categories."""
        return {*self.series, *self.categories}

    @property
    def numbers(self) -> set[str]:
        """Return all other columns that the model takes."""
        return {*self.target, *self.known, *self.past, *self.static} - self.texts


def ask_for(manifest: Manifest, options: Mapping[str, Any], names: Sequence[str]) -> AskedForModel:
    """Return what is asked of a file for a model. options: of the query; names: of the file's columns.

    Raises DataError for a covariate, or a target of a joint model, that is not there; ConfigError.
    """
    columns = manifest.columns
    chosen = {name: value for name, value in options.items() if name not in ("decimal", "time", "series")}
    time, series, layout = options.get("time"), options.get("series"), options.get("layout", "auto")
    known, past = (_needed(columns, role, names) for role in ("known", "past"))
    static = {name: there for name in columns.static if (there := alike(name, names))}
    given = {
        "time": _joined(_time(manifest, names) if time is None else time if time != NONE else []),
        "series": _there(columns.series, names) if series is None else () if series == NONE else series,
        "target": _targets(columns, names),
        "layout": "wide" if series == NONE and layout == "auto" else layout,
        **{"known": known, "past": past, "static": tuple(static.values())},
        "timezone": columns.timezone,
        "aggregate": columns.aggregate,
        **chosen,
        "joint": columns.joint,
        "fitted_step": COUNTED if time == NONE else manifest.time_step,
        "fitted_format": columns.time_format or None,
        "fitted_decimal": options.get("decimal", columns.decimal),
        "categories": tuple(there for name, there in static.items() if name in columns.categories),
    }
    return build(AskedForModel, _apart(given))


def alike(name: str, names: Collection[str]) -> str | None:
    """Return the column of that name, whatever its case; None if it is not there, or is in several cases."""
    if name in names:
        return name
    found = [other for other in names if other.casefold() == name.casefold()]
    return found[0] if len(found) == 1 else None


def _there(wanted: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that are there, under their names in the file."""
    return tuple(there for name in wanted if (there := alike(name, names)))


def _needed(columns: Columns, role: str, names: Sequence[str]) -> tuple[str, ...]:
    wanted = getattr(columns, role)
    for name in wanted:
        if alike(name, names) is None:
            raise DataError(
                f'the model needs the covariate "{name}", and no column is called so; there are '
                f"{first_few(list(names))}"
            )
    return _there(wanted, names)


def _targets(columns: Columns, names: Sequence[str]) -> tuple[str, ...]:
    """Return the targets that are there; of a joint model all, else DataError."""
    found = _there(columns.targets, names)
    if columns.joint and len(found) < len(columns.targets):
        lacking = next(name for name in columns.targets if alike(name, names) is None)
        raise DataError(
            f"the model forecasts {', '.join(columns.targets)} together, and no column is called "
            f'"{lacking}"; there are {first_few(list(names))}'
        )
    return found


def is_fitted(manifest: Manifest) -> bool:
    """Return whether a model was fitted, so that its columns are those of data, and not pretrained."""
    return manifest.training.get("pretrained") is not True


def _time(manifest: Manifest, names: Sequence[str]) -> list[str]:
    """Return the columns of the time under their names in the file, if all are there and it was fitted."""
    columns = manifest.columns
    if not is_fitted(manifest):
        return []
    wanted = tuple(dict(columns.time_parts)) or ((columns.time,) if columns.time else ())
    found = _there(wanted, names)
    return list(found) if len(found) == len(wanted) else []


def _joined(time: Sequence[str]) -> str | None:
    return ", ".join(time) or None


def _apart(given: dict[str, Any]) -> dict[str, Any]:
    """Return what is asked with each column in one role: what a user has chosen for another is no default."""
    taken = {*given["target"], *given["series"], *(given["time"] or "").split(", ")}
    static = tuple(name for name in given["static"] if name not in taken)
    return {**given, "static": static, "categories": tuple(n for n in given["categories"] if n in static)}
