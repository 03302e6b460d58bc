"""Compute with timestamps: the step of a series, its grid, its time zone and its clock.

In and out: int64 arrays of seconds since 1970, or of counts. May import: deploy.errors, numpy.

    timestep    the distance between two values, and timestamps so many steps away
    zones       UTC and local time for whole arrays
    holidays    days that a model was fitted with, by region
    clock       the clock that steps run on: UTC below a day, the wall clock from a day on
"""
