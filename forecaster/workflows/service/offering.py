"""Errors and notes for whoever sent a file: options are names and values of the query of POST /read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.errors import DataError
from deploy.server.reading.asked_reading import SEVERAL, SINGLE
from forecaster.data.audience import PLACEHOLDERS, Audience, ModelAudience
from forecaster.data.columns import NoSuchColumn
from forecaster.data.complaints import Complaint, Option

COUNT_ROWS = ("step", "1")  # the option of a command line that is time, empty, in a query


class OtherColumnsError(DataError):
    """The file has not the columns that a model was fitted on."""


class OtherTimesError(DataError):
    """The file has plain counts, or no times, where the model has dates."""


@dataclass
class Offering(Audience):
    """A reader of errors who is offered each option that is named with a value: as one click of the page."""

    given: Mapping[str, Any]  # of the query, which offers nothing new
    offered: dict[str, dict[str, str]] = field(default_factory=dict)  # as it is written -> name and value

    def option(self, option: Option) -> str:
        """Write an option as a query has it, and offer it; one of a fit alone as a fit has it."""
        name, value = option.name, option.value
        if (name, value) == COUNT_ROWS:
            name, value = "time", ""
        elif name not in (*SINGLE, *SEVERAL):
            return f"a fit with {option}" if value else str(option)
        elif not value:
            return name
        text = f"{name}={value}"
        is_value = option.is_quoted or value not in PLACEHOLDERS
        if is_value and not self._is_given(name, value):
            self.offered[text] = {"name": name, "value": value}
        return text

    def _is_given(self, name: str, value: str) -> bool:
        given = self.given.get(name, ())
        return value in given if isinstance(given, list) else value == given

    def subject(self, option: Option) -> str:
        """Write an option that an error is about, or the property of the model that it is."""
        return option.name if option.name in ModelAudience.PROPERTIES else self.option(option)

    def missing(self, texts: list[str]) -> str:
        """Write how texts are read as missing, and offer it."""
        return " and ".join(self.option(Option("na", text, is_quoted=True)) for text in texts)

    def error(self, complaint: Complaint, text: str) -> Exception:
        """Make the error of a text; what other columns may cure has a class of its own."""
        return self.kind_of(complaint)(text)

    def error_for_model(self, complaint: Complaint, text: str) -> Exception:
        """Make the error of a text where a model was fitted."""
        return self.kind_of(complaint)(text)

    @staticmethod
    def kind_of(complaint: Complaint) -> type[DataError]:
        """Return the class of the error of a complaint."""
        if isinstance(complaint, NoSuchColumn):
            return OtherColumnsError
        found = complaint.found[0] if isinstance(complaint.found, tuple) else None
        is_of_step = isinstance(found, Option) and found.name == "step"
        return OtherTimesError if is_of_step else DataError

    def within(self, text: str) -> list[dict[str, str]]:
        """Return the options that a text offers, in their order in it."""
        places = {written: text.find(written) for written in self.offered}
        found = sorted((place, written) for written, place in places.items() if place >= 0)
        return [self.offered[written] for _, written in found]

    def note(self, text: str) -> dict[str, Any]:
        """Return a note with what it offers."""
        return {"text": text, "options": self.within(text)}
