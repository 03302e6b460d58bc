"""Words and signs around a number: currencies, multipliers, units, marks of footnotes."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

# Spellings of a currency -> what messages compare; codes of ISO 4217 stand for themselves.
_SPELLINGS = {
    "USD": ("$", "US$", "USD$", "U$S", "US-$"),
    "EUR": ("€", "Euro", "euro", "Euros", "euros"),
    "GBP": ("£",),
    "JPY": ("¥", "￥", "円"),
    "INR": ("₹", "Rs", "Rs.", "Re."),
    "BRL": ("R$",),
    "CHF": ("Fr.", "SFr.", "sFr."),
    "SEK": ("kr", "kr.", "Kr", "Kr."),
    "PLN": ("zł", "zl"),
    "CZK": ("Kč",),
    "HUF": ("Ft",),
    "RON": ("lei",),
    "BGN": ("лв", "лв."),
    "RUB": ("₽", "руб", "руб.", "р."),
    "KRW": ("₩", "원"),
    "TRY": ("₺", "TL"),
    "ILS": ("₪",),
    "VND": ("₫", "đ"),
    "THB": ("฿",),
    "UAH": ("₴",),
    "NGN": ("₦",),
    "PHP": ("₱",),
    "IDR": ("Rp", "Rp."),
    "MYR": ("RM",),
    "CNY": ("元", "CN¥", "RMB"),
    "KZT": ("₸",),
    "BTC": ("₿",),
    "AUD": ("A$", "AU$"),
    "CAD": ("C$", "CA$", "CAD$"),
    "NZD": ("NZ$",),
    "HKD": ("HK$",),
    "SGD": ("S$",),
    "TWD": ("NT$",),
    "MXN": ("MX$", "Mex$"),
    "ZAR": ("R",),
}
_CODES = (
    *(
        "USD",
        "EUR",
        "GBP",
        "JPY",
        "INR",
        "BRL",
        "CHF",
        "SEK",
        "NOK",
        "DKK",
        "ISK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
    ),
    *(
        "BGN",
        "RUB",
        "KRW",
        "TRY",
        "ILS",
        "VND",
        "THB",
        "UAH",
        "NGN",
        "PHP",
        "IDR",
        "MYR",
        "CNY",
        "KZT",
        "BTC",
    ),
    *(
        "AUD",
        "CAD",
        "NZD",
        "HKD",
        "SGD",
        "TWD",
        "MXN",
        "ZAR",
        "AED",
        "SAR",
        "QAR",
        "KWD",
        "EGP",
        "KES",
        "GHS",
    ),
    *(
        "MAD",
        "ARS",
        "CLP",
        "COP",
        "PEN",
        "UYU",
        "PKR",
        "BDT",
        "LKR",
        "ETH",
        "USDT",
        "RSD",
        "GEL",
        "CNH",
        "XAU",
    ),
)
CURRENCIES = {code: code for code in _CODES} | {
    spelling: code for code, spellings in _SPELLINGS.items() for spelling in spellings
}
# What a number times one of these is. A lone small letter is not here: 5 m are metres, 5 b a footnote.
_MULTIPLIERS = {
    1e3: ("K", "k", "thousand", "Thousand", "Tsd", "Tsd.", "tsd.", "tys.", "тыс", "тыс."),
    1e4: ("万", "萬"),
    1e5: ("lakh", "Lakh", "lakhs", "Lakhs", "lac"),
    1e6: (
        *("M", "MM", "mn", "Mn", "mln", "Mln", "mln.", "mio", "mio.", "Mio", "Mio.", "MIO", "mill.", "Mill."),
        *("million", "Million", "millions", "Millions", "Millionen", "millones", "milhões", "milioni", "млн"),
    ),
    1e7: ("crore", "Crore", "crores", "Cr", "Cr."),
    1e8: ("亿", "億"),
    1e9: (
        *("B", "bn", "Bn", "BN", "bn.", "bln", "Bln", "billion", "Billion", "billions", "Billions"),
        *("Mrd", "Mrd.", "mrd", "mrd.", "Md", "Mds", "mld", "Mld", "млрд", "Milliarden", "milliards"),
    ),
    1e12: ("T", "tn", "Tn", "trn", "trillion", "Trillion", "Bio.", "трлн"),
}
MULTIPLIERS = {word: factor for factor, words in _MULTIPLIERS.items() for word in words}
LETTERS = {"m": 1e6, "b": 1e9}  # of money millions and billions; else metres, or a footnote
# Units that people write; a word that is none of these has to be that of nearly every cell.
UNITS = frozenset(
    (
        *("%", "‰", "pct", "percent", "pp", "bps", "ppm", "ppb", "°", "°C", "°F", "º", "ºC", "ºF", "℃"),
        *("℉", "C", "F", "km", "m", "cm", "mm", "µm", "mi", "mile", "miles", "ft", "in", "yd", "kg"),
        *("g", "mg", "µg", "t", "kt", "Mt", "lb", "lbs", "oz", "tonnes", "tons", "l", "L", "ml", "mL"),
        *("cl", "hl", "gal", "bbl", "m2", "m²", "km2", "km²", "ha", "m3", "m³", "ft2", "ft3", "sqm"),
        *("sqft", "W", "kW", "MW", "GW", "Wh", "kWh", "MWh", "GWh", "TWh", "J", "kJ", "MJ", "GJ"),
        *("kcal", "cal", "V", "kV", "mV", "A", "mA", "Hz", "kHz", "MHz", "GHz", "Pa", "hPa", "kPa"),
        *("bar", "mbar", "psi", "dB", "lx", "lm", "km/h", "kmh", "mph", "m/s", "kn", "rpm", "s", "ms"),
        *("sec", "secs", "min", "mins", "h", "hr", "hrs", "d", "days", "hours", "minutes", "seconds"),
        *("years", "yrs", "KB", "MB", "GB", "TB", "kB", "KiB", "MiB", "GiB", "kbps", "Mbps", "Gbps"),
        *("µg/m³", "ug/m3", "mg/l", "mg/L", "g/l", "mg/dL", "m³/s", "m3/s", "x", "X", "pcs", "pc"),
        *("unit", "units", "Stk", "Stk.", "Stück", "ct", "c", "¢", "p", "pts", "bp"),
    )
)
# Words after a number that make it a place in an order or a time, or of which it is the name.
_NO_UNIT = re.compile(
    r"(?i:[nr]d|st|th|er|ème|[ap]\.?m\.?|[qwmh]\d*|week|quarter|of|and|to|-"
    r"|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|(mon|tue|wed|thu|fri|sat|sun)(day)?)"
)
_WORD = re.compile(r"[^\W\d_][^\s\d]{0,14}([²³]|(?<=m)[23]|(?<=ft)[23])?(/\S{1,8})?|[°%‰‱][^\s\d]{0,2}")
_FOOTNOTE = re.compile(
    r"\s*([*†‡§#¶^]+|(?<![^\W\d_])[⁰¹²³⁴⁵⁶⁷⁸⁹ªº]+|\[[^\[\]]{1,4}\]|\([A-Za-z0-9]{1,2}\)"
    r"|(?<= )(?i:est|prov|prelim|rev)\.?|\((?i:est|prov|prelim|rev)\.?\))$"
)
_LETTERS = re.compile(r"[A-Za-z]{1,3}")


@dataclass(frozen=True)
class Suffix:
    """Words after a number. Most have none."""

    factor: float = 1.0
    multiplier: str = ""
    currency: str = ""
    word: str = ""  # a unit, or a letter that is a footnote
    footnote: str = ""

    @property
    def is_letters(self) -> bool:
        """Return whether it may be the letters of a footnote: 88.5 p."""
        return not self.currency and _LETTERS.fullmatch(self.multiplier + self.word) is not None

    def of_money(self) -> "Suffix":
        """Return the suffix of an amount with a currency, where m are millions."""
        if self.word not in LETTERS:
            return self
        return replace(self, factor=LETTERS[self.word], multiplier=self.word, word="")

    @property
    def is_unit(self) -> bool:
        """Return whether the word is a unit that people write."""
        return self.word in UNITS


NO_SUFFIX = Suffix()


@lru_cache(maxsize=1 << 12)  # a column has few
def read_suffix(text: str) -> Suffix | None:
    """Return what a text after a number says; None for one that no number has."""
    footnote = ""
    if found := _FOOTNOTE.search(text):
        footnote, text = found[1], text[: found.start()]
    text = text.strip()
    if not text:
        return Suffix(footnote=footnote)
    if text in CURRENCIES and text != "R":
        return Suffix(currency=CURRENCIES[text], footnote=footnote)
    multiplier, _, rest = text.partition(" ")
    for end in range(len(multiplier), 0, -1):
        rest_of_word = text[end:].strip()
        factor = MULTIPLIERS.get(text[:end]) or (LETTERS.get(text[:end]) if rest_of_word else None)
        if factor and (not rest_of_word or rest_of_word in CURRENCIES):
            currency = CURRENCIES.get(rest_of_word, "")
            return Suffix(factor, text[:end], currency=currency, footnote=footnote)
    if rest and multiplier in MULTIPLIERS and _is_unit(rest):
        return Suffix(MULTIPLIERS[multiplier], multiplier, word=rest, footnote=footnote)
    currency, _, per = text.partition("/")
    if per and currency in CURRENCIES:
        return Suffix(currency=f"{CURRENCIES[currency]}/{per}", footnote=footnote)
    return Suffix(word=text, footnote=footnote) if _is_unit(text) else None


def _is_unit(text: str) -> bool:
    return text in UNITS or (_WORD.fullmatch(text) is not None and _NO_UNIT.fullmatch(text) is None)
