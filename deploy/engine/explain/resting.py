"""Say what a forecast rests on: which inputs would move it, and by how much of all that could.

Each input is moved by its own deviation, which moves a step by slope × deviation. Of the squares of these,
summed over the steps, each input has a share: that of the variance, as far as inputs move on their own.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

LAST, OTHER = "the last value", "other values"
LEAST = 0.005  # a share that is not worth a word
MOST = 5  # inputs in a sentence

Array = NDArray[np.float64]


def season_name(season: int) -> str:
    """Return what values at the same place of earlier seasons are called."""
    return f"earlier seasons ({season} steps)"


def powers_of_lags(lags: Array, spread: Array, season: int) -> dict[str, float]:
    """Return squares of what values of the history move: the last, those of whole seasons before, others.

    lags: slopes (horizon, context, D), the last value last; spread: (D,). Season 1 is none.
    """
    powers = np.square(lags * spread).sum(axis=2)  # (horizon, context)
    horizon, context = powers.shape
    age = np.arange(context, 0, -1)  # 1 is the last value
    before = age + np.arange(horizon)[:, None]  # steps from each step back to each value
    is_last = np.broadcast_to(age == 1, powers.shape)
    is_season = (before % season == 0) if season > 1 else np.zeros(powers.shape, bool)
    found = {LAST: float(powers[is_last & ~is_season].sum())}
    if season > 1:
        found[season_name(season)] = float(powers[is_season].sum())
    found[OTHER] = float(powers[~is_last & ~is_season].sum())
    return found


def power(moves: Array) -> float:
    """Return the sum of the squares of what an input moves the steps by."""
    return float(np.square(moves).sum())


def shares_of(powers: Mapping[str, float]) -> dict[str, float]:
    """Return shares, which sum to 1, the largest first; none where nothing moves the forecast."""
    total = sum(powers.values())
    if not total > 0:
        return {}
    ordered = sorted(powers.items(), key=lambda item: -item[1])
    return {name: value / total for name, value in ordered}


def sentence_of(shares: Mapping[str, float]) -> str:
    """Return the shares as a sentence, such as `It rests to 71 % on promo and to 29 % on the last value.`"""
    if not shares:
        return "Nothing moves this forecast: its history is constant."
    named = [(name, share) for name, share in shares.items() if share >= LEAST][:MOST]
    texts = [f"to {100 * share:.0f} % on {name}" for name, share in named]
    joined = texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
    return f"It rests {joined}."


def parts_sentence(level: Array, parts: Mapping[str, Array]) -> str:
    """Return what a forecast is made of, such as `The level is 412; the linear part adds -3 to 12.`

    level and each part: (horizon,); a part that is 0 throughout is left out.
    """
    adding = [
        f"the {name} part adds {_span(part)}" if name != "bound" else f"the lower bound adds {_span(part)}"
        for name, part in parts.items()
        if part.any()
    ]
    joined = ", ".join([f"The level is {_span(level)}", *adding[:-1]])
    return f"{joined} and {adding[-1]}." if adding else f"{joined}."


def _span(values: Array) -> str:
    low, high = (f"{end:,.4g}" for end in (values.min(), values.max()))
    return low if low == high else f"{low} to {high}"
