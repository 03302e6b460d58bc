"""Join a time that is split over columns: a date and an hour, or a year, a month and a day.

In: cells in pandas, and what is asked of them. Out: cells with one column of times, and the parts of it.
May import: forecaster.config, deploy.time, forecaster.data.{complaints, notes, columns, table, times},
forecaster.data.{spelling, files, understand}.

    time_parts     columns that may be a part of a time
    joined_time    the times that several columns make together
    split_time     whether the time is split over columns, and over which
"""
