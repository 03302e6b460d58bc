"""Scores of a model, as an evaluation returns them in Python."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from deploy.shown.notebook import block, number, rows_of
from forecaster.data import Library

if TYPE_CHECKING:  # a forecast without a fit needs no torch
    from forecaster.evaluation.scores import Evaluation
    from forecaster.run.run import Run

SHOWN = ("mase", "smape", "rmsse", "mae", "rmse")  # in a notebook


@dataclass(frozen=True, repr=False)
class Scores:
    """How well a model forecast values that did not train it, next to baselines.

    Frames are of the library of the data. Every score is explained in forecaster/evaluation/scores.py and on
    the page of evaluations.

    Attributes:
        evaluation: All findings; `to_json()` gives them in types of JSON.

    Examples:
        >>> scores = model.evaluate(windows=1)
        >>> sorted(scores.overall)[:3]
        ['coverage_gap', 'crps', 'mae']
    """

    evaluation: "Evaluation"
    _run: "Run"
    _library: Library

    @property
    def verdict(self) -> str:
        """Return one sentence: what was scored, and whether the model beats the baselines."""
        return self.evaluation.verdict

    @property
    def overall(self) -> dict[str, float]:
        """Return every overall figure of the model by its name, such as mase; lower is better."""
        return self.evaluation.overall()

    def by_model(self) -> Any:
        """Return a frame with a row for the model and each baseline, and a column for each score."""
        found = self.evaluation
        others = {"owa": found.model.owa, "crps": found.model.crps, "wql": found.model.wql}
        rows = [{"model": "model", **asdict(found.model.scores), **others}]
        rows += [{"model": name, **asdict(one.scores)} for name, one in found.baselines.items()]
        return self._library.frame(pd.DataFrame(rows))

    def by_series(self) -> Any:
        """Return a frame with a row for each series: its id, its scores, those of baselines (mae)."""
        names = self._run.data.columns.series
        rows = []
        for unit in self.evaluation.units:
            key = dict(zip((*names, "target"), unit.id, strict=False))
            baselines = {f"mae of {name}": mae for name, mae in unit.baselines_mae.items()}
            scores = {**asdict(unit.scores), "crps": unit.crps, "wql": unit.wql}
            rows.append({**key, "values": unit.values, **scores, **baselines})
        return self._library.frame(pd.DataFrame(rows))

    def by_step(self) -> Any:
        """Return a frame with a row for each step of the horizon: mase, smape, mae, rmse and crps."""
        model = self.evaluation.model
        columns = {**asdict(model.steps), "crps": model.crps_by_step}
        steps = {"step": range(1, len(model.crps_by_step) + 1)}
        return self._library.frame(pd.DataFrame({**steps, **columns}))

    def write_report(self, path: str | os.PathLike[str]) -> Path:
        """Write charts and tables as one HTML file, as `forecaster evaluate -o` does.

        Args:
            path: The file to write.

        Returns:
            The file.

        Raises:
            RunError: It cannot be written.

        Examples:
            >>> model.evaluate(windows=1).write_report("report.html").name
            'report.html'
        """
        from forecaster.show.report.page import write_report  # matplotlib is slow to import

        write_report(Path(path), self.evaluation, self._run)
        return Path(path)

    def __repr__(self) -> str:
        return f"Scores({self.verdict})"

    def _repr_html_(self) -> str:
        every = {"model": self.evaluation.model.scores}
        every |= {name: one.scores for name, one in self.evaluation.baselines.items()}
        body = [[name, *(number(getattr(one, score)) for score in SHOWN)] for name, one in every.items()]
        return block(self.verdict, [], tabled=rows_of(["", *SHOWN], body))
