"""The search itself: which trial is next, which is dropped early, and what is chosen in the end."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from forecaster.data import Understood
from forecaster.run.search_findings import Finding
from forecaster.workflows.tuning.space import Between, Choices, Space, defaults_of, first_choices
from forecaster.workflows.tuning.trials import EPOCH, NEXT, TOLD, Trial

if TYPE_CHECKING:
    import optuna

CLEARLY = 0.98  # of the recipe's error on both, above which the recipe stays


class TuneListener(Protocol):
    """A listener that is told how a search goes along."""

    def on_begin(self, understood: Understood, space: Space, before: int) -> None:
        """Take note of what is varied, and of the trials that an earlier search left."""

    def on_trial(self, finding: Finding, recipe: float) -> None:
        """Take note of a trial that ended. recipe: the error of the recipe's, NaN before it is known."""


@dataclass
class Search:
    """The trials of a study, asked for and told by the processes that do them."""

    study: "optuna.Study"
    space: Space
    deadline: float
    most: int | None
    seed: int
    listener: TuneListener
    findings: list[Finding] = field(default_factory=list)
    _running: dict[int, "optuna.Trial"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.study.trials:
            for choices in first_choices(self.space):
                self.study.enqueue_trial(choices)
        self.findings += [
            Finding(trial.number, trial.params, trial.value, "") for trial in self.study.trials if trial.value
        ]

    @property
    def is_over(self) -> bool:
        """Whether the time is over, but for the recipe's own settings, which all others are compared with."""
        return time.monotonic() > self.deadline and not math.isnan(self.recipe)

    @property
    def recipe(self) -> float:
        """The error of the recipe's settings; NaN before it is known."""
        own = defaults_of(self.space)
        return next((f.error for f in self.findings if f.choices == own and f.error is not None), math.nan)

    def answer(self, _task: int, name: str, *told: Any) -> Any:
        """Answer a call of a process."""
        if name == NEXT:
            return self._next()
        if name == EPOCH:
            return self._prunes(*told)
        if name == TOLD:
            self._tell(*told)
        return None

    def _next(self) -> Trial | None:
        if self.is_over or (self.most is not None and begun(self.study) >= self.most):
            return None
        trial = self.study.ask()
        self._running[trial.number] = trial
        choices = {name: _suggest(trial, name, choice) for name, choice in self.space.items()}
        return Trial(trial.number, choices, self.seed)

    def _prunes(self, number: int, epoch: int, error: float) -> bool:
        trial = self._running[number]
        if math.isfinite(error):
            trial.report(error, epoch)
        is_recipe = trial.params == defaults_of(self.space)
        return not is_recipe and (time.monotonic() > self.deadline or trial.should_prune())

    def _tell(self, number: int, error: float | None, reason: str) -> None:
        import optuna

        trial = self._running.pop(number)
        state = optuna.trial.TrialState.PRUNED if reason == "pruned" else optuna.trial.TrialState.FAIL
        if error is not None and math.isfinite(error):
            self.study.tell(trial, error)
        else:
            self.study.tell(trial, state=state)
        finding = Finding(number, trial.params, error, reason)
        self.findings.append(finding)
        self.listener.on_trial(finding, self.recipe)

    def best(self, count: int) -> list[Choices]:
        """Return the recipe's choices, and the best others."""
        own = defaults_of(self.space)
        known = sorted((f for f in self.findings if f.error is not None), key=lambda f: f.error or 0)
        others = [dict(f.choices) for f in known if f.choices != own]
        different = list({json.dumps(each, sort_keys=True): each for each in others}.values())
        return [own, *different[:count]]


@dataclass
class Confirmation:
    """The best settings and the recipe's, tried again with another seed on earlier windows."""

    candidates: list[Choices]
    earlier: int
    deadline: float
    seed: int
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left: Iterator[tuple[int, Choices]] = iter(enumerate(self.candidates))

    def answer(self, _task: int, name: str, *told: Any) -> Any:
        """Answer a call of a process."""
        if name == NEXT:
            for number, choices in self._left:  # the recipe's are tried whatever the time
                if number == 0 or time.monotonic() <= self.deadline:
                    return Trial(number, choices, self.seed, self.earlier)
            return None
        if name == EPOCH:
            return told[0] != 0 and time.monotonic() > self.deadline
        if name == TOLD:
            number, error, reason = told
            self.findings.append(Finding(number, self.candidates[number], error, reason))
        return None


def begun(study: "optuna.Study") -> int:
    """Return how many trials have begun; others may wait for their turn."""
    import optuna

    return sum(trial.state != optuna.trial.TrialState.WAITING for trial in study.get_trials(deepcopy=False))


def choose(search: Search, again: Confirmation) -> Finding:
    """Return the settings that did best on both: the recipe's, unless others are clearly better.

    error: the mean, by logarithms, of what it is of the recipe's.
    """
    own = again.candidates[0]
    second = {f.number: f.error for f in again.findings if f.error is not None}
    ratios: list[Finding] = []
    for number, choices in enumerate(again.candidates[1:], start=1):
        first = min(f.error for f in search.findings if f.choices == choices and f.error is not None)
        if number in second and 0 in second and search.recipe > 0 and second[0] > 0:
            both = math.sqrt(first / search.recipe * second[number] / second[0])
            worst = max(first / search.recipe, second[number] / second[0])
            if both < CLEARLY and worst < 1:
                ratios.append(Finding(number, choices, both, ""))
    return min(ratios, key=lambda f: f.error or 1.0, default=Finding(0, own, 1.0, ""))


def _suggest(trial: "optuna.Trial", name: str, choice: Any) -> Any:
    if isinstance(choice, Between):
        return trial.suggest_float(name, choice.low, choice.high, log=True)
    return trial.suggest_categorical(name, choice.values)
