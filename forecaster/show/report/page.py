"""Write the page: one HTML file that loads nothing, for any screen, light or dark, and for paper."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from deploy.cells import safe_cell
from forecaster.config import RunConfig
from forecaster.evaluation.scores import Evaluation, Example
from forecaster.evaluation.unit_table import UnitScores
from forecaster.evaluation.units import rank_units
from forecaster.files import write_output
from forecaster.run.run import Run
from forecaster.show.report.charts import Chart, example_chart, explained_chart, score_charts, training_charts
from forecaster.show.report.plots import metric_of
from forecaster.show.wording import (
    COLUMNS,
    MODEL_ROW,
    describe_subject,
    number,
    overall_rows,
    relative_to_naive,
)

TEMPLATE, STYLE, SCRIPT = "report.html.j2", "report.css", "report.js"
BAR = 100  # units of the longest bar in the table


@dataclass(frozen=True)
class Row:
    """The model or a baseline in the table."""

    name: str
    cells: tuple[str, ...]  # of COLUMNS
    ratio: str  # the model's error over its own
    bar: float  # length, of BAR; 0 where its error is not known
    is_model: bool


@dataclass(frozen=True)
class Series:
    """The best, the median or the worst series."""

    chart: Chart
    role: str  # empty for the only one
    facts: tuple[str, ...]
    explained: Chart | None


@dataclass(frozen=True)
class Setting:
    """A setting of a run."""

    name: str
    value: str
    meaning: str  # empty where the name says it
    is_default: bool


def write_report(path: Path, evaluation: Evaluation, run: Run) -> int:
    """Write the page, and return its bytes. Raises RunError if it cannot be written."""
    page = render_report(evaluation, run)
    write_output(path, page)
    return len(page)


def render_report(evaluation: Evaluation, run: Run) -> bytes:
    """Return the page of an evaluation of a run; the same bytes for the same of both."""
    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=True,  # names of series and columns are anybody's
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": number, "cell": safe_cell}  # a page may be pasted into a spreadsheet
    style, script = (
        files(__package__).joinpath(name).read_text(encoding="utf-8") for name in (STYLE, SCRIPT)
    )
    settings = list_settings(run.config)
    page = environment.get_template(TEMPLATE).render(
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash_of(style),
        script_hash=_hash_of(script),
        evaluation=evaluation,
        subject=describe_subject(evaluation),
        columns=COLUMNS,
        rows=_rows(evaluation),
        series=[_series(example, evaluation, run) for example in evaluation.examples],
        score_charts=score_charts(evaluation),
        training_charts=training_charts(evaluation, run),
        data=run.data,
        settings=settings,
        chosen=sum(not line.is_default for lines in settings.values() for line in lines),
        versions=run.metrics.get("versions", {}),
    )
    return page.encode("utf-8", errors="replace")


def _hash_of(text: str) -> str:
    """Return what a content security policy knows an inline text by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _rows(evaluation: Evaluation) -> list[Row]:
    scores, metric = [evaluation.model.scores], metric_of(evaluation)
    scores += [baseline.scores for baseline in evaluation.baselines.values()]
    errors: list[float] = [getattr(one, metric) for one in scores]
    longest = max((error for error in errors if error > 0), default=1.0)
    return [
        Row(name, tuple(cells), ratio, round(BAR * error / longest, 1) if error > 0 else 0, name == MODEL_ROW)
        for (name, *cells, ratio), error in zip(overall_rows(evaluation), errors, strict=True)
    ]


def _series(example: Example, evaluation: Evaluation, run: Run) -> Series:
    unit = rank_units(evaluation.units)[example.role]
    name = safe_cell(" / ".join(unit.id) or ", ".join(run.data.columns.targets))
    role = example.role if len(evaluation.units) > 1 else ""
    drawn = example_chart(example, evaluation, run, name)
    explained = explained_chart(example, evaluation, run, name)
    return Series(drawn, role, tuple(_facts(unit, evaluation)), explained)


def _facts(unit: UnitScores, evaluation: Evaluation) -> list[str]:
    """Return what is said next to the name of a series."""
    scored = number(unit.scores.mase, ".3f")
    error = f"MAE {number(unit.scores.mae, '.4g')}" if scored == "-" else f"MASE {scored}"
    naive = next(iter(evaluation.baselines))
    count = f"{unit.windows} forecast{'' if unit.windows == 1 else 's'}"
    return [
        error,
        f"{relative_to_naive(unit)} of {naive}",
        count,
        *(["new to the run"] if unit.is_new else []),
    ]


def list_settings(config: RunConfig) -> dict[str, list[Setting]]:
    """Return every setting of each section, in the order of config.py."""
    return {name: list(_settings(section)) for name, section in config}


def _settings(section: BaseModel) -> Iterator[Setting]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        yield Setting(name, _text(value), field.description or "", _is_default(field, value))


def _is_default(field: FieldInfo, value: Any) -> bool:
    return not field.is_required() and bool(value == field.get_default(call_default_factory=True))


def _text(value: Any) -> str:
    if value is None or value == ():
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
