"""Do for each segment of the data, the series with one value in some columns, what a command does for all.

In: a request, and columns or a folder of runs. Out: a run, forecasts or scores of each segment. May import:
the other workflows.

    fit_segments    a run for each segment, several at a time in processes
    by_segment      evaluate each run of a folder
    model_data      series as a bundle takes them, or as the bundle of each segment does
"""
