"""Lay a file out as a row for each value of time, also where times or parts of them stand across its columns.

In: cells in pandas, and what is asked of them. Out: a table, or cells with a column of the parts of times.
May import: forecaster.config, forecaster.data.{complaints, notes, columns, table, times, panel, files},
forecaster.data.{spelling, figures, understand, joining}.

    header_times    the columns that are called by times, and how
    values          values under several columns as one array
    unroll          rows that are series, as one row for each value
    blocks          columns that are called by the parts of a period
    periods_across  columns that are the parts of a row's period
    layout          a column a series, a row a series, or columns that tell series apart
"""
