"""ETTh1 as docs/accuracy.md has it: twins, which no validation row trained, next to published figures."""

from benchmarks.markdown import sections, table
from benchmarks.zero_shot_means import Row

TITLE = "ETTh1, horizon "
TWIN, SERVED = "ours, twin", "ours, as it is served"
TEXT = """## ETTh1

From [accuracy](accuracy.md): MSE and MAE over all windows of the test rows, our means over seeds. The twin
is our fit without the rows that validate, as the published ones are, so it alone compares with them; what is
served has been refitted on those rows, too. The horizon at which the best published MSE has the most over
the twin comes first{missing}."""


def figure(cell: str) -> float:
    """Return the mean of a cell such as 0.354 ± 0.001."""
    return float(cell.split(" ± ")[0])


def figures(row: dict[str, str], prefix: str = "") -> Row:
    """Return MSE and MAE of a row."""
    return {name: figure(row[prefix + name]) for name in ("mse", "mae")}


def rows_of(horizon: int, found: list[dict[str, str]]) -> list[Row]:
    """Return a row a method at a horizon, the lowest MSE first."""
    own, *others = found
    rows = [{"horizon": horizon, "method": row["method"], **figures(row)} for row in others]
    if "twin_mse" in own:
        rows.append({"horizon": horizon, "method": TWIN, **figures(own, "twin_")})
    rows.append({"horizon": horizon, "method": SERVED, **figures(own)})
    return sorted(rows, key=lambda row: row["mse"])


def lead(rows: list[Row]) -> float:
    """Return the best published MSE over the twin's; infinite where there is no twin."""
    twin = [row["mse"] for row in rows if row["method"] == TWIN]
    best = min(row["mse"] for row in rows if row["method"] not in (TWIN, SERVED))
    return best / twin[0] if twin else float("inf")


def etth1(page: str) -> str:
    """Return the section of ETTh1. page: the text of docs/accuracy.md."""
    horizons = [
        rows_of(int(heading.removeprefix(TITLE)), found)
        for heading, found in sections(page).items()
        if heading.startswith(TITLE)
    ]
    horizons.sort(key=lambda rows: (lead(rows), rows[0]["horizon"]))
    without = [str(rows[0]["horizon"]) for rows in horizons if lead(rows) == float("inf")]
    missing = f"; of horizon {', '.join(without)} no twin has been measured yet" if without else ""
    return f"{TEXT.format(missing=missing)}\n\n{table([row for rows in horizons for row in rows])}"
