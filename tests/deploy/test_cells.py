"""Texts as cells that no spreadsheet takes for formulas, and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.cells import plain_cell, safe_cell

FULL_WIDTH = "\uff1d\uff0b\uff0d\uff20"
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
TEXTS = st.text(st.sampled_from(" '\"=+-@;,\t\r\n\0a1.e\xa0\ufeff" + FULL_WIDTH) | st.characters())


@pytest.mark.parametrize("text", ["=1+1", "=SUM(A1)", "+cmd", "-cmd", "@cmd", "-", "=", "-1-2", "=1", "-inf"])
def test_a_text_that_a_spreadsheet_would_run_is_escaped(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("sign", "=+-@" + FULL_WIDTH)
@pytest.mark.parametrize("before", ["", " ", "  ", "\xa0", "\u3000", "\ufeff", "'", '"', "\"' '", "\0"])
def test_so_is_one_after_what_a_spreadsheet_skips_and_one_in_full_width(before: str, sign: str) -> None:
    assert safe_cell(f"{before}{sign}A1") == f"'{before}{sign}A1"


@pytest.mark.parametrize("text", ["\ta", "\ra", "\na", "\r\na", "\t", " \ta", '"\na', "\t1"])
def test_so_is_one_that_begins_with_a_tab_or_the_end_of_a_line(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("end", ";\t\r\n")
def test_so_is_a_formula_after_what_ends_a_cell_of_another_spreadsheet(end: str) -> None:
    assert safe_cell(f'a"{end}=b{end}-1{end} @c') == f"a\"{end}'=b{end}-1{end}' @c"


@pytest.mark.parametrize(
    "text", ["", "shop", "a=b", "-1", "+1.5", "-1e3", "-.5", "1-2", "'a", "O'Hare-1", "a b", "a;b"]
)
def test_any_other_text_stays_and_numbers_are_numbers(text: str) -> None:
    assert safe_cell(text) == plain_cell(text) == text


@given(TEXTS)
def test_every_text_is_read_again_as_it_was(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text


@given(TEXTS)
def test_no_part_of_a_safe_cell_begins_as_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert cell[:1] not in {"\t", "\r", "\n"}
    parts = [part.lstrip(" \0\xa0\u3000\ufeff") for part in re.split(r"[;\t\r\n]", cell)]
    assert [part for part in parts if part[:1] in {*"=+-@", *FULL_WIDTH} and not NUMBER.fullmatch(part)] == []
