"""Which method is first on many small files: ranks, geometric means over seasonal naive, and seconds."""

from collections.abc import Sequence
from statistics import mean, median

from benchmarks.zero_shot import OURS
from benchmarks.zero_shot_means import NAIVE, Row, rounded
from benchmarks.zero_shot_tasks import geometric_mean

ALL = "all"
FIT, RANDOM = "fit", "fit, random weights"
OWN = (OURS, FIT, RANDOM)

Mases = dict[str, dict[str, float]]  # of each file by method; without the refused


def summarise(rows: Sequence[Row]) -> list[Row]:
    """Return a row a group of files and method, and the rows of all files where there are several groups.

    over_naive: geometric mean of MASE over seasonal naive's, on the files that every method forecasts.
    rank: the median over all files, 1 the best; a method that refuses a file is the last on it. Ways of one
    package are ranked next to the others' alone, and these next to its FIT. Both are of the mean over seeds.
    cpu_s: the median of a file and seed. refused: files.
    """
    groups = list(dict.fromkeys(row["group"] for row in rows))
    found = [line for group in groups for line in _of_group(group, [r for r in rows if r["group"] == group])]
    return found + (_of_group(ALL, rows) if len(groups) > 1 else [])


def _of_group(group: str, rows: Sequence[Row]) -> list[Row]:
    methods = list(dict.fromkeys(row["method"] for row in rows))
    mases = mean_mases(rows)
    shared = [by for by in mases.values() if set(by) == set(methods) and by[NAIVE] > 0]
    lines = []
    for method in methods:
        line: Row = {"group": group, "method": method, "files": len(mases), "compared": len(shared)}
        if shared:
            line["over_naive"] = geometric_mean([by[method] / by[NAIVE] for by in shared])
        rivals = ranked_with(method, methods)
        places = [
            rank({name: by[name] for name in rivals if name in by}, method, len(rivals))
            for by in mases.values()
        ]
        line["rank"] = float(median(places))
        seconds = [row["cpu_s"] for row in rows if row["method"] == method and "cpu_s" in row]
        if seconds:
            line["cpu_s"] = median(seconds)
        line["refused"] = sum(method not in by for by in mases.values())
        lines.append(rounded(line))
    return lines


def ranked_with(method: str, methods: Sequence[str]) -> list[str]:
    """Return a method and those it is ranked with: of this package's ways one alone, the fit with others."""
    chosen = (
        method
        if method in OWN
        else FIT
        if FIT in methods
        else next((one for one in methods if one in OWN), "")
    )
    return [one for one in methods if one == chosen or one not in OWN]


def mean_mases(rows: Sequence[Row]) -> Mases:
    """Return the mean over seeds of each file and method that is not refused."""
    every: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        by = every.setdefault(f"{row['group']} {row['file']}", {})
        if "mase" in row:
            by.setdefault(row["method"], []).append(row["mase"])
    return {file: {method: mean(values) for method, values in by.items()} for file, by in every.items()}


def rank(mases: dict[str, float], method: str, methods: int) -> float:
    """Return the place of a method on a file; equal ones share their mean, refused ones the last places."""
    if method not in mases:
        return (len(mases) + 1 + methods) / 2
    own = mases[method]
    better = sum(mase < own for mase in mases.values())
    equal = sum(mase == own for mase in mases.values())
    return better + (equal + 1) / 2
