"""Tune: try settings for so long, drop early what does worse, and confirm what did best on other windows."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.errors import ConfigError, ExtraMissingError
from deploy.overwriting import check_outputs
from deploy.sources.named import paths_of
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.config.settings import Settings
from forecaster.data import Data, Panel, Understood, called, read_data, record_of
from forecaster.data.panel.holiday_columns import choose_holidays, with_holidays
from forecaster.jobs.crew import Crew
from forecaster.run.search_findings import Found, write_settings
from forecaster.training.fit_network import cut
from forecaster.windows.windows import CPU
from forecaster.workflows.tuning.search import Confirmation, Search, TuneListener, begun, choose
from forecaster.workflows.tuning.space import Space, recipe_of, settings_of, space_of
from forecaster.workflows.tuning.trials import work

if TYPE_CHECKING:
    import optuna

SEARCH = 0.7  # of the time; the rest confirms
CONFIRMED = 3  # settings that are tried again, next to the recipe's
LONGEST = 30 * 60.0  # seconds, where nothing is said
STARTUP = 6  # trials before the sampler learns from them, and before any is pruned


@dataclass(frozen=True)
class TuneRequest:
    """The data, what is said of them, where the settings go, and how long to search."""

    data: Data
    settings: Settings
    output: Path
    seconds: float = LONGEST
    trials: int | None = None  # at most; None: as many as there is time for
    jobs: int = 1


def tune(request: TuneRequest, listener: TuneListener) -> Found:
    """Search, and write what was found. Raises DataError, ConfigError, ExtraMissingError.

    A search that is stopped continues where it was, by the journal next to its output.
    """
    check_place(request)
    said = build(Asked, request.settings["data"])
    panel = read_data(request.data, said)
    panel = with_holidays(panel, choose_holidays(panel, said, panel.known_reach() or 0))
    config, space = recipe_of(panel, request.settings), space_of(panel, request.settings)
    held_out = cut(panel, config, CPU)  # raises where nothing can be trained
    study = open_study(journal_of(request.output), study_name(request, panel, space))
    listener.on_begin(
        Understood.of(called(request.data), panel, config.model.season, record_of(request.data)),
        space,
        begun(study),
    )
    began = time.monotonic()
    search = Search(
        study, space, began + SEARCH * request.seconds, request.trials, config.train.seed, listener
    )
    _run(request, panel, search)
    earlier = int((panel.ends - held_out.train_ends).max())
    again = Confirmation(search.best(CONFIRMED), earlier, began + request.seconds, config.train.seed + 1)
    _run(request, panel, again)
    chosen = choose(search, again)
    settings = settings_of(panel, request.settings, chosen.choices)
    found = Found(request.output, chosen, search.findings, again.findings, settings, mattered(study))
    write_settings(found)
    return found


def check_place(request: TuneRequest) -> None:
    """Raise ConfigError before anything is read, for a file of settings that cannot be."""
    if request.output.suffix != ".toml":
        raise ConfigError(f"-o {request.output}: the settings are TOML, so name a file such as tuned.toml")
    check_outputs([("-o", request.output)], paths_of(request.data))


def _run(request: TuneRequest, panel: Panel, search: "Search | Confirmation") -> None:
    """Let processes do trials until there are no more. Raises KeyboardInterrupt after a signal."""
    crew = Crew(request.jobs, panel)
    for outcome in crew.run([(work, (request.settings,))] * request.jobs, search.answer):
        if outcome.error is not None:
            raise outcome.error
    if crew.stopped:
        raise KeyboardInterrupt("interrupted; the same command continues the search")


def open_study(journal: Path, name: str) -> "optuna.Study":
    """Return the study of a journal, begun or continued. Raises ExtraMissingError."""
    try:
        import optuna
        from optuna.storages.journal import JournalFileBackend
    except ModuleNotFoundError as error:
        if error.name != "optuna":
            raise
        raise ExtraMissingError(
            "tune needs optuna, which is not installed; install the extra: "
            "pip install 'lstm-forecaster[train,cpu,tune]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(
        storage=optuna.storages.JournalStorage(JournalFileBackend(str(journal))),
        study_name=name,
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(
            seed=0,
            n_startup_trials=STARTUP,
            multivariate=True,
        ),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP, n_warmup_steps=2),
    )


def study_name(request: TuneRequest, panel: Panel, space: Space) -> str:
    """Return a name of the same data, settings and space, so that no other search is continued."""
    facts = [request.settings, sorted(space), panel.series_count, int(panel.lengths().sum())]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def journal_of(output: Path) -> Path:
    """Return the file of all trials of a search."""
    return output.with_suffix(".journal")


def mattered(study: "optuna.Study") -> dict[str, float]:
    """Return how much of the differences between trials each setting explains; nothing of too few trials."""
    import optuna

    done = study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))
    if len(done) < STARTUP or len({trial.value for trial in done}) == 1:
        return {}
    return {name: float(share) for name, share in optuna.importance.get_param_importances(study).items()}
