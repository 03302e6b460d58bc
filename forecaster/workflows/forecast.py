"""Forecast: read histories for a model, forecast them, draw sample paths, write tables and pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self, TypeAlias

import pandas as pd

from deploy import Forecast, Manifest, Predictor
from deploy.bundle.segments import find_segments
from deploy.engine.engine import Method
from deploy.errors import ConfigError
from deploy.forecast import legible_digits
from deploy.overwriting import Output, check_outputs
from deploy.places import is_standard_output, output_name
from deploy.sources.named import paths_of
from forecaster.config import Asked, Lengths
from forecaster.config.building import build
from forecaster.config.settings import NAME_OF_OPTION, Settings
from forecaster.data import Audience, Data, Panel, called, read_data, record_of
from forecaster.data.audience import COMMAND_LINE
from forecaster.data.complaints import Option, with_options
from forecaster.data.panel.listing import report_flat
from forecaster.data.read import ALL_FOUND
from forecaster.files import write_output
from forecaster.forecasts.forecast_table import (
    as_texts,
    forecast_table,
    paths_file,
    paths_table,
    series_apart,
    to_csv,
)
from forecaster.forecasts.through_predictor import forecast_panel, sample_panel
from forecaster.forecasts.wide_table import wide_table
from forecaster.workflows.in_use import files_around
from forecaster.workflows.segments.model_data import Part, read_for, read_future, read_parts_of

if TYPE_CHECKING:  # a bundle needs neither
    from forecaster.data import Understood
    from forecaster.export.for_season import SeasonModel

DEFAULT_PATHS = 100
Shape: TypeAlias = Literal["long", "wide"]


@dataclass(frozen=True)
class Pretrained:
    """The pretrained network as the model of a forecast: the data are read as a fit reads them."""

    asked: Asked = ALL_FOUND
    season: int | None = None  # steps; None: from the data
    horizon: int | None = None  # steps where a request says none; None: from the data

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what settings say. Raises ConfigError for those of a fit."""
        for name in (*settings["model"], *settings["train"]):
            if name not in ("horizon", "season"):
                option = Option(next((said for said, found in NAME_OF_OPTION.items() if found == name), name))
                raise with_options(ConfigError, "nothing is fitted: leave out ", option, ", or fit")
        lengths = build(Lengths, settings["model"])
        return cls(build(Asked, settings["data"]), lengths.season, lengths.horizon)

    def to_export(self) -> "SeasonModel":
        """Return the network that needs no data to be made. Raises ConfigError where none say a season."""
        from forecaster.export.for_season import ROWS, SeasonModel

        if self.season is None:
            raise ConfigError("no data tell the season of what is exported; say season=12, or 1 for none")
        return SeasonModel(self.season, self.horizon, step=self.asked.time_step or ROWS)


@dataclass(frozen=True)
class ForecastRequest:
    """The histories, the model, and the files to write."""

    data: Data | Panel
    bundle: Path | Predictor | Pretrained
    future: Data | None = None  # known covariates of the coming steps
    na: tuple[str, ...] = ()  # texts that mean missing
    horizon: int | None = None  # steps; None: as trained
    levels: tuple[float, ...] = ()  # quantile levels to write; empty: all
    shape: Shape = "long"  # a row a step, or as data with time across the columns
    method: Method = "graph"
    provider: str = "auto"
    paths: int | None = None  # sample paths of each series
    seed: int | None = None  # of the paths
    output: Path | None = None  # CSV; None: nothing is written
    save_plot: Path | None = None  # picture
    audience: Audience = COMMAND_LINE  # whom errors speak to

    @property
    def tables(self) -> tuple[Path, ...]:
        """The tables to write: forecasts, then sample paths."""
        places = (self.output, paths_file(self.output)) if self.output else ()
        return places if self.paths else places[:1]

    @property
    def takes_standard_output(self) -> bool:
        """Whether the table goes to standard output, so that nothing else may."""
        return self.output is not None and is_standard_output(self.output)


@dataclass(frozen=True)
class Made:
    """Forecasts by one model, each target a series of its own."""

    panel: Panel
    forecast: Forecast


@dataclass(frozen=True)
class Forecasts:
    """Forecasts of all series, by one model or by that of each segment, and the files that hold them."""

    parts: tuple[Made, ...]
    table: pd.DataFrame  # texts may be categories
    files: tuple[Path, ...] = ()
    is_calibrated: bool = True  # whether values that a fit held out have corrected the intervals


class Listener(Protocol):
    """Something that is told how data without a model are forecast."""

    def __call__(self, understood: "Understood", manifest: Manifest) -> None:
        """Take note of what was understood, and of the network that forecasts it."""


def forecast(request: ForecastRequest, listener: Listener | None = None) -> Forecasts:
    """Forecast what follows each series. listener: of a forecast without a model of the user's own.

    Raises DataError, ConfigError, InputError, BundleError, RunError.
    """
    _check_places(request)
    parts = list(read_parts(request, listener))
    made, tables = [], []
    for predictor, panel, future in parts:
        made.append(_forecast(request, predictor, panel, future))
        tables.append(_tables(request, made[-1], predictor, panel, future))
    of_all = zip(*tables, strict=True)
    joined = [pd.concat(map(as_texts, each), ignore_index=True) if each[1:] else each[0] for each in of_all]
    for place, table in zip(request.tables, joined, strict=False):
        write_output(place, to_csv(made[0].panel, table))
    if request.save_plot:
        from forecaster.show.pictures.forecast_picture import save_picture  # matplotlib is slow to import

        save_picture(request.save_plot, made[0].panel, made[0].forecast)
    files = (*request.tables, *([request.save_plot] if request.save_plot else []))
    is_calibrated = isinstance(request.bundle, Pretrained) or all(
        predictor.manifest.is_calibrated for predictor, _, _ in parts
    )
    return Forecasts(tuple(made), joined[0], files, is_calibrated)


def _forecast(request: ForecastRequest, predictor: Predictor, panel: Panel, future: Panel | None) -> Made:
    made = forecast_panel(predictor, panel, request.horizon, future, request.method)
    apart, made = series_apart(panel, made)
    report_flat(apart, made.quantiles)
    if request.output:  # in Python a table has the digits of the predictor
        made = replace(made, quantiles=legible_digits(made.quantiles, (1, 2)))
    return Made(apart, made)


def _tables(
    request: ForecastRequest, made: Made, predictor: Predictor, panel: Panel, future: Panel | None
) -> list[pd.DataFrame]:
    """Return the tables that a request asks for: forecasts, then sample paths."""
    table = forecast_table(made.panel, made.forecast, request.levels)
    tables = [wide_table(made.panel, as_texts(table), request.levels) if request.shape == "wide" else table]
    if request.paths and request.output:
        tables.append(_draw(request, predictor, panel, future))
    return tables


def sample(request: ForecastRequest) -> pd.DataFrame:
    """Draw sample paths of each series, and write nothing. Raises as forecast."""
    predictor, panel, future = read_request(request)
    return as_texts(_draw(request, predictor, panel, future))


def _draw(request: ForecastRequest, predictor: Predictor, panel: Panel, future: Panel | None) -> pd.DataFrame:
    paths = DEFAULT_PATHS if request.paths is None else request.paths
    drawn = sample_panel(predictor, panel, paths, request.seed or 0, request.horizon, future)
    return paths_table(panel, legible_digits(drawn, (1, 2)) if request.output else drawn)


def _check_places(request: ForecastRequest) -> None:
    """Raise ConfigError before anything is read: for a file that cannot be written, a seed of nothing."""
    if request.seed is not None and request.paths is None:
        raise ConfigError("--seed is that of sample paths; say how many with --paths N, or leave it out")
    if request.paths and request.output and not _has_neighbours(request.output):
        raise ConfigError(
            f"--paths are written next to {output_name(request.output)}, which is no file; name one with -o"
        )
    outputs: list[Output] = [("-o", place) for place in request.tables]
    if request.save_plot:
        from forecaster.show.pictures.forecast_picture import check_picture

        check_picture(request.save_plot)
        outputs.append(("--save-plot", request.save_plot))
    inputs = [*paths_of(request.data), *paths_of(request.future)]
    check_outputs(outputs, inputs, files_around(request.bundle) if isinstance(request.bundle, Path) else ())


def _has_neighbours(path: Path) -> bool:
    """Return whether a file lies in a folder of the user's, unlike a device or standard output."""
    return not is_standard_output(path) and (path.is_file() or not path.exists())


def read_parts(request: ForecastRequest, listener: Listener | None = None) -> Iterator[Part]:
    """Yield each model with its series and their coming covariates: one, or that of each segment."""
    segments = find_segments(request.bundle) if isinstance(request.bundle, Path) else None
    if segments is None:
        yield read_request(request, listener)
        return
    if isinstance(request.data, Panel) or request.save_plot:
        raise ConfigError(
            f"a picture shows the forecasts of one bundle; name one of those in {segments.path}"
        )
    given = (request.data, request.future, request.provider, request.na, request.audience)
    yield from read_parts_of(segments, *given)


def read_request(request: ForecastRequest, listener: Listener | None = None) -> Part:
    """Load the model, and read the series and the coming covariates for it."""
    bundle, data, given = request.bundle, request.data, (request.na, request.audience)
    if isinstance(bundle, Pretrained):
        return _read_for_pretrained(bundle, request, listener)
    predictor = Predictor.load(bundle, providers=request.provider) if isinstance(bundle, Path) else bundle
    panel = data if isinstance(data, Panel) else read_for(data, predictor.manifest, *given)
    future = read_future(request.future, predictor.manifest, *given) if request.future is not None else None
    return predictor, panel, future


def _read_for_pretrained(
    model: Pretrained, request: ForecastRequest, listener: Listener | None
) -> tuple[Predictor, Panel, None]:
    """Read the series as a fit would, and make the network of their season."""
    if request.future is not None:
        raise with_options(
            ConfigError,
            "the pretrained network knows no covariates; leave out ",
            Option("future"),
            ", or fit",
        )
    data, asked = request.data, model.asked.model_copy(update={"na": request.na or model.asked.na})
    panel = data if isinstance(data, Panel) else read_data(data, asked, audience=request.audience)
    from forecaster.workflows.zero_shot import pack_pretrained  # a bundle needs no weights

    bundle = pack_pretrained(panel, request.horizon or model.horizon, model.season).bundle
    if listener:
        from forecaster.data.understood import Understood

        name = "the panel" if isinstance(data, Panel) else called(data)
        source = None if isinstance(data, Panel) else record_of(data)
        listener(Understood.of(name, panel, bundle.manifest.season, source), bundle.manifest)
    return Predictor(bundle, request.provider), panel, None
