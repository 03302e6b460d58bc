"""Notes on a reading: said once, to the audience that reads, and kept with the panel."""

import logging
from pathlib import Path

import pytest

from forecaster.data import Audience
from forecaster.data.audience import PYTHON
from forecaster.data.complaints import Option
from forecaster.data.notes import Note, infer, note, taking_notes
from forecaster.data.read import read_data

UNREAD = "month,sales\none,1\ntwo,2\nthree,3\nfour,4\n"


def test_a_note_is_taken_once_and_in_order() -> None:
    with taking_notes() as notes:
        infer("first (", Option("na", "-"), alternative="reads it as missing")
        note("second")
        infer("first (", Option("na", "-"), alternative="reads it as missing")
    first, second = notes
    assert first.text == ("first (", Option("na", "-"), " reads it as missing)")
    assert (first.options, first.alternative) == ((Option("na", "-"),), "reads it as missing")
    assert second == Note(("second",))


def test_a_reading_within_another_keeps_its_own_notes() -> None:
    with taking_notes() as outer:
        with taking_notes() as inner:
            note("inside")
        note("outside")
    assert (list(inner), list(outer)) == ([Note(("inside",))], [Note(("outside",))])


def test_outside_of_a_reading_nobody_is_told() -> None:
    note("unheard")
    with taking_notes() as notes:
        pass
    assert not notes


@pytest.mark.parametrize(("audience", "option"), [(Audience(), "--time-format"), (PYTHON, "time_format=")])
def test_a_note_is_a_warning_and_stays_with_the_panel(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, audience: Audience, option: str
) -> None:
    path = tmp_path / "unread.csv"
    path.write_text(UNREAD, encoding="utf-8")
    with caplog.at_level(logging.WARNING, logger="forecaster"):
        panel = read_data(path, audience=audience)
    (said,) = panel.notes
    assert 'column "month" is called like time' in said
    assert option in said
    assert said in caplog.messages
