"""Keep a run up to date: fit again as values come, and serve what is better.

In: a run and a newer file. Out: the run that serves from now on, and a line of why. May import: all rooms
but cli.

    continuing  new data for a finished run, in its columns and categories
    refitting   one more fit, judged before it takes the place of the run
    judging     the run and a candidate scored on the same values, which neither saw
    decisions   what was decided, a line each, in a file next to the run
"""
