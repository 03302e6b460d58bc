"""Continue a finished run: new data in its columns, with its categories, for its network."""

from dataclasses import replace
from typing import Any

import numpy as np

from deploy.errors import ConfigError
from deploy.time.holidays import Holidays
from forecaster.config import Asked, ModelConfig
from forecaster.config.building import build
from forecaster.data import Audience, Data, Panel, read_for_model
from forecaster.data.audience import COMMAND_LINE
from forecaster.data.columns import AskedByModel
from forecaster.data.panel.holiday_columns import with_holidays
from forecaster.data.panel.listing import report_new_categories
from forecaster.run.run import Run

# What a run decides of the settings of the data: all but how a file is read.
OF_FILES = ("na", "no_header", "sheet")
OF_DATES = ("holidays", "holidays_of")
OF_COLUMNS = tuple(name for name in Asked.model_fields if name not in (*OF_FILES, *OF_DATES))


def read_for_run(data: Data, run: Run, said: Asked, audience: Audience = COMMAND_LINE) -> Panel:
    """Return the series of a file or frame as the network of a run takes them.

    Raises DataError for one that is not like the run's, ConfigError if something else was said of it.
    """
    _refuse_other_columns(run, said)
    _refuse_other_holidays(run, said)
    asked = AskedByModel.of(run.data.columns, run.data.time_step, said.na)
    panel = read_for_model(data, asked, audience=audience)
    panel = with_categories_of(panel, tuple(map(tuple, run.data.vocabularies.values())))
    frozen = run.data.holidays
    return with_holidays(panel, Holidays.from_json(frozen) if frozen else None)


def _refuse_other_columns(run: Run, said: Asked) -> None:
    own = {**vars(run.data.columns), "target": run.data.columns.targets, "step": run.data.time_step}
    for name in OF_COLUMNS:
        value, wanted = own[name], said.time_step if name == "step" else getattr(said, name)
        if wanted not in (value, Asked.model_fields[name].default):
            found = ", ".join(value) if isinstance(value, tuple) else value
            raise ConfigError(
                f"--from continues with the columns of {run.path}, whose {name} is {found}; leave out {name}"
            )


def _refuse_other_holidays(run: Run, said: Asked) -> None:
    frozen = run.data.holidays or {"column": None, "days": {}}
    is_same = said.holidays in ((), tuple("+".join(frozen["days"]).split("+")))
    if not is_same or said.holidays_of not in (None, frozen["column"]):
        found = ", ".join(frozen["days"]) or "none"
        raise ConfigError(f"--from continues with the holidays of {run.path}: {found}; leave out --holidays")


def with_categories_of(panel: Panel, vocabularies: tuple[tuple[str, ...], ...]) -> Panel:
    """Return the panel with the codes of these vocabularies; a text that none of them has is unknown, 0."""
    codes = np.zeros_like(panel.categories)
    for column, (known, found) in enumerate(zip(vocabularies, panel.vocabularies, strict=True)):
        number = {text: code for code, text in enumerate(known, start=1)}
        of_found = np.array([0, *(number.get(text, 0) for text in found)])
        codes[:, column] = of_found[panel.categories[:, column]]
        report_new_categories(panel.columns.categories[column], known, found)
    return replace(panel, categories=codes, vocabularies=vocabularies)


def model_settings(run: Run, said: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of the run's network, all of them.

    Raises ConfigError for one that was said otherwise.
    """
    settings = dict(run.config.model)
    for name, value in build(ModelConfig, {**settings, **said}):
        if value != settings[name]:
            raise ConfigError(
                f"--from continues with the network of {run.path}, whose {name} is {settings[name]}, "
                f"not {value}"
            )
    return settings
