"""The findings of a search: each trial, what was chosen, and the file of settings that a fit takes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forecaster.config.settings import Settings
from forecaster.files import write_atomically


@dataclass(frozen=True)
class Finding:
    """A trial that ended. error: as MASE; None: it was pruned, or cannot be; reason: why."""

    number: int
    choices: Mapping[str, Any]
    error: float | None
    reason: str


@dataclass(frozen=True)
class Found:
    """The end of a search."""

    output: Path
    chosen: Finding  # its error is that of the recipe's settings times so much; 1: these are the recipe's
    trials: list[Finding]
    confirmed: list[Finding]
    settings: Settings
    importance: dict[str, float]  # share of the differences between trials that each setting explains

    @property
    def is_better(self) -> bool:
        """Whether other settings than the recipe's were chosen."""
        return self.chosen.number > 0

    def to_json(self) -> dict[str, Any]:
        """Return all of it in types of JSON."""
        return {
            "output": str(self.output),
            "is_better": self.is_better,
            "ratio": self.chosen.error,
            "choices": dict(self.chosen.choices),
            "settings": self.settings,
            "importance": self.importance,
            "trials": [asdict(trial) for trial in self.trials],
            "confirmed": [asdict(trial) for trial in self.confirmed],
        }


def write_settings(found: Found) -> None:
    """Write the file that `fit --config` takes. Raises OutputError."""
    better = f"{100 * (1 - (found.chosen.error or 1)):.1f} % less error than the recipe's settings"
    said = better if found.is_better else "none was clearly better than the recipe, which is nothing to say"
    lines = [f"# Of {len(found.trials)} trials: {said}."]
    for section, values in found.settings.items():
        own = {name: value for name, value in values.items() if value not in (None, ())}
        if own:
            lines += ["", f"[{section}]", *(f"{name} = {written(value)}" for name, value in own.items())]
    write_atomically(found.output, ("\n".join(lines) + "\n").encode())


def written(value: Any) -> str:
    """Return a value as TOML has it: of texts, numbers, true and false, and lists of these as JSON."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
