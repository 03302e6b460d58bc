"""Print an evaluation: the verdict, the model compared with baselines, a few series."""

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console, JustifyMethod
from rich.table import Table

from deploy.places import output_name
from forecaster.evaluation.scores import Evaluation
from forecaster.files import print_text
from forecaster.show.console import LineConsole, print_json
from forecaster.show.wording import COLUMNS, describe_subject, overall_rows, unit_rows

WIDE, WIDEST = 100, 1000  # characters that the tables need, and that none does


def print_evaluation(
    evaluation: Evaluation, *, as_json: bool = False, quiet: bool = False, on_stderr: bool = False
) -> None:
    """Print all figures as JSON on stdout, or a table of them, also on stderr; no table if quiet."""
    if as_json:
        print_json(evaluation.to_json())
    elif not quiet:
        console = LineConsole(stderr=on_stderr)
        with console.capture() as printed:
            _print_tables(evaluation, console)
        (sys.stderr.write if on_stderr else print_text)(printed.get())


def print_report(console: Console, report: Path, write: Callable[[Path], int]) -> None:
    """Write a page, and print where it is and how large. write: returns its bytes."""
    size = write(report)
    console.print(f"{output_name(report)}: {size / 1024:.0f} KiB, one file that needs nothing else")


def _print_tables(evaluation: Evaluation, console: LineConsole) -> None:
    console.print(evaluation.verdict)
    console.print("\n".join(f"  {line}" for line in describe_subject(evaluation)))
    _print_table(console, overall_rows(evaluation), "", *COLUMNS, "model / it")
    console.print("\n".join(f"  {line}" for line in _figures(evaluation)))
    if len(evaluation.units) > 1:
        _print_table(console, unit_rows(evaluation), "series", "", *COLUMNS, "/ seasonal naive")


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


def _print_table(console: LineConsole, rows: list[tuple[str, ...]], *titles: str) -> None:
    """Print a table; on a narrow terminal without the last of COLUMNS, which it names."""
    if not console.is_terminal:
        console.width = WIDE
        console.print(_table(rows, titles))
        return
    roomy = console.options.update(max_width=WIDEST)
    for count in range(len(COLUMNS), 0, -1):
        kept = [place for place, title in enumerate(titles) if title not in COLUMNS[count:]]
        shown = [tuple(row[place] for place in kept) for row in rows]
        table = _table(shown, [titles[place] for place in kept], console.width // 3)
        if console.measure(table, options=roomy).maximum <= console.width:
            break
    console.print(table)
    if left_out := COLUMNS[count:]:
        console.print(f"  {', '.join(left_out)}: on a wider terminal, or by --json")


def _table(rows: Sequence[tuple[str, ...]], titles: Sequence[str], longest: int | None = None) -> Table:
    """Return a table. longest: characters of a name, of which more stand on further lines."""
    table = Table(box=None, pad_edge=False)
    for position, title in enumerate(titles):
        is_text = position == 0 or not title
        is_name = position == 0 and longest is not None
        side: JustifyMethod = "left" if is_text else "right"
        table.add_column(title, justify=side, no_wrap=not is_name, max_width=longest if is_name else None)
    for row in rows:
        table.add_row(*row)
    return table
