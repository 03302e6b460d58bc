"""A job of cron: a file of histories in, a file of forecasts out, replaced in one step.

    15 3 * * *  cd /srv/forecasts && python nightly.py run/bundle histories.csv forecasts.csv --adapt

With --adapt the values since the last run are compared with forecasts made without them, which moves
intervals that are too narrow or too wide; what was learnt is kept in run/bundle.offsets.json.

histories.csv has the columns series, time and value, a row a step (see deploy/command/history_file.py). A
series that no forecast comes of costs the others nothing. Exit codes, and on standard error why: 0 all series
are forecast; 3 some are not, or none because the file is not usable; 4 the forecasts cannot be written; 5 the
bundle is damaged; 75 the run before is still at it. Where there is no new file, that of yesterday stays.
"""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import Calibrator, Forecast, ForecasterError, InputError, Predictor
from deploy.command.forecast_rows import forecast_rows, write_rows
from deploy.command.history_file import Histories, read_history
from deploy.errors import ConfigError

SOME_LEFT_OUT = InputError.exit_code
BUSY = 75  # EX_TEMPFAIL of sysexits.h: the next run may find it free
LEVELS = (0.1, 0.5, 0.9)


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Whether no other process has it. The system ends the lock with the process, so no stale one is left."""
    try:
        file = path.open("w")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def forecast(predictor: Predictor, histories: Histories, chosen: list[int]) -> Forecast:
    """The forecasts of some series. Raises InputError if one of them has none."""
    last = histories.last_timestamps
    return predictor.forecast(
        [histories.values[number] for number in chosen],
        last_timestamp=None if last is None else [last[number] for number in chosen],
    )


def refusals(predictor: Predictor, histories: Histories) -> dict[int, str]:
    """By its number, why each series that cannot be forecast cannot be; each is tried by itself."""
    found = {}
    for number in range(len(histories.values)):
        try:
            forecast(predictor, histories, [number])
        except InputError as error:
            found[number] = str(error).removeprefix("series 0")
    return found


def adapted(bundle: Path, predictor: Predictor, histories: Histories, chosen: list[int]) -> Predictor:
    """The predictor after what the values since the last run teach. Raises ForecasterError."""
    before = predictor.calibrator or Calibrator.fresh(predictor.manifest)
    last = histories.last_timestamps
    after = before.update(
        predictor,
        [histories.values[number] for number in chosen],
        last_timestamp=None if last is None else [last[number] for number in chosen],
    )
    try:
        after.save(bundle)
    except OSError as error:
        raise ConfigError(f"cannot write next to {bundle}: {error.strerror}") from None
    return Predictor.load(bundle)


def run(bundle: Path, source: Path, target: Path, *, adapt: bool) -> int:
    """The exit code. Raises ForecasterError, and then the target is what it was."""
    predictor = Predictor.load(bundle, verify=True)
    histories = read_history(source, predictor.manifest)
    numbers, refused = list(range(len(histories.values))), {}
    try:
        found = forecast(predictor, histories, numbers)
    except InputError:
        refused = refusals(predictor, histories)
        if len(refused) == len(numbers):
            raise
        numbers = [number for number in numbers if number not in refused]
        found = forecast(predictor, histories, numbers)
    if adapt:
        found = forecast(adapted(bundle, predictor, histories, numbers), histories, numbers)
    names = tuple(histories.series[number] for number in numbers) if histories.series else ()
    write_rows(forecast_rows(predictor.manifest, names, found, LEVELS), target)
    for number, reason in refused.items():
        sys.stderr.write(f"left out: series {histories.series[number]}{reason}\n")
    return SOME_LEFT_OUT if refused else 0


def main(bundle: str, source: str, target: str, *options: str) -> int:
    """One run at a time for each file of forecasts; the exit code."""
    try:
        with locked(Path(f"{target}.lock")) as is_mine:
            if is_mine:
                return run(Path(bundle), Path(source), Path(target), adapt="--adapt" in options)
            sys.stderr.write(f"another run is writing {target}\n")
            return BUSY
    except ForecasterError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
