"""Intervals that correct themselves: replays of a stream through rows that its model has not seen.

usage: python -m benchmarks.adaptive --bundle BUNDLE --data CSV [--first ROW] [--rows N] [--every N] [--json]
       python -m benchmarks.adaptive --bundle BUNDLE --data CSV --joint [--first ROW] [--every N] [--json]
       python -m benchmarks.adaptive --simulate [--streams N] [--json]
       python -m benchmarks.adaptive --alarm [--streams N] [--steps N] [--json]

--bundle: each numeric column of the file is a stream, opened on the context before row `--first`, updated
value by value for `--rows` rows and asked for a forecast every `--every` values; compared with the same
stream that is not adaptive: coverage of the 80 % interval, its width, and the CRPS by the levels of the
model, over all windows; then again after the level of the rows has moved by five deviations, and after
their noise has doubled, from two horizons after the change on. --joint: how many whole trajectories stay in
the joint bands instead. --simulate: the tracker alone, on
autoregressive series whose true quantiles it is given: what it loses where there is nothing to learn, and
what it gains where there is. --alarm: autoregressive streams, forecast one step ahead by their true
quantiles and by such that are half as wide: how many ring within so many steps; how soon after a shift of two
deviations, and after the noise has doubled; and how often p-values are as small as they say.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.markdown import table
from deploy import Predictor
from deploy.adaptive.alarm import DELTA
from deploy.adaptive.said import Adaptation

LEVELS = tuple(round(0.1 * k, 1) for k in range(1, 10))
NORMAL = np.array([NormalDist().inv_cdf(level) for level in LEVELS])
Row = dict[str, Any]


class Scores:
    """Sums over forecasts: hits of the 80 % interval, its width, the pinball loss of all levels."""

    def __init__(self, levels: tuple[float, ...]) -> None:
        self.levels, self.low, self.high = np.array(levels), levels.index(0.1), levels.index(0.9)
        self.sums, self.count = np.zeros(3), 0

    def add(self, quantiles: Any, actual: Any) -> None:
        """quantiles: (..., level), actual: (...)."""
        low, high = quantiles[..., self.low], quantiles[..., self.high]
        missed = actual[..., None] - quantiles
        loss = 2 * np.maximum(self.levels * missed, (self.levels - 1) * missed).mean(-1)
        self.sums += [((actual >= low) & (actual <= high)).sum(), (high - low).sum(), loss.sum()]
        self.count += actual.size

    @property
    def means(self) -> Any:
        return self.sums / self.count


def compared(name: str, adaptive: Scores, plain: Scores) -> Row:
    (coverage, width, crps), (before, plain_width, plain_crps) = adaptive.means, plain.means
    return {
        "of": name,
        "coverage": round(coverage, 3),
        "coverage_before": round(before, 3),
        "width": round(width / plain_width, 3),
        "crps": round(crps / plain_crps, 4),
        "forecasts": adaptive.count,
    }


def replay(
    predictor: Predictor, values: Any, first: int, every: int, scored: int
) -> tuple[Scores, Scores, float]:
    """One column: the scores of forecasts made from row `scored` on, and seconds of CPU an update takes."""
    manifest = predictor.manifest
    horizon, levels = manifest.horizon, manifest.quantile_levels
    begin = max(0, first - manifest.context_length)
    streams = [predictor.stream(values[begin:first], adaptive=adaptive) for adaptive in (True, False)]
    scores, spent = [Scores(levels) for _ in streams], 0.0
    for row in range(first, len(values) - horizon):
        if (row - first) % every == 0:
            for stream, score in zip(streams, scores, strict=True):
                quantiles = stream.forecast().quantiles[0]
                if row >= scored:
                    score.add(quantiles, values[row : row + horizon])
        began = time.process_time()
        streams[0].update(values[row])
        spent += time.process_time() - began
        streams[1].update(values[row])
    return scores[0], scores[1], spent / (len(values) - horizon - first)


def replays(options: argparse.Namespace) -> list[Row]:
    predictor = Predictor.load(options.bundle)
    frame = pd.read_csv(options.data).select_dtypes("number")
    last, horizon = options.first + options.rows, predictor.manifest.horizon
    change = options.first + options.rows // 3
    deviation = frame.iloc[: options.first].diff(24).std().to_numpy()
    generator = np.random.default_rng(0)
    rows: list[Row] = []
    cases: dict[str, Callable[[Any], Any]] = {
        "as it is": lambda values: values,
        "level moved": lambda values: moved(values, change, 5 * deviation),
        "noise doubled": lambda values: noisy(values, change, deviation, generator),
    }
    for name, changed in cases.items():
        values = changed(frame.to_numpy(np.float64)[:last].copy())
        scored = options.first if name == "as it is" else change + 2 * horizon
        parts = [replay(predictor, column, options.first, options.every, scored) for column in values.T]
        adaptive, plain = (sum_of([part[k] for part in parts]) for k in (0, 1))
        micros = 1e6 * float(np.median([part[2] for part in parts]))
        rows.append({**compared(name, adaptive, plain), "update_us": round(micros)})
    return rows


def joint_bands(options: argparse.Namespace) -> list[Row]:
    """How many of the trajectories of each column stay in joint bands, of streams that adapt or not."""
    predictor = Predictor.load(options.bundle)
    table = pd.read_csv(options.data).select_dtypes("number").to_numpy(np.float64)
    first, horizon, rows = options.first, predictor.manifest.horizon, []
    last = min(first + options.rows, len(table)) - horizon + 1
    for is_adaptive in (False, True):
        held: dict[float, list[bool]] = {level: [] for level in predictor.manifest.bands.intervals}
        for values in table.T:
            begin = max(0, first - predictor.manifest.context_length)
            stream = predictor.stream(values[begin:first], adaptive=is_adaptive)
            for row in range(first, last, options.every):
                actual, forecast = values[row : row + horizon], stream.forecast()
                for level, found in held.items():
                    low, high = forecast.joint(level)
                    found.append(bool(((actual >= low[0]) & (actual <= high[0])).all()))
                stream.update(values[row : row + options.every])
        shares = {f"{level:.0%}": round(float(np.mean(found)), 3) for level, found in held.items()}
        rows.append({"of": "adaptive" if is_adaptive else "plain", **shares})
    return rows


def moved(values: Any, change: int, by: Any) -> Any:
    values[change:] += by
    return values


def noisy(values: Any, change: int, deviation: Any, generator: np.random.Generator) -> Any:
    """Double the deviation of differences over a day: independent noise has √2 of its own in a difference."""
    extra = generator.standard_normal(values[change:].shape) * deviation * (3 / 2) ** 0.5
    values[change:] += extra
    return values


def sum_of(parts: list[Scores]) -> Scores:
    whole = Scores(tuple(parts[0].levels))
    whole.sums, whole.count = sum(part.sums for part in parts), sum(part.count for part in parts)
    return whole


def simulate(streams: int, steps: int = 1500, horizon: int = 24) -> list[Row]:
    rows = []
    for memory in (0.5, 0.9):
        for name, width, change in (
            ("stationary", 1.0, 1.0),
            ("40 % too wide", 1.4, 1.0),
            ("noise doubled", 1.0, 2.0),
        ):
            adaptive, plain = Scores(LEVELS), Scores(LEVELS)
            for seed in range(streams):
                one_stream(seed, memory, width, change, steps, horizon, adaptive, plain)
            rows.append(compared(f"{name}, AR({memory})", adaptive, plain))
    return rows


def one_stream(
    seed: int,
    memory: float,
    width: float,
    change: float,
    steps: int,
    horizon: int,
    adaptive: Scores,
    plain: Scores,
) -> None:
    """A stream whose noise changes half-way; after a change, scored from two horizons later on."""
    noise = np.random.default_rng(seed).standard_normal(steps + horizon)
    noise[steps // 2 :] *= change
    values = np.zeros(len(noise))
    for step in range(1, len(values)):
        values[step] = memory * values[step - 1] + noise[step]
    leads = np.arange(1, horizon + 1)
    deviations = np.sqrt((1 - memory ** (2 * leads)) / (1 - memory**2)) * width
    adaptation = Adaptation.fresh(LEVELS, horizon)
    assert adaptation is not None
    scored = steps // 2 + 2 * horizon if change != 1 else 0
    for origin in range(steps):
        if origin:
            adaptation = adaptation.compare(values[origin : origin + 1])
        quantiles = memory ** leads[:, None] * values[origin] + deviations[:, None] * NORMAL
        if origin >= scored:
            actual = values[origin + 1 : origin + 1 + horizon]
            adaptive.add(adaptation.adjust(quantiles), actual)
            plain.add(quantiles, actual)
        adaptation = adaptation.say(origin, quantiles[:, None])


def alarms(streams: int, steps: int) -> list[Row]:
    """Rows of streams that stay as they are, and of such that change after some hundreds of values."""
    rows: list[Row] = []
    for name, width in (("right quantiles", 1.0), ("quantiles half as wide", 0.5)):
        found = [watched(seed, steps, steps, 0.0, 1.0, width) for seed in range(streams)]
        p_values = np.concatenate([p_values for _, p_values in found])
        rows.append(
            {
                "of": f"stationary, {name}",
                "streams": streams,
                "rang": sum(rung is not None for rung, _ in found),
                "p ≤ .1": round(float((p_values <= 0.1).mean()), 4),
                "p ≤ .01": round(float((p_values <= 0.01).mean()), 4),
            }
        )
    for name, shift, factor in (("two deviations", 2.0, 1.0), ("noise doubled", 0.0, 2.0)):
        for before in (100, 300, 1000, 3000):
            rungs = [watched(seed, before + 150, before, shift, factor)[0] for seed in range(streams)]
            after = [150 if rung is None else rung - before + 1 for rung in rungs]
            median, late = np.quantile(after, [0.5, 0.9])
            rows.append(
                {
                    "of": f"{name} after {before:,} values",
                    "streams": streams,
                    "rang": sum(rung is not None for rung in rungs),
                    "median steps": median,
                    "nine of ten within": late,
                }
            )
    return rows


def watched(
    seed: int, steps: int, change: int, shift: float, factor: float, width: float = 1.0
) -> tuple[int | None, Any]:
    """When the alarm rang, if it did, and the p-values: of noise whose autoregression the model knows."""
    noise = np.random.default_rng(seed).standard_normal(steps)
    noise[change:] = noise[change:] * factor + shift
    adaptation = Adaptation.fresh(LEVELS, 1)
    assert adaptation is not None
    rung, p_values, value = None, np.empty(steps), 0.0
    for step, innovation in enumerate(noise.tolist()):
        adaptation = adaptation.say(step, (0.5 * value + width * NORMAL)[None, None])
        value = 0.5 * value + innovation
        adaptation = adaptation.compare(np.array([value]))
        found = adaptation.surprise
        if rung is None and found.highest >= 1 / DELTA:
            rung = step
        assert found.p_values is not None
        p_values[step] = found.p_values[0]
    return rung, p_values


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--first", type=int, default=11520)
    parser.add_argument("--rows", type=int, default=2880)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--simulate", action="store_true")
    parser.add_argument("--joint", action="store_true")
    parser.add_argument("--alarm", action="store_true")
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.joint:
        rows = joint_bands(options)
    elif options.alarm:
        rows = alarms(options.streams, options.steps)
    else:
        rows = simulate(options.streams) if options.simulate else replays(options)
    print(json.dumps(rows) if options.json else table(rows))


if __name__ == "__main__":
    main()
