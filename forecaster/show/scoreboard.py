"""Print an evaluation: the verdict, the model compared with baselines, a few series."""

import math
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.places import output_name
from forecaster.evaluation.scores import Evaluation
from forecaster.files import print_text
from forecaster.show.console import print_json
from forecaster.show.wording import COLUMNS, describe_subject, overall_rows, unit_rows

WIDTH = 100  # characters that the tables need


def print_evaluation(
    evaluation: Evaluation, *, as_json: bool = False, quiet: bool = False, on_stderr: bool = False
) -> None:
    """Print all figures as JSON on stdout, or a table of them, also on stderr; no table if quiet."""
    if as_json:
        print_json(evaluation.to_json())
    elif not quiet:
        console = Console(stderr=on_stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)
        with console.capture() as printed:
            _print_tables(evaluation, console)
        (sys.stderr.write if on_stderr else print_text)(printed.get())


def print_report(console: Console, report: Path, size: int) -> None:
    """Print where the page is and how large, in bytes."""
    console.print(f"{output_name(report)}: {size / 1024:.0f} KiB, one file that needs nothing else")


def _print_tables(evaluation: Evaluation, console: Console) -> None:
    console.width = max(console.width, WIDTH)  # a narrow terminal wraps lines, and loses no figure
    console.print(evaluation.verdict)
    console.print("\n".join(f"  {line}" for line in describe_subject(evaluation)))
    console.print(_table(overall_rows(evaluation), "", *COLUMNS, "model / it"))
    console.print("\n".join(f"  {line}" for line in _figures(evaluation)))
    if len(evaluation.units) > 1:
        console.print(_table(unit_rows(evaluation), "series", "", *COLUMNS, "/ seasonal naive"))


def _figures(evaluation: Evaluation) -> list[str]:
    model, bias = evaluation.model, evaluation.exposure_bias
    lines = [
        f"{100 * interval.nominal:.3g} % interval covers {100 * interval.coverage:.1f} %, "
        f"{interval.width:.4g} wide"
        for interval in model.intervals
        if not math.isnan(interval.coverage)
    ]
    owa = "" if math.isnan(model.owa) else f", OWA {model.owa:.3f} (to seasonal naive)"
    lines.append(f"wQL {model.wql:.4f}, CRPS {model.crps:.4g}{owa}")
    if not math.isnan(bias.ratio):
        lines.append(f"exposure bias {bias.ratio:.3f}: free-running over teacher-forced loss")
    return lines


def _table(rows: list[tuple[str, ...]], *titles: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for position, title in enumerate(titles):
        is_text = position == 0 or not title
        table.add_column(title, justify="left" if is_text else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table
