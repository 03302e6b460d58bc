"""Notes on the reading under way: facts, and what was inferred of data though something else was plausible.

A stage deep inside says a note, and need not hand it through all that lies above. Each is said once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType

from forecaster.data.complaints import Option


@dataclass(frozen=True)
class Note:
    """Something to say of a reading; of an inference also what else was plausible, and how to ask for it."""

    text: tuple[str | Option, ...]  # the whole of it, options among its words
    options: tuple[Option, ...] = ()  # that say otherwise; none of a fact
    alternative: str = ""  # what they do: "reads a column a series"


@dataclass(frozen=True)
class Inference:
    """A guess, in the words of an audience: something was taken for one thing, and may be another."""

    text: str  # as among the notes
    alternative: str  # what the option does
    option: str


Notes = Mapping[Note, None]
_under_way: ContextVar[dict[Note, None] | None] = ContextVar("notes", default=None)


def note(text: str) -> None:
    """Add a fact to the notes of the reading under way, of which nothing else was plausible.

    text: without a full stop at its end. Outside of a reading nobody is told.
    """
    _add(Note((text,)))


def infer(found: str, *options: Option, alternative: str, between: str = " with ", end: str = "") -> None:
    """Add a note of what was taken for what though something else was plausible.

    found: ends with " (" or "; ", and the options follow. alternative: what they do, such as "reads a column
    a series". between: two options; end: what is added.
    """
    listed = [part for option in options for part in (between, option)][1:]
    closed = ")" if found.endswith("(") else ""
    _add(Note((found, *listed, f" {alternative}{closed}{end}"), options, alternative))


def _add(added: Note) -> None:
    notes = _under_way.get()
    if notes is not None:
        notes[added] = None


@contextmanager
def taking_notes(before: Notes = MappingProxyType({})) -> Iterator[Notes]:
    """Give the notes of what is read inside, in the order in which they were said: the keys.

    before: notes that were said of the same data when they were opened.
    """
    notes = dict(before)
    token = _under_way.set(notes)
    try:
        yield notes
    finally:
        _under_way.reset(token)
