"""python -m forecaster.pretraining FAMILY: make the shipped weights of a family from a seed."""

import json
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import Any

import click
import numpy as np
import torch
from safetensors.numpy import save

from forecaster import pretrained
from forecaster.files import to_json, write_atomically
from forecaster.pretrained.kinds import FAMILIES
from forecaster.pretrained.shipped import CARD
from forecaster.pretrained.shipped import FOLDER as WEIGHTS
from forecaster.pretraining.pretrain import BATCH, Pretraining
from forecaster.pretraining.supply import SERIES, USES
from forecaster.training.machine.processor import set_for_training

SHOWN_EVERY = 500
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


@dataclass
class Progress:
    """Losses of each season since the last line, and the time so far."""

    began: float = field(default_factory=time.process_time)
    losses: dict[str, list[float]] = field(default_factory=dict)

    def show(self, updates: int, what: str, loss: float) -> None:
        """Take note of an update, and print a line now and then."""
        self.losses.setdefault(what.split()[0], []).append(loss)
        if updates % SHOWN_EVERY == 0:
            means = [f"{season}: {fmean(found):.4f}" for season, found in sorted(self.losses.items())]
            spent = f"update {updates:>6}  {self.seconds():6.0f} s of CPU"
            click.echo(f"{spent}  loss by season  {'  '.join(means)}", err=True)
            self.losses.clear()

    def seconds(self) -> float:
        """Return the processor time so far."""
        return time.process_time() - self.began


def release(run: Pretraining, folder: Path | None = None) -> Path:
    """Write the averaged weights of a run and its entry in the card. folder: None, that of the package.

    float16 holds them to 1 in 2,000, which no score sees.
    """
    folder = folder or Path(next(iter(pretrained.__path__))) / WEIGHTS
    folder.mkdir(parents=True, exist_ok=True)
    halves = {
        name: np.ascontiguousarray(part.detach().cpu().numpy().astype(np.float16))
        for name, part in run.averages.items()
    }
    path, content = folder / f"{run.family.name}.safetensors", save(halves)
    write_atomically(path, content)
    card = folder / CARD
    known: dict[str, Any] = json.loads(card.read_bytes()) if card.exists() else {"families": {}}
    known["families"][run.family.name] = describe(run, content)
    write_atomically(card, to_json(known))
    return path


def describe(run: Pretraining, content: bytes) -> dict[str, Any]:
    """Return the entry of a family in the card."""
    pools = list(run.pools.values())
    return {
        "sha256": sha256(content).hexdigest(),
        "bytes": len(content),
        "parameters": sum(part.numel() for part in run.averages.values()),
        "seed": run.seed,
        "updates": run.updates,
        "windows": run.updates * BATCH,
        "series": sum((pool.used // (SERIES * USES) + 1) * SERIES for pool in pools if pool.used),
        "seasons": [kind.season for kind in run.family.kinds],
        "data": "made-up series alone, see docs/prior.md; no value of any real series",
    }


@click.command()
@click.argument("family", type=click.Choice(sorted(FAMILIES)))
@click.option(
    "--hours",
    type=click.FloatRange(min=0, min_open=True),
    help="Core-hours, about.  [default: the updates of the shipped weights]",
)
@click.option("--updates", type=click.IntRange(min=1), help="Instead of hours.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--state",
    type=FILE,
    help="File that a killed run continues from.  [default: pretraining-FAMILY.safetensors]",
)
@click.option("--device", default="cpu", show_default=True)
@click.option("-o", "--output", type=FOLDER, help="Folder of weights.  [default: the package]")
def main(
    family: str,
    hours: float | None,
    updates: int | None,
    seed: int,
    state: Path | None,
    device: str,
    output: Path | None,
) -> None:
    """Train on made-up series, and write the weights with their sha256; the same seed, the same weights."""
    state = state or Path(f"pretraining-{family}.safetensors")
    chosen = FAMILIES[family]
    if updates is None:
        updates = chosen.updates if hours is None else max(1, round(hours * chosen.updates_an_hour))
    run, progress = Pretraining(chosen, seed, updates, torch.device(device)), Progress()
    if state.exists():
        run.resume(state)
        click.echo(f"continuing {state} after update {run.done}", err=True)
    with set_for_training(keep_memory=True):
        if device == "cpu":
            torch.set_num_threads(1)
        run.run(progress.show, lambda: run.save(state))
    path = release(run, output)
    click.echo(f"{path}: {run.done} updates, {progress.seconds() / 3600:.2f} core-hours since the start")


if __name__ == "__main__":
    main()
