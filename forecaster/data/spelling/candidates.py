"""The forms that a date may have by its shape, of words that are looked up and numbers that a table knows.

The shape becomes a signature: of each number how many digits it has, b for a month, o for 1st, and Q, W, S, F
and M where a word or letter says quarter, week, week (S, which is also a half-year), fiscal year and month;
H a half-year.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from forecaster.data.spelling.vocabulary import lexicon

# Signatures, and the directives of their numbers in order; [+1]y or [+1]Y is +, %Y%m%d is c.
DATES = (
    *(("4[12][12]", "Ymd"), ("[12][12]4", "dmY"), ("[12][12]4", "mdY"), ("8", "c")),
    *(("[12][12]2", "dmy"), ("[12][12]2", "mdy"), ("2[12][12]", "ymd")),
    *(("[12]b4", "dY"), ("b[12]4", "dY"), ("4b[12]", "Yd"), ("4[12]b", "Yd")),
    *(("[12]b2", "dy"), ("b[12]2", "dy"), ("2b[12]", "yd")),
    *(("ob4", "oY"), ("bo4", "oY"), ("4bo", "Yo"), ("ob2", "oy"), ("bo2", "oy"), ("4W21", "GVu")),
)
PERIODS = (  # without a day, so without a time of day
    *(("4[12]", "Ym"), ("[12]4", "mY"), ("b4", "Y"), ("4b", "Y"), ("b2", "y"), ("4M[12]", "Ym")),
    *(
        ("4Q1", "Yq"),
        ("Q14", "qY"),
        ("1Q4", "qY"),
        ("1Q2", "qy"),
        ("Q12", "qy"),
        ("2Q1", "yq"),
        ("41Q", "Yq"),
    ),
    *(("4W[12]", "GV"), ("W[12]4", "VG"), ("[12]W4", "VG"), ("4[12]W", "GV"), ("4S2", "GV"), ("S24", "VG")),
    *(("W[12]2", "Vg"), ("[12]W2", "Vg"), ("2W[12]", "gV")),
    *(("4[HS]1", "Yh"), ("[HS]14", "hY"), ("1[HS]4", "hY"), ("1H2", "hy"), ("H12", "hy")),
    *(("4", "Y"), ("42", "Y+"), ("44", "Y+")),
    *(("F4", "Y"), ("F2", "y"), ("F42", "Y+"), ("F44", "Y+"), ("F22", "y+")),
)
# Two numbers of two digits may be anything: these forms are proposed, and read only where they are named.
PROPOSED = (
    ("[12]2", "my"),
    ("1[12]", "ym"),
    ("2[12]", "ym"),
    ("2b", "y"),
    ("22", "y+"),
    ("6", "s"),
    ("6", "t"),
    ("6", "u"),
)
COMPACT = {"c": "%Y%m%d", "s": "%y%m%d", "t": "%d%m%y", "u": "%m%d%y"}

MARKS = "年月日号號第년월일"  # of years, months and days, behind them
TOKEN = re.compile(
    r"(?P<digits>9+)|(?P<ordinal>(?<=9)(?:st|nd|rd|th|er)(?![^\W\d_]))"
    r"|(?P<weekday>[月火水木金土日]曜日|星期[一二三四五六日]|周[一二三四五六日]|[월화수목금토일]요일"
    r"|(?<=[(（])[月火水木金土日월화수목금토일](?=[)）]))"
    rf"|(?P<word>(?:(?![{MARKS}])[^\W\d_])+(?:-feira)?)|(?P<sign>.)"
)
MARKERS = {
    "Q": "Q q T Qtr QTR qtr Quarter quarter Trim trim Trimestre trimestre Quartal K 季度 季 四半期 분기",
    "W": "W w WK Wk wk Week week WEEK KW kw CW cw Woche Semaine semaine Semana semana Uke 周 週 주",
    **{
        "S": "S",
        "H": "H h HY Half half Semester semester Sem Semestre semestre Halbjahr",
        "F": "FY fy Fy",
        "M": "M m",
    },
}
MARKER_OF = {word: marker for marker, words in MARKERS.items() for word in words.split()}
LINKS = ("de", "del", "of", "the", "di", "den", "der", "le", "el")  # 1 de enero de 2024
UNITS = (
    *(
        "t",
        "z",
        "utc",
        "gmt",
        "am",
        "pm",
        "d",
        "day",
        "days",
        "h",
        "hr",
        "hrs",
        "hour",
        "hours",
        "min",
        "mins",
    ),
    *("s", "sec", "secs", "to", "at", "um", "i", "ii", "iii", "iv", "年", "月", "日", "时", "時", "分", "秒"),
)
SIGNS = set("-/._ ,'’–():（）" + MARKS)
POINTED = (".]b", ".]a")  # how directives end whose words may end in a point
# Between the numbers of a date without words.
BETWEEN = ("-", "/", ".", "_", " ", ". ", "–", "/ ")
BEFORE_NEXT_YEAR = ("-", "/", "–")


@dataclass(frozen=True)
class _Parts:
    """A shape, taken apart: literals, numbers by their place, and words by the directives that write them."""

    signature: str
    pieces: tuple[str | int | tuple[str, ...], ...]
    numbers: tuple[str, ...]  # the digits of each number, with the suffix of an ordinal one
    has_weekday: bool = False


@lru_cache(maxsize=8192)
def forms_of_date(shape: str, *, is_timed: bool = False) -> tuple[str, ...]:
    """Return the forms that a text of this shape may have, the likeliest first.

    shape: every digit is a 9. is_timed: a time of day follows, so that it has a day.
    """
    return _forms(shape, DATES if is_timed else DATES + PERIODS)


def is_like_time(text: str) -> bool:
    """Return whether a text holds two numbers, and else only signs and words of times; no address of four."""
    numbers = re.findall(r"\d+", text)
    words = re.findall(r"[^\W\d_]+", text)
    signs = set(re.sub(r"\w|_", "", text))
    is_known = all(word in MARKER_OF or word in lexicon() or word.casefold() in UNITS for word in words)
    dotted = len(numbers) == 4 and signs == {"."}
    if re.fullmatch(r"[^\W\d_WwQq][ _-]?\d+", text):  # s0 and m12: a unit of time stands behind its number
        return False
    return len(numbers) + bool(words) > 1 and is_known and signs <= SIGNS | {":", "+", "\t"} and not dotted


def proposed_forms(shape: str) -> tuple[str, ...]:
    """Return the forms that a text may have which nothing but its reader's knowledge tells."""
    return _forms(shape, PROPOSED)


def _forms(shape: str, table: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for parts in _take_apart(shape):
        for signature, roles in table:
            if re.fullmatch(signature, parts.signature) and _may_be(parts, roles):
                found |= dict.fromkeys(_write_forms(parts, roles))
    return tuple(found)


def _take_apart(shape: str) -> list[_Parts]:
    """Return the ways in which the words of a shape can be understood; none where a word is not known."""
    ways = [_Parts("", (), ())]
    tokens = [(str(match.lastgroup), match[0]) for match in TOKEN.finditer(shape)]
    for place, (kind, text) in enumerate(tokens):
        after = tokens[place + 1][1] if place + 1 < len(tokens) else ""
        ways = [longer for way in ways for longer in _longer(way, kind, text, after)]
    return ways


def _longer(way: _Parts, kind: str, text: str, after: str) -> list[_Parts]:
    """Return the ways in which a token can continue a beginning; after: the token that follows."""
    signature, pieces, numbers = way.signature, way.pieces, way.numbers
    if kind == "digits":
        size = "o" if after in ("st", "nd", "rd", "th", "er") else str(len(text)) if len(text) < 10 else "0"
        return [_Parts(signature + size, (*pieces, len(numbers)), (*numbers, text), way.has_weekday)]
    if kind == "ordinal":
        return [_Parts(signature, pieces, (*numbers[:-1], numbers[-1] + text), way.has_weekday)]
    if kind == "sign":
        if text == "." and pieces and isinstance(pieces[-1], tuple) and pieces[-1][0].endswith(POINTED):
            return [_Parts(signature, pieces, numbers, way.has_weekday)]  # it is a part of the word
        return [_Parts(signature, (*pieces, text), numbers, way.has_weekday)] if text in SIGNS else []
    ways = []
    if text in MARKER_OF:
        ways.append(_Parts(signature + MARKER_OF[text], (*pieces, text), numbers, way.has_weekday))
    if text.casefold() in LINKS:
        ways.append(_Parts(signature, (*pieces, text), numbers, way.has_weekday))
    for word in (text, f"{text}.") if after == "." else (text,):
        for meaning, directives in lexicon().get(word, {}).items():
            if meaning == "month" and "b" not in signature:
                ways.append(_Parts(f"{signature}b", (*pieces, directives), numbers, way.has_weekday))
            if meaning == "weekday" and not way.has_weekday:
                ways.append(_Parts(signature, (*pieces, directives), numbers, has_weekday=True))
    return ways


def _may_be(parts: _Parts, roles: str) -> bool:
    """Return whether the signs between numbers are those of a date with these roles."""
    if parts.has_weekday and not set(roles) & set("docu"):
        return False
    if not parts.signature.isdigit():
        return True
    text = "".join(
        piece if isinstance(piece, str) else "\0" if isinstance(piece, int) else "\1"
        for piece in parts.pieces
    )
    if any(mark in text for mark in MARKS):
        return roles.startswith("Y")
    signs = re.findall(r"(?<=\0)[^\0\1]*(?=\0)", text)
    if roles.endswith("+"):
        return signs[0] in BEFORE_NEXT_YEAR
    if "." in "".join(signs) and roles.startswith("md"):
        return False
    if roles == "Y" or ("y" in roles and " " in signs):
        return False
    return all(sign in BETWEEN for sign in signs) and len(set(signs)) <= 1


def _write_forms(parts: _Parts, roles: str) -> list[str]:
    """Return the forms of a shape whose numbers have these roles, with zeros, without, and with blanks."""
    words = [piece for piece in parts.pieces if isinstance(piece, tuple)]
    padded = [number for number, role in zip(parts.numbers, roles, strict=True) if role in "mdV"]
    pads = ["-"] if any(len(number) == 1 for number in padded) else ["", "-"] if padded else [""]
    forms = []
    for pad in [*pads, *["e", "[fr]o"] * ("b" in parts.signature and "d" in roles)]:
        for chosen in product(*words):
            if pad == "[fr]o" and "[fr" not in "".join(chosen):
                continue
            left = iter(chosen)
            form = ""
            for piece in parts.pieces:
                if isinstance(piece, str):
                    form += piece
                elif isinstance(piece, tuple):
                    form += f"%{next(left)}"
                elif pad == "e" and roles[piece] == "d":
                    form = _before_blank(form, parts.numbers[piece])
                else:
                    form += _directive(parts.numbers[piece], roles[piece], pad)
            forms.append(form)
    return [form for form in forms if form]


def _before_blank(form: str, number: str) -> str:
    """Return the beginning of a form with the day that follows, which has a blank where it has one digit."""
    blanks = len(form) - len(form.rstrip(" "))
    return f"{form[:-1] if len(number) == 1 else form}%e" if blanks == 3 - len(number) else f"{form}%-d"


def _directive(number: str, role: str, pad: str) -> str:
    if role in COMPACT and len(number) > 4:
        return COMPACT[role]
    if role == "h":
        return "%[half]q"
    if role == "y" and len(number) == 1:
        return "%-y"
    if role == "+":
        return "%[+1]Y" if len(number) == 4 else "%[+1]y"
    if role == "o":
        return "%o" if number[-2:] in ("st", "nd", "rd", "th") else "%[fr]o"
    if role == "d" and pad == "[fr]o":
        return "%[fr]o"
    return f"%{'-' if pad and role in 'mdV' else ''}{role}"
