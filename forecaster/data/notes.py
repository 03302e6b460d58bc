"""Notes on the reading under way: what was inferred of data though something else was plausible.

A stage deep inside says a note, and need not hand it through all that lies above. Each is said once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from forecaster.data.complaints import Option

Notes = Mapping[tuple[str | Option, ...], None]
_under_way: ContextVar[dict[tuple[str | Option, ...], None] | None] = ContextVar("notes", default=None)


def note(*text: str | Option) -> None:
    """Add a note to the reading under way: what was taken for what, and the Option that says otherwise.

    text: as of a complaint; it ends without a full stop. Outside of a reading nobody is told.
    """
    notes = _under_way.get()
    if notes is not None:
        notes[text] = None


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
