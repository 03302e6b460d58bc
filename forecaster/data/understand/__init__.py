"""Find which column is what, and place the rows of every series on the grid of its step.

In: cells in pandas, and what is asked of them. Out: a sorted table, Columns and positions, or a Complaint.
May import: forecaster.config, deploy.columns, forecaster.data.{complaints, notes, columns, table, times},
forecaster.data.{spelling, panel, files, figures}.

    counters       time as a count of the rows of each id
    time_column    the column of times, by name and by cells
    number_cells   cells as numbers
    time_cells     cells of the time column as moments
    cells          cells as timestamps, numbers and texts, each column of one kind
    changing       texts that are of a moment and name no series
    taking_turns   texts of sensors that take turns
    keys           the columns that tell series apart
    targets/       what is to be forecast, known ahead, static or nothing of these
    aggregation    rows of a period as one row: sums, means, counts
    repeats        rows of a series at one time: copies, skipped hours, contradictions
    placement      the step, and rows that are not on its grid
"""
