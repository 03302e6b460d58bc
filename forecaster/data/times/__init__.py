"""Turn the texts of times into moments on a clock, find their step, and write them back as they were.

In: texts, or whole numbers. Out: int64 seconds or counts, their form, step and time zone, or a Complaint.
May import: forecaster.config, forecaster.data.{complaints, notes, spelling, table}, deploy.time.

    timestamps    texts to seconds and back, in a form that is known or found
    evidence      the form of a column by the evidence of all its cells
    forms         strftime's directives: read, and written back unchanged
    shapes        texts alike but for their digits, and the forms that they may be in
    problems      columns that no form fits, and what to do
    counts        whole numbers that are times: 20240131, seconds since 1970, or counts
    number_dates  whole numbers and decimals that are dates by their texts
    offsets       UTC offsets as they are written
    zones         the time zone that was named, or whose clocks show the offsets
    clocks        moments, the wall clock, and times that it shows twice or skips
    parts         times split over columns: the form of each part
    steps         the step that was asked for, or the usual difference
    snapping      rows near the grid of a calendar, moved onto it
    grid          positions on the grid of a step, and the calendar under them
"""
