"""Lines that the commands print: on stderr what they did, on stdout what was asked for as JSON."""

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.places import output_name
from forecaster.files import print_text, to_json
from forecaster.show.lines import fill

if TYPE_CHECKING:  # pandas stays out of a command that needs none
    from deploy import Forecast, Manifest
    from forecaster.data.panel.panel import Panel
    from forecaster.data.understood import Understood

WAITING, SPINNER = "getting ready", "dots"


class Forecasted(Protocol):
    """Forecasts of the series of a panel."""

    @property
    def panel(self) -> "Panel":
        """The series."""

    @property
    def forecast(self) -> "Forecast":
        """Their forecasts."""


NOT_CALIBRATED = "intervals not calibrated: too few values to hold out any for it"


class LineConsole(Console):
    """A console without markup, since names of columns have brackets; a terminal's lines break at words."""

    def __init__(self, *, stderr: bool, quiet: bool = False) -> None:
        super().__init__(
            stderr=stderr, quiet=quiet, highlight=False, soft_wrap=True, markup=False, emoji=False
        )

    def print(self, *objects: Any, **options: Any) -> None:
        """Print texts as lines, and all else as rich does."""
        width = self.width if self.is_terminal else None
        super().print(*(fill(each, width) if isinstance(each, str) else each for each in objects), **options)


def plain_console(*, quiet: bool) -> LineConsole:
    """Return a console on stderr for lines."""
    return LineConsole(stderr=True, quiet=quiet)


def messages(*, quiet: bool) -> Console:
    """Return the console of a command; warnings of the log and of Python go there, too, each as one line."""
    console = plain_console(quiet=quiet)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[LineHandler(console)])
    warnings.showwarning = _log_warning
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its font cache goes concerns nobody
    return console


class LineHandler(logging.Handler):
    """Prints what is logged as lines on a console, however wide it is."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        self._console.print(f"{record.levelname:8} {self.format(record)}")


class NotesInBlock(logging.Handler):
    """Leaves notes on a reading to the block of what was understood, and logs them where it is not printed.

    Use as a context around the reading.
    """

    def __init__(self) -> None:
        super().__init__()
        self._logger = logging.getLogger("forecaster.notes")
        self._held: list[logging.LogRecord] = []

    def __enter__(self) -> Self:
        self._logger.addHandler(self)
        self._logger.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = True
        for record in self._held:
            self._logger.handle(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self._held.append(record)

    def print_block(self, console: Console, understood: "Understood") -> None:
        """Print what was understood, with the notes in it."""
        console.print("\n".join(understood.lines()))
        if not console.quiet:
            self.forget()

    def forget(self) -> None:
        """Log no note that was held: all stand in a block."""
        self._held.clear()


@contextmanager
def waiting(console: Console) -> Iterator[NotesInBlock]:
    """Show on a terminal that modules load and data are read, and give the notes on these."""
    with NotesInBlock() as notes:
        if not console.is_terminal or console.quiet:
            yield notes
            return
        with console.status(WAITING, spinner=SPINNER):
            yield notes


def _log_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Log a warning of Python without the place in a library that it comes from: a warnings.showwarning."""
    logging.getLogger("forecaster").warning("%s", message)


def print_json(content: Any) -> None:
    """Print a value as JSON, on stdout."""
    print_text(to_json(content).decode())


def print_exported(console: Console, path: Path, manifest: "Manifest", triton: Path | None) -> None:
    """Print where the bundle is, how well its graphs agree with torch, and how Triton is started on it."""
    size = sum(file["bytes"] for file in manifest.files.values())
    console.print(f"{path}: {size / 1024:.0f} KiB; {_checked(manifest)}")
    if triton:
        repository = triton.resolve().parent
        console.print(f"{triton}: a model of Triton, for tritonserver --model-repository={repository}")


def _checked(manifest: "Manifest") -> str:
    """Return how a bundle was checked: that of a run against torch."""
    if parity := manifest.parity:
        return (
            "the graphs differ from float64 torch by at most "
            f"{max(parity['graph'], parity['step_loop']):.1e} of a forecast's range "
            f"(float32 torch itself: {parity['float32_torch']:.1e})"
        )
    return (
        f"the pretrained network, {season_text(manifest.season)}, {manifest.horizon} steps from the last "
        f"{manifest.context_length}: it learned from made-up series, and nothing is fitted"
    )


def print_forecast(
    console: Console, files: Sequence[Path], parts: "Sequence[Forecasted]", *, is_calibrated: bool
) -> None:
    """Print where the forecasts are, the sample paths and the picture if there are any, what they lack."""
    series = sum(len(part.forecast.quantiles) for part in parts)
    horizons = sorted({part.forecast.quantiles.shape[1] for part in parts})
    steps = " to ".join(map(str, dict.fromkeys((horizons[0], horizons[-1]))))
    models = f" by {len(parts)} models" if len(parts) > 1 else ""
    where = " and ".join(map(output_name, files))
    console.print(f"{series} series, {steps} steps of {parts[0].panel.step}{models}: {where}")
    if not is_calibrated:
        console.print(NOT_CALIBRATED)


def print_pretrained(
    console: Console, notes: NotesInBlock, understood: "Understood", manifest: "Manifest"
) -> None:
    """Print what was found in the data, what forecasts them without a fit, and what it leaves out."""
    notes.print_block(console, understood)
    console.print(
        f"forecasting {manifest.horizon} steps from the last {manifest.context_length}, "
        f"{season_text(manifest.season)}, by the pretrained network: it learned from made-up series, and "
        "nothing is fitted"
    )
    if count := manifest.training["corrected_on"]:
        console.print(f"intervals corrected by the errors of {count:,} forecasts of the file's own past")
    else:
        console.print("intervals as pretrained: too few forecasts of the file's own past to correct them by")
    columns = understood.columns
    if covariates := [*columns.known, *columns.past, *columns.static]:
        console.print(f"left out: {', '.join(covariates)} (a fit uses covariates)")


def season_text(season: int) -> str:
    """Return how a season is called."""
    return f"season {season}" if season > 1 else "no season"


@contextmanager
def share_done(console: Console, what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal while something is done; yields what moves it, to a share from 0 to 1."""
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TimeRemainingColumn(compact=True))
    shows = console.is_terminal and not console.quiet
    with Progress(*columns, console=console, transient=True, disable=not shows) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)
