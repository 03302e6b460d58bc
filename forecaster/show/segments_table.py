"""The fits of segments as they go along, on stderr: a line for each that ends, and one table of all."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from forecaster.files import print_text
from forecaster.show.console import plain_console

if TYPE_CHECKING:
    from forecaster.data import Understood
    from forecaster.evaluation.scores import Evaluation
    from forecaster.run.segment_fits import SegmentFit, SegmentFits

WIDTH = 100  # characters that the table needs


class SegmentsProgress:
    """A listener of the fits of segments. Use as a context."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> "SegmentsProgress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def on_segments(self, understood: "Understood", by: tuple[str, ...], count: int) -> None:
        """Print what was found in the data, and begin the bar."""
        self._console.print("\n".join(understood.lines()))
        self._console.print(f"fitting {count} segment{'s' * (count != 1)} by {', '.join(by)}, each by itself")
        self._bar.add_task("segments", total=count)

    def on_segment(self, fit: "SegmentFit") -> None:
        """Print how a fit ended, and move the bar."""
        name = "/".join(fit.key) or "without a name"
        self._console.print(f"{name}: {fit.error or f'{_figure(fit.mase)} MASE, took {fit.seconds:.0f} s'}")
        for task in self._bar.tasks:
            self._bar.advance(task.id)


def print_segments(console: Console, fits: "SegmentFits") -> None:
    """Print one table of all segments: how good each is, and why those that failed did."""
    baselines = list(dict.fromkeys(name for fit in fits.fits for name in fit.relative_errors or ()))
    table = Table(box=None, pad_edge=False)
    for name in fits.by:
        table.add_column(name, no_wrap=True)
    for name in ("series", "MASE", *(f"of {name}" for name in baselines), "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    for fit in fits.fits:
        ratios = fit.relative_errors or {}
        seconds = "" if fit.seconds is None else f"{fit.seconds:.0f}"
        figures = ["failed"] if fit.error else [_figure(fit.mase)]
        figures += ["" if fit.error else _figure(ratios.get(name)) for name in baselines]
        table.add_row(*fit.key, str(fit.series), *figures, seconds)
    wide = plain_console(quiet=console.quiet)
    wide.width = max(console.width, WIDTH)  # a narrow terminal wraps lines, and loses no figure
    wide.print(table)
    for fit in fits.failures:
        console.print(f"failed: {'/'.join(fit.key)}: {fit.error}")
    console.print(f"{len(fits.fits) - len(fits.failures)} runs in {fits.path}")


def print_scores(by: tuple[str, ...], scores: Mapping[tuple[str, ...], "Evaluation | str | None"]) -> None:
    """Print one table of the scored runs of segments, on stdout; a text says why nothing was scored."""
    table = Table(box=None, pad_edge=False)
    for name in by:
        table.add_column(name, no_wrap=True)
    for name in ("windows", "MASE", "of seasonal naive", "WQL", "worst coverage gap"):
        table.add_column(name, justify="right", no_wrap=True)
    failed = []
    for key, found in scores.items():
        if isinstance(found, str) or found is None:
            table.add_row(*key, "failed")
            failed.append(f"failed: {'/'.join(key)}: {found}")
            continue
        figures = found.overall()
        names = ("mase", "mase_ratio", "wql", "coverage_gap")
        table.add_row(*key, f"{found.counts.windows:,}", *(_figure(figures.get(name)) for name in names))
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    with console.capture() as printed:
        console.width = max(console.width, WIDTH)
        console.print(table)
        for line in failed:
            console.print(line)
    print_text(printed.get())


def _figure(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.3f}"
