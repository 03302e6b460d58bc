"""Explain: read histories for a model, split their forecasts into parts, and say what they rest on."""

from dataclasses import dataclass
from pathlib import Path

from deploy.errors import ConfigError
from deploy.overwriting import Output, check_outputs
from deploy.places import is_standard_output
from deploy.sources.named import paths_of
from forecaster.data import Data
from forecaster.files import write_output
from forecaster.forecasts.explained import Explained, explain_panel, explained_table
from forecaster.forecasts.forecast_table import to_csv
from forecaster.workflows.forecast import ForecastRequest, Pretrained, read_request
from forecaster.workflows.in_use import files_around

MOST_SHOWN = 5  # series of which it is said what they rest on


@dataclass(frozen=True)
class ExplainRequest:
    """The histories, the model, and the files to write."""

    data: Data
    bundle: Path
    pretrained: bool = False  # without a bundle: the network for the season of the data
    future: Data | None = None  # known covariates of the coming steps
    na: tuple[str, ...] = ()  # texts that mean missing
    horizon: int | None = None  # steps; None: as trained
    provider: str = "auto"
    output: Path | None = None  # CSV
    save_plot: Path | None = None  # picture of the first series

    @property
    def files(self) -> tuple[Path, ...]:
        """The files to write."""
        return tuple(path for path in (self.output, self.save_plot) if path)

    @property
    def takes_standard_output(self) -> bool:
        """Whether the table goes to standard output, so that nothing else may."""
        return self.output is not None and is_standard_output(self.output)


def explain(request: ExplainRequest) -> Explained:
    """Explain the forecast of each series. Raises as forecast, and BundleError for a bundle of before."""
    _check_places(request)
    model = Pretrained() if request.pretrained else request.bundle
    asked = ForecastRequest(
        request.data,
        model,
        future=request.future,
        na=request.na,
        horizon=request.horizon,
        provider=request.provider,
    )
    predictor, panel, future = read_request(asked)
    explained = explain_panel(predictor, panel, MOST_SHOWN, request.horizon, future)
    table = explained_table(explained)
    if request.output:
        write_output(request.output, to_csv(explained.panel, table))
    if request.save_plot:
        from forecaster.show.pictures.explained_picture import save_explained  # matplotlib is slow to import

        save_explained(request.save_plot, explained)
    return explained


def _check_places(request: ExplainRequest) -> None:
    """Raise ConfigError before anything is read, for a file that cannot be written."""
    if request.pretrained and request.future is not None:
        raise ConfigError("the pretrained network knows no covariates; leave out --future, or fit")
    outputs: list[Output] = [("-o", request.output)] if request.output else []
    if request.save_plot:
        from forecaster.show.pictures.forecast_picture import check_picture

        check_picture(request.save_plot)
        outputs.append(("--save-plot", request.save_plot))
    inputs = [*paths_of(request.data), *paths_of(request.future)]
    check_outputs(outputs, inputs, files_around(request.bundle))
