"""Texts that stand in a column of numbers for no number, and words that are 1 and 0."""

import re

# What means missing where all other cells of a column are numbers: signs, errors, and words that say so.
_MARKS = re.compile(
    r"\.{1,3}|…|-{1,3}|[–—−‒]{1,2}|_|:\s?[a-z]{0,3}|\?{1,3}|\*{1,3}|#{3,}|/|x{3,}|X{3,}"
    r"|(?i:n\.?\s?[ad]\.?|n\.\s?v\.|k\.\s?a\.|s\.?\s?d\.|n\.\s?s\.|\[[a-z]\]|\(na\)|\(x\)"
    r"|missing|no ?data|(not |un)available|nil|nm|tb[ad]|\((blank|empty|null|none|missing)\))"
    r"|#(?:DIV/0!|VALUE!|REF!|NAME\?|NUM!|NULL!|N/[AD]|NV|WERT!|BEZUG!|ZAHL!|VALEUR!|NOMBRE!|VALOR!|CALC!|SPILL!)"
)
DASHES = "-–—−‒"
# Words of two answers: the first means 1.
_PAIRS = (
    *(("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("on", "off"), ("ja", "nein"), ("j", "n")),
    *(("oui", "non"), ("o", "n"), ("vrai", "faux"), ("sí", "no"), ("si", "no"), ("sì", "no"), ("sim", "não")),
    *(("wahr", "falsch"), ("ja", "nee")),
    *(("ja", "nej"), ("да", "нет"), ("evet", "hayır"), ("✓", "✗"), ("是", "否")),
)


def is_mark(text: str) -> bool:
    """Return whether a text is a sign for a missing number."""
    return _MARKS.fullmatch(text.strip()) is not None


def means_zero_often(text: str) -> bool:
    """Return whether it is a dash, which accountants write for 0."""
    return text.strip() != "" and not text.strip(DASHES)


def as_answers(texts: list[str], *, both: bool) -> dict[str, float] | None:
    """Return 1 and 0 for texts such as yes and no; None for others. both: the two have to be there."""
    folded = {text: text.strip().casefold() for text in texts}
    found = set(folded.values())
    for one, zero in _PAIRS:
        if found == {one, zero} or (not both and found and found <= {one, zero}):
            return {text: float(word == one) for text, word in folded.items()}
    return None
