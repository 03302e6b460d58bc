"""Write co2_weekly.csv from the co2.csv of the statsmodels package.

Run it as: python make_co2_weekly.py PATH/TO/statsmodels/datasets/co2/co2.csv
"""

from __future__ import annotations

import csv
import sys
from datetime import datetime, timedelta
from pathlib import Path

WEEK = timedelta(weeks=1)


def main(source: Path, target: Path) -> None:
    with source.open(newline="") as file:
        measured = {datetime.strptime(row["date"], "%Y%m%d"): row["co2"] for row in csv.DictReader(file)}
    weeks = [min(measured)]
    while weeks[-1] < max(measured):
        weeks.append(weeks[-1] + WEEK)
    off_grid = set(measured) - set(weeks)
    if off_grid:
        sys.exit(f"{source}: {len(off_grid)} dates are not whole weeks after {weeks[0]:%Y-%m-%d}")
    with target.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["date", "co2"])
        writer.writerows([f"{week:%Y-%m-%d}", measured.get(week, "")] for week in weeks)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).with_name("co2_weekly.csv"))
