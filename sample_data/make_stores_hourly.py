"""Write stores_hourly.csv: eight synthetic shops with a daily and weekly rhythm, promotions and noise.

Run it as: python make_stores_hourly.py
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEED = 20240101
FUTURE_HOURS = 48  # promotions are planned this far beyond the last sale
LAST_SALE = np.datetime64("2024-05-05T23", "h")
MISSING_SHARE = 0.003
WEEKEND_FACTOR = {"north": 1.35, "south": 0.7, "coast": 1.9}  # Saturday and Sunday against a working day


@dataclass(frozen=True)
class Store:
    name: str
    region: str
    hours: int  # with sales
    closed_early: int  # hours before LAST_SALE at which the sales end
    level: float  # mean sales an hour
    promo_lift: float  # factor on the sales while a promotion runs


STORES = (
    Store("amber", "north", 3000, 0, 120.0, 1.5),
    Store("birch", "north", 2736, 0, 45.0, 1.3),
    Store("cedar", "south", 3000, 0, 310.0, 1.25),
    Store("dune", "coast", 2160, 0, 80.0, 1.8),
    Store("ember", "south", 1800, 24, 22.0, 1.6),
    Store("fjord", "coast", 2400, 0, 150.0, 1.4),
    Store("grove", "north", 1200, 0, 64.0, 1.45),
    Store("harbor", "coast", 1560, 72, 210.0, 1.35),
)


def promotions(rng: np.random.Generator, hours: int) -> NDArray[np.int64]:
    """(hours,): 1 while a promotion runs. A promotion lasts 6 to 36 hours and the next comes days later."""
    promo = np.zeros(hours, dtype=np.int64)
    start = int(rng.integers(12, 72))
    while start < hours:
        length = int(rng.integers(6, 37))
        promo[start : start + length] = 1
        start += length + int(rng.integers(36, 120))
    return promo


def sales(
    rng: np.random.Generator, store: Store, times: NDArray[np.datetime64], promo: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(hours,): sales an hour, positive."""
    hour = (times - times.astype("datetime64[D]")).astype(np.int64)
    weekday = (times.astype("datetime64[D]").astype(np.int64) + 3) % 7  # Monday = 0
    day = 0.15 + np.exp(-(((hour - 12) / 3.2) ** 2)) + 0.9 * np.exp(-(((hour - 18) / 2.2) ** 2))
    week = np.where(weekday >= 5, WEEKEND_FACTOR[store.region], 1.0 + 0.04 * weekday)
    drift = np.cumsum(rng.normal(0, 0.004, len(times)))
    noise = rng.normal(0, 0.08, len(times))
    lift = np.where(promo == 1, store.promo_lift, 1.0)
    return store.level / 0.6 * day * week * lift * np.exp(drift - drift.mean() + noise)


def rows_of(rng: np.random.Generator, store: Store) -> list[list[object]]:
    last = LAST_SALE - store.closed_early
    times = np.arange(last - store.hours + 1, last + 1 + FUTURE_HOURS)
    promo = promotions(rng, len(times))
    sold = [f"{value:.1f}" for value in sales(rng, store, times, promo)]
    missing = rng.random(len(times)) < MISSING_SHARE
    missing[store.hours - 1] = False  # the last sale is a sale
    return [
        [
            str(time).replace("T", " ") + ":00",
            store.name,
            store.region,
            "" if missing[index] or index >= store.hours else sold[index],
            promo[index],
        ]
        for index, time in enumerate(times)
    ]


def main(target: Path) -> None:
    rng = np.random.default_rng(SEED)
    with target.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["time", "store", "region", "sales", "promo"])
        for store in STORES:
            writer.writerows(rows_of(rng, store))


if __name__ == "__main__":
    main(Path(__file__).with_name("stores_hourly.csv"))
