"""One cell as a number: with all that may stand around its digits, and what is no number."""

from __future__ import annotations

import pytest

from forecaster.data.figures.grammar import read_figure

# text -> number with a decimal point, unit
POINT = {
    "$10.50": (10.5, "USD"),
    "US$ 1,234.50": (1234.5, "USD"),
    "USD 10.50": (10.5, "USD"),
    "10.50 USD": (10.5, "USD"),
    "-$10": (-10, "USD"),
    "$-10": (-10, "USD"),
    "$(10)": (-10, "USD"),
    "($1.2M)": (-1200000, "USD"),
    "Rs.10": (10, "INR"),
    "Rs. 12,34,567.50": (1234567.5, "INR"),
    "₹12,34,567": (1234567, "INR"),
    "£1.2m": (1200000, "GBP"),
    "1.2m €": (1200000, "EUR"),
    "10.-": (10, ""),
    "CHF 967'500": (967500, "CHF"),
    "967’500.25": (967500.25, ""),
    "50 €/MWh": (50, "EUR/MWh"),
    "12.3%": (12.3, "%"),
    "(5.2%)": (-5.2, "%"),
    "(1032)": (-1032, ""),
    "123-": (-123, ""),
    "1,234.50-": (-1234.5, ""),
    "−1.41": (-1.41, ""),
    "–1.41": (-1.41, ""),
    "+5": (5, ""),
    "1.2M": (1200000, ""),
    "1.1M": (1100000, ""),
    "900K": (900000, ""),
    "900k": (900000, ""),
    "3.4 bn": (3400000000, ""),
    "2 thousand": (2000, ""),
    "3 crore": (30000000, ""),
    "1.2万": (12000, ""),
    "2.5M km": (2500000, "km"),
    "96.36 km": (96.36, "km"),
    "12.3 °C": (12.3, "°C"),
    "5m": (5, "m"),
    "5 m2": (5, "m2"),
    "5 µg/m³": (5, "µg/m³"),
    "997 900": (997900, ""),
    "1\u00a0146\u00a0600": (1146600, ""),
    "1\u202f146,5": (1146.5, ""),
    " \u00a07 ": (7, ""),
    "88.5p": (88.5, "p"),
    "1234e": (1234, "e"),
    "12e3": (12000, ""),
    "88.5*": (88.5, ""),
    "88.5 (p)": (88.5, ""),
    "88.5[1]": (88.5, ""),
    "88.5†": (88.5, ""),
    "88.5²": (88.5, ""),
    "<0.5": (0.5, ""),
    ">= 100": (100, ""),
    '="123"': (123, ""),
    "1,234": (1234, ""),
}
COMMA = {
    "10,50 €": (10.5, "EUR"),
    "R$ 1.234,50": (1234.5, "BRL"),
    "1.234": (1234, ""),
    "1,2 Mio. €": (1200000, "EUR"),
    "12,- €": (12, "EUR"),
    "12,3 %": (12.3, "%"),
    "1 234,56 zł": (1234.56, "PLN"),
    "(1.032,5)": (-1032.5, ""),
}
NONE = (
    *("12.3.2020", "2020-01-01", "1/2", "10:30", "5-10", "1.2.3", "12 34", "12 345 6", "1_000", "0x10"),
    *(
        "2018w5",
        "2024-I",
        "5am",
        "10 p.m.",
        "1st",
        "3 Jan",
        "K 5",
        "A1",
        "Store 1",
        "abc",
        "",
        "-",
        "$",
        "(5",
    ),
    *("$5 €", "--5", "(-5)", "5 to 6", "12 Main St", "5" * 50),
)


@pytest.mark.parametrize("text", POINT)
def test_a_number_is_read_with_its_unit(text: str) -> None:
    figure = read_figure(text)
    assert figure is not None
    assert (figure.value("."), figure.unit) == POINT[text]


@pytest.mark.parametrize("text", COMMA)
def test_a_number_with_a_decimal_comma_is_read_with_its_unit(text: str) -> None:
    figure = read_figure(text)
    assert figure is not None
    assert (figure.value(","), figure.unit) == COMMA[text]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_figure(text) is None
