"""A search of settings as it goes along, on stderr: a line a trial, and in the end what mattered."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from forecaster.show.console import plain_console

if TYPE_CHECKING:
    from forecaster.data import Understood
    from forecaster.run.search_findings import Finding, Found

WIDTH = 80  # characters that the table needs


class TuneProgress:
    """A listener of a search."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def on_begin(self, understood: "Understood", space: Mapping[str, Any], before: int) -> None:
        """Print what was found in the data, and what is varied."""
        self._console.print("\n".join(understood.lines()))
        more = f", after {before} trials of before" if before else ""
        self._console.print(f"varying {', '.join(space)}{more}; first what a fit would choose by itself")

    def on_trial(self, finding: "Finding", recipe: float) -> None:
        """Print how a trial ended."""
        if finding.error is None:
            said = finding.reason or "no error to compare"
        elif math.isnan(recipe):
            said = f"{finding.error:.4g} MASE"
        else:
            said = f"{finding.error:.4g} MASE, {finding.error / recipe:.3f} of the recipe's"
        self._console.print(f"trial {finding.number:3d}  {said}  ({written(finding.choices)})")

    def on_end(self, found: "Found") -> None:
        """Print what was chosen, how much each setting mattered, and what to do next."""
        if found.importance:
            table = Table(box=None, pad_edge=False)
            for name, justify in (("setting", "left"), ("mattered", "right"), ("chosen", "left")):
                table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
            for name, share in found.importance.items():
                table.add_row(name, f"{100 * share:.0f} %", short(found.chosen.choices.get(name, "")))
            wide = plain_console(quiet=self._console.quiet)
            wide.width = max(self._console.width, WIDTH)
            wide.print(table)
        if found.is_better:
            better = 100 * (1 - (found.chosen.error or 1.0))
            said = f"{better:.1f} % less error than the recipe's, on the windows of the search and on others"
        else:
            said = "nothing was clearly better than what a fit chooses by itself"
        self._console.print(f"{said}; next: forecaster fit DATA --config {found.output}")


def written(choices: Mapping[str, Any]) -> str:
    """Return the choices that are not the recipe's, in few words."""
    own = [f"{name} {short(value)}" for name, value in choices.items() if value not in (1.0, "default")]
    return ", ".join(own) or "the recipe"


def short(value: Any) -> str:
    """Return a choice; a number is times the recipe's."""
    return f"x {value:.2g}" if isinstance(value, float) else str(value)
