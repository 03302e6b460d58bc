"""The report of an evaluation: what it says, that it needs nothing else, and that names in it are texts."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from page_reader import read
from untrained import HORIZON, make_panel, make_run

from forecaster.data import Panel
from forecaster.evaluation.scores import Evaluation, Example, RestsOn
from forecaster.run.run import Run
from forecaster.show.report.page import list_settings, render_report
from forecaster.training.epochs import Epoch
from forecaster.workflows.evaluate import evaluate_panel
from forecaster.workflows.rolling import EvaluationOptions, load_served

pytestmark = pytest.mark.slow

FITTED, TRAINED = [60, 50, 55], [40, 30, 35]
LARGEST = 500_000  # bytes of a report of three series
HOSTILE = ("<script>alert(1)</script>", 'a & b "c" $x^2$ \\frac\'', "\u202e\x07{{ 7 * 7 }}")


def epoch_of(number: int, of: int) -> Epoch:
    """Losses that fall; the last epoch is the best."""
    return Epoch(
        epoch=number,
        updates=10 * number,
        progress=number / of,
        train_loss=1 / number,
        validation_loss=1 / number,
        mase=0.9,
        forced_share=1.0,
        forced_realised=1.0,
        exposure_bias=1.2,
        free_loss=(0.1, 0.2, 0.3),
        forced_loss=(0.1, 0.1, 0.2),
        learning_rate=1e-3,
        windows_per_second=100.0,
        seconds=number,
        best=number == of,
    )


def longer(panel: Panel, **parts: Any) -> Panel:
    """The series of a fit, two horizons on."""
    lengths = [length + 2 * HORIZON for length in FITTED][: panel.series_count]
    return make_panel(lengths, ids=panel.ids, columns=panel.columns, **parts)


def score(run: Run, panel: Panel, **options: int) -> Evaluation:
    return evaluate_panel(run, panel, load_served(run), EvaluationOptions(**options), "later.csv")


@pytest.fixture(scope="module")
def run() -> Run:
    made = make_run(make_panel(FITTED), TRAINED)
    return replace(made, logs=(tuple(epoch_of(number, 4) for number in range(1, 5)),))


@pytest.fixture(scope="module")
def evaluation(run: Run) -> Evaluation:
    return score(run, longer(make_panel(FITTED)))


@pytest.fixture(scope="module")
def page(run: Run, evaluation: Evaluation) -> str:
    return render_report(evaluation, run).decode()


def test_the_page_holds_what_was_found_in_this_order(page: str) -> None:
    headings = read(page).headings
    wanted = [
        "Compared with simple forecasts",
        "Best, median and worst series",
        "What these forecasts rest on",
        "MASE by step of the horizon",
        "Calibration",
        "Coverage by step of the horizon",
        "Exposure bias by decoder step",
        "Training curve",
        "What was understood of the data",
        "Configuration",
    ]
    assert [heading for heading in headings if heading in wanted] == wanted


def test_the_verdict_is_the_first_text(page: str, evaluation: Evaluation) -> None:
    body = [text.strip() for text in read(page.split("<body>")[1].split("</body>")[0]).texts]
    first = next(text for text in body if text)
    assert first.lower() == evaluation.verdict.lower() + "."


def test_a_verdict_that_is_worse_than_naive_begins_the_page(run: Run, evaluation: Evaluation) -> None:
    worse = replace(evaluation, verdict="worse than seasonal naive by 50 %: 1.500 MASE on 6 forecasts")
    page = render_report(worse, run).decode()
    assert read(page).headings[0] == "Worse than seasonal naive by 50 %: 1.500 MASE on 6 forecasts."


def test_the_page_loads_nothing(page: str) -> None:
    reader = read(page)
    assert not [found for found in reader.attributes if found[1] in ("src", "srcset", "data", "action")]
    assert all((value or "").startswith("#") for _, name, value in reader.attributes if name.endswith("href"))
    assert "http:" not in page
    assert "https:" not in page
    assert not re.search(r"@import|url\((?!#)", page)
    assert page.count("<script") == 1


def test_its_policy_allows_its_own_style_sheet_and_script_and_nothing_else(page: str) -> None:
    hashes = []
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*)</{tag}>", page, re.DOTALL)
        hashes.append(base64.b64encode(hashlib.sha256(text.encode()).digest()).decode())
    style, script = (
        f"{name}-src 'sha256-{one}'" for name, one in zip(("style", "script"), hashes, strict=True)
    )
    policy = f"default-src 'none'; {style}; {script}; base-uri 'none'; form-action 'none'"
    assert ("meta", "content", policy) in read(page).attributes
    assert not [found for found in read(page).attributes if found[1] == "style" or found[1].startswith("on")]


def test_figures_have_the_colours_of_the_page_and_none_of_their_own(page: str) -> None:
    own = [value for _, name, value in read(page).attributes if name in ("fill", "stroke")]
    assert set(own) <= {"none"}


def test_every_figure_says_what_it_shows(page: str) -> None:
    figures = re.findall(
        r'<svg viewBox="[^"]*" role="img" aria-labelledby="([^ ]*) ([^"]*)" data-frame', page
    )
    assert len(figures) == 15  # six of scores and training, three series twice, and what they rest on
    for title, description in figures:
        assert re.search(rf'<title id="{title}">[^<]+</title><desc id="{description}">[^<]+</desc>', page)


def test_every_baseline_has_a_row_and_a_line(run: Run, evaluation: Evaluation) -> None:
    naive = evaluation.baselines["naive"]
    more = replace(evaluation, baselines={**evaluation.baselines, "another": naive, "one more": naive})
    page = render_report(more, run).decode()
    errors = page.split("MASE by step of the horizon</h3>")[1].split("</ul>")[0]
    for name in more.baselines:
        assert f'<th scope="row">{name}</th>' in page
        assert f"</svg>{name}</li>" in errors


def test_errors_by_step_are_compared_with_the_best_baseline(run: Run, evaluation: Evaluation) -> None:
    naive = evaluation.baselines["naive"]
    best = replace(naive, scores=replace(naive.scores, mase=0.01))
    page = render_report(replace(evaluation, baselines={**evaluation.baselines, "best": best}), run).decode()
    assert f"; best: from {best.steps.mase[0]:.3g} to {best.steps.mase[-1]:.3g}." in page


def test_no_id_is_there_twice(page: str) -> None:
    ids = [value for _, name, value in read(page).attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_the_same_evaluation_gives_the_same_bytes(run: Run, evaluation: Evaluation, page: str) -> None:
    assert render_report(evaluation, run).decode() == page


def test_a_report_of_three_series_is_small(page: str) -> None:
    assert len(page.encode()) < LARGEST


def test_long_horizons_and_contexts_stay_small(run: Run, evaluation: Evaluation) -> None:
    def stretched(values: tuple[Any, ...], length: int) -> tuple[Any, ...]:
        return (values * length)[:length]

    def longer_parts(example: Example) -> RestsOn:
        assert example.rests_on is not None
        names = ("level", "linear", "recurrent", "bound")
        parts = {name: stretched(getattr(example.rests_on, name), 720) for name in names}
        return replace(example.rests_on, **parts)

    examples = tuple(
        replace(
            example,
            history_times=stretched(example.history_times, 3000),
            history=stretched(example.history, 3000),
            times=stretched(example.times, 720),
            moments=tuple(range(3720)),
            actual=stretched(example.actual, 720),
            quantiles=stretched(example.quantiles, 720),
            baselines={name: stretched(values, 720) for name, values in example.baselines.items()},
            rests_on=longer_parts(example),
        )
        for example in evaluation.examples
    )
    assert len(render_report(replace(evaluation, examples=examples), run)) < LARGEST


def test_names_of_series_and_columns_are_texts_whatever_they_hold() -> None:
    panel = make_panel(FITTED)
    columns = replace(panel.columns, targets=("<b>y</b>",), time="<i>t</i>")
    named = make_panel(FITTED, ids=tuple((name,) for name in HOSTILE), columns=columns)
    run = make_run(named, TRAINED)
    page = render_report(score(run, longer(named)), run).decode()
    reader = read(page)
    headings = "".join(reader.headings)
    assert all(name in headings for name in HOSTILE)
    assert "49" not in headings
    assert not re.search(r"<(script|b|i)\b", page.replace("<script>/**", ""))
    assert any("<b>y</b>" in text for text in reader.texts)


def test_names_are_no_formulas_for_a_spreadsheet_that_the_page_is_pasted_into() -> None:
    panel = make_panel(FITTED)
    columns = replace(panel.columns, targets=("=y",), time="@t")
    named = make_panel(FITTED, ids=(("=1+1",), ("\uff0b1",), ("-1",)), columns=columns)
    run = make_run(named, TRAINED)
    reader = read(render_report(score(run, longer(named)), run).decode())
    assert {"'=1+1", "'\uff0b1", "-1"} <= {heading.split(" ")[-1] for heading in reader.headings}
    assert "'=y" in reader.texts
    assert not any(text.startswith(("=", "@", "\uff0b")) for text in (*reader.texts, *reader.headings))


def test_one_series_is_called_by_its_target() -> None:
    panel = make_panel([60], ids=((),))
    run = make_run(panel, [40])
    headings = read(render_report(score(run, longer(panel)), run).decode()).headings
    assert headings[headings.index("The latest forecast") + 1] == "y"


def test_a_horizon_of_one_step_is_drawn(run: Run) -> None:
    page = render_report(score(run, longer(make_panel(FITTED)), horizon=1), run).decode()
    assert "at the only step" in page


def test_a_run_without_a_log_has_no_training_curve(run: Run, evaluation: Evaluation) -> None:
    headings = read(render_report(evaluation, replace(run, logs=((),))).decode()).headings
    assert "Training curve" not in headings
    assert "Exposure bias by decoder step" in headings


def test_what_is_not_known_is_a_dash_and_no_nan(run: Run, evaluation: Evaluation) -> None:
    model = replace(
        evaluation.model,
        scores=replace(evaluation.model.scores, mase=math.nan, rmsse=math.nan),
        owa=math.nan,
    )
    examples = tuple(
        replace(example, actual=(math.nan,) * HORIZON, history=(math.nan,) * len(example.history))
        for example in evaluation.examples
    )
    page = render_report(replace(evaluation, model=model, examples=examples), run).decode()
    assert "MAE by step of the horizon" in page
    assert "nan" not in page


@pytest.mark.parametrize("known", [0, 1])
def test_a_series_without_a_history_to_draw_is_drawn(run: Run, evaluation: Evaluation, known: int) -> None:
    examples = tuple(
        replace(example, history_times=example.history_times[:known], history=example.history[:known])
        for example in evaluation.examples
    )
    assert "Best, median and worst" in render_report(replace(evaluation, examples=examples), run).decode()


def test_the_values_of_a_figure_are_those_of_its_forecast(page: str, evaluation: Evaluation) -> None:
    levels = evaluation.subject.quantile_levels
    tables = re.findall(r'<details class="values">(.*?)</details>', page, re.DOTALL)
    for table, example in zip(tables, evaluation.examples, strict=True):
        heads, *rows = [
            line.split("\t") for line in table.split("<pre>\n")[1].split("\n</pre>")[0].split("\n")
        ]
        assert heads == ["time", "actual", "median", "quantile 0.1", "quantile 0.9", "seasonal naive"]
        past, ahead = rows[: -len(example.times)], rows[-len(example.times) :]
        assert [tuple(row) for row in past] == [
            (time, f"{value:.1f}")
            for time, value in zip(example.history_times[-12:], example.history[-12:], strict=True)
        ]
        assert [row[0] for row in ahead] == list(example.times)
        shown = np.array([[float(text) for text in row[1:]] for row in ahead])
        places = [levels.index(level) for level in (0.5, 0.1, 0.9)]
        quantiles = np.array(example.quantiles)[:, places]
        expected = np.column_stack([example.actual, quantiles, example.baselines["seasonal naive"]])
        assert shown == pytest.approx(expected, abs=0.051)


def test_the_configuration_is_folded_away_and_says_how_much_of_it_was_chosen(page: str, run: Run) -> None:
    folded = re.search(
        r"<section aria-labelledby=\"settings\">\n<details>\n(.*?)</details>\n</section>", page, re.DOTALL
    )
    assert folded is not None
    chosen = sum(not line.is_default for lines in list_settings(run.config).values() for line in lines)
    assert f'<span class="note">{chosen} settings not as by default</span></summary>' in folded[1]
    assert folded[1].count('<div class="chosen">') == chosen


def test_settings_that_are_as_by_default_are_told_from_the_others(page: str) -> None:
    assert '<div class="chosen"><dt>hidden_size</dt><dd><bdi>8</bdi></dd></div>' in page
    assert "<div><dt>batch_size</dt><dd><bdi>256</bdi></dd></div>" in page


@pytest.mark.parametrize("name", ["report.html.j2", "report.css", "report.js"])
def test_what_the_page_is_made_of_is_in_the_package(name: str) -> None:
    assert files("forecaster.show.report").joinpath(name).is_file()


def test_wheels_hold_whatever_is_in_the_package() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[4] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["forecaster", "deploy"]}


def test_what_the_examples_rest_on_is_said(page: str, evaluation: Evaluation) -> None:
    for example in evaluation.examples:
        assert example.rests_on is not None
        assert example.rests_on.sentence in page
        parts = zip(example.rests_on.level, example.rests_on.linear, example.rests_on.recurrent, strict=True)
        middle = evaluation.subject.quantile_levels.index(0.5)
        assert [sum(part) for part in parts] == pytest.approx(
            [quantiles[middle] for quantiles in example.quantiles], rel=1e-5
        )


def test_an_evaluation_of_a_bundle_of_before_has_no_such_section(run: Run, evaluation: Evaluation) -> None:
    before = replace(
        evaluation, examples=tuple(replace(example, rests_on=None) for example in evaluation.examples)
    )
    assert "rest on" not in render_report(before, run).decode()
