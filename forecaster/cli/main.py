"""The command line. Each command's body is its pipeline; heavy imports wait until a command runs."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import click

from forecaster.cli.options import CONFIG_OPTION, CSV, SET_OPTION, data_options

RUN = Path("run")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="lstm-forecaster", prog_name="forecaster")
def cli() -> None:
    """Train an LSTM encoder-decoder on a CSV, export it to ONNX, forecast anywhere."""


@cli.command()
@click.argument("data", type=CSV)
@click.option("-o", "--output", type=CSV, default=RUN, show_default=True, help="Run folder to write.")
@data_options
@click.option("--horizon", type=click.IntRange(min=1), help="Steps to forecast.")
@click.option("--context", type=click.IntRange(min=1), help="Steps of history to look at.")
@click.option("--patch", type=click.IntRange(min=1), help="Steps in one recurrent step.")
@click.option("--lower", help="Forecasts are never below this number; 'none' for no bound.")
@click.option("--schedule", help="Share of true values fed to the decoder as training goes on.")
@click.option("--direction", help="decay: from forced to free; increase: the other way.")
@click.option("--level", "levels", type=float, multiple=True, help="Quantile level; repeat for several.")
@click.option("--weighting", help="windows: long series count more; series: all count alike.")
@click.option("--members", type=click.IntRange(min=1), help="Networks to train and average.  [default: 1]")
@click.option("--max-time", help="Stop after this long, such as 90s, 5m, 1h.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of all random draws.")
@click.option("--device", help="auto, cpu or cuda.")
@CONFIG_OPTION
@SET_OPTION
@click.option("--from", "origin", type=CSV, metavar="RUN", help="Go on from a finished run, on new data.")
@click.option("--resume", is_flag=True, help="Go on where a killed fit of the same command stopped.")
@click.option("--json", "as_json", is_flag=True, help="Print what came about as JSON, on stdout.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def fit(data: Path, output: Path, as_json: bool, quiet: bool, resume: bool, **options: Any) -> None:
    """Train on the series in DATA, a CSV or Parquet file."""
    from forecaster.config.settings import collect_settings, read_settings
    from forecaster.files import to_json
    from forecaster.run.folder import RunFolder
    from forecaster.run.run import save_run
    from forecaster.show import console
    from forecaster.show.progress import FitProgress
    from forecaster.training.members import fit_members
    from forecaster.training.resume.interruption import Interrupted
    from forecaster.workflows.inspect import describe_run
    from forecaster.workflows.preparation import prepare

    messages = console.messages(quiet=quiet)
    file = read_settings(options.pop("config"))
    origin = options.pop("origin")
    settings = collect_settings(file, options.pop("settings"), options)
    folder = RunFolder(output, resume=resume)
    folder.check_free(origin)
    prepared = prepare(data, settings, origin)
    console.print_understood(messages, prepared.understood)
    console.print_plan(messages, prepared.understood, prepared.config)
    folder.announce()
    with FitProgress(messages, folder) as progress:
        try:
            fitted = fit_members(prepared.panel, prepared.config, progress, folder, prepared.origins)
        except Interrupted as stop:
            raise stop.with_remedy(f"go on with: {console.resuming_command()}") from None
    record = prepared.record(fitted)
    save_run(folder, fitted.config, record, fitted)
    console.print_fitted(messages, fitted, output)
    if as_json:
        content = describe_run(output, fitted.config, prepared.understood, fitted.metrics())
        click.echo(to_json(content).decode().rstrip())


@cli.command()
@click.argument("run", type=CSV, default=RUN)
@click.option("-o", "--output", type=CSV, help="Bundle folder to write.  [default: RUN/bundle]")
@click.option(
    "--triton",
    type=CSV,
    metavar="REPOSITORY/NAME",
    help="Also write a model of this name into a model repository of NVIDIA Triton.",
)
@click.option("--quiet", is_flag=True, help="Print errors only.")
def export(run: Path, output: Path | None, triton: Path | None, quiet: bool) -> None:
    """Export RUN as a bundle of ONNX graphs, checked against torch."""
    from deploy.bundle.bundle import read_bundle
    from forecaster.export.bundle import write_bundle
    from forecaster.export.triton import check_place, write_model
    from forecaster.run.run import load_run
    from forecaster.show import console

    messages = console.messages(quiet=quiet)
    path = output or run / "bundle"
    if triton:
        check_place(triton)
    manifest = write_bundle(load_run(run), path)
    console.print_exported(messages, path, manifest)
    if triton:
        write_model(read_bundle(path), triton)
        console.print_triton(messages, triton)


@cli.command()
@click.argument("data", type=CSV)
@click.option("--bundle", type=CSV, default=RUN / "bundle", show_default=True, help="Exported bundle.")
@click.option("--future", type=CSV, help="CSV with the known covariates of the steps to forecast.")
@click.option("--horizon", type=click.IntRange(min=1), help="Steps to forecast.  [default: as trained]")
@click.option(
    "-o", "--output", type=CSV, default=Path("forecast.csv"), show_default=True, help="CSV to write."
)
@click.option("--level", "levels", type=float, multiple=True, help="Quantile level to write; repeat.")
@click.option(
    "--method",
    type=click.Choice(["graph", "step"]),
    default="graph",
    show_default=True,
    help="One graph, or the loop over the decoder step.",
)
@click.option("--paths", type=click.IntRange(min=1), help="Also draw so many sample paths of each series.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the sample paths.  [default: 0]")
@click.option(
    "--provider", default="auto", show_default=True, help="auto, cpu, cuda or an ONNX Runtime name."
)
@click.option("--na", multiple=True, help="Text that means missing; repeat for several.")
@click.option("--plot", is_flag=True, help="Draw the forecast in the terminal.")
@click.option("--save-plot", type=CSV, metavar="FILE", help="Draw the forecast into a .png, .svg or .pdf.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def forecast(data: Path, bundle: Path, output: Path, **options: Any) -> None:
    """Forecast what follows DATA, a file like the one that was trained on."""
    from deploy.predictor import Predictor
    from forecaster.files import check_writable, write_atomically
    from forecaster.forecasts.forecast_table import (
        forecast_table,
        paths_file,
        paths_table,
        series_apart,
        to_csv,
    )
    from forecaster.forecasts.through_predictor import (
        ForecastOptions,
        PathOptions,
        forecast_panel,
        sample_panel,
    )
    from forecaster.show import console
    from forecaster.show.terminal import draw_forecasts
    from forecaster.workflows.reading import read_for, read_future

    messages = console.messages(quiet=options["quiet"])
    asked = PathOptions.of(options["paths"], options["seed"], options["horizon"])
    outputs = [output, paths_file(output)] if asked else [output]
    for file in outputs:
        check_writable(file)
    if picture := options["save_plot"]:
        from forecaster.show.forecast_picture import (  # matplotlib is slow to import
            check_picture,
            save_picture,
        )

        check_picture(picture)
    predictor = Predictor.load(bundle, providers=options["provider"])
    panel = read_for(data, predictor.manifest, options["na"])
    future = read_future(options["future"], predictor.manifest, options["na"]) if options["future"] else None
    settings = ForecastOptions(options["horizon"], options["method"])
    made = forecast_panel(predictor, panel, settings, future)
    apart, made = series_apart(panel, made)
    tables = [forecast_table(apart, made, options["levels"])]
    if asked:
        tables.append(paths_table(panel, sample_panel(predictor, panel, asked, future)))
    if options["plot"]:
        click.echo(draw_forecasts(apart, made))
    for file, table in zip(outputs, tables, strict=True):
        write_atomically(file, to_csv(apart, table))
    if picture:
        save_picture(picture, apart, made)
        outputs.append(picture)
    console.print_forecast(messages, outputs, apart, made)


@cli.command()
@click.argument("data", type=CSV)
@click.option(
    "--run", type=CSV, default=RUN, show_default=True, help="Run to score: its bundle, if it has one."
)
@click.option("--horizon", type=click.IntRange(min=1), help="Steps to forecast.  [default: as trained]")
@click.option("--stride", type=click.IntRange(min=1), help="Steps between origins.  [default: the horizon]")
@click.option(
    "--windows", type=click.IntRange(min=1), help="Windows of a series, the latest.  [default: all]"
)
@click.option("-o", "--output", type=CSV, help="Report to write: one HTML file that needs nothing else.")
@click.option("--na", multiple=True, help="Text that means missing; repeat for several.")
@click.option(
    "--fail-over",
    "gates",
    multiple=True,
    metavar="METRIC=VALUE",
    help="Exit with code 7 if an overall figure, such as mase or mase_ratio, is above; repeat.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON, on stdout.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def evaluate(data: Path, run: Path, as_json: bool, quiet: bool, **options: Any) -> None:
    """Score RUN on the values of DATA that follow those it was trained on, beside simple forecasts."""
    from forecaster.evaluation.verdict import check_gates, parse_gates
    from forecaster.files import check_writable, to_json
    from forecaster.show import console
    from forecaster.show.scoreboard import print_evaluation
    from forecaster.workflows.evaluate import EvaluationOptions
    from forecaster.workflows.evaluate import evaluate as score

    messages, report = console.messages(quiet=quiet), options["output"]
    gates = parse_gates(options["gates"])
    if report:
        check_writable(report)
    settings = EvaluationOptions(options["horizon"], options["stride"], options["windows"])
    evaluation = score(data, run, settings, options["na"])
    if as_json:
        click.echo(to_json(evaluation.to_json()).decode().rstrip())
    elif not quiet:
        print_evaluation(evaluation)
    if report:
        from forecaster.run.run import load_run
        from forecaster.show.report.page import write_report  # matplotlib is slow to import

        write_report(report, evaluation, load_run(run))
        console.print_report(messages, report)
    check_gates(gates, evaluation.overall())


@cli.command()
@click.argument("path", type=CSV, default=RUN)
@data_options
@CONFIG_OPTION
@SET_OPTION
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing; the exit code says whether PATH is whole.")
def inspect(path: Path, as_json: bool, quiet: bool, **options: Any) -> None:
    """Say what is understood of a data file, or what is in a run or a bundle, at PATH.

    The options, but for --json and --quiet, are for data files.
    """
    from forecaster.config.settings import collect_settings, read_settings
    from forecaster.files import to_json
    from forecaster.show import console
    from forecaster.workflows.inspect import describe, render

    console.messages(quiet=quiet)
    file = read_settings(options.pop("config"))
    content = describe(path, collect_settings(file, options.pop("settings"), options))
    if not quiet:
        click.echo(to_json(content).decode().rstrip() if as_json else render(content))


@cli.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: tuple[str, ...]) -> None:
    """Serve bundles over HTTP, such as --bundle run/bundle."""
    from deploy.server.__main__ import run

    sys.exit(run(arguments, "forecaster serve", str(RUN / "bundle")))


logging.getLogger("forecaster").addHandler(logging.NullHandler())
