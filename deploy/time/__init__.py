"""Count the steps of a series in seconds, months or rows, on the clock of its time zone.

In: seconds since 1970 in int64. Out: the same, steps later or on another clock. May import: deploy.errors.

    timestep   TimeStep: the distance of neighbouring values, and timestamps moved by it
    clock      the clock that steps run on: UTC below a day, the wall clock from a day on
    zones      UTC and wall-clock time for whole arrays
"""
