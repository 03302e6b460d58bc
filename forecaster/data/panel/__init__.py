"""Hold many ragged series as flat arrays on a regular grid, and tell what they are like.

In: a sorted table, its columns and positions. Out: a Panel, and facts that defaults follow from.
May import: forecaster.data.{complaints, table}, deploy.columns, deploy.time.

    panel            Panel, some of its series, or as they were earlier
    assembly         rows on the grid as a Panel, gaps filled
    holiday_columns  holidays as covariates, chosen once and frozen
    sampling         some series of many, by the hashes of their ids
    listing          warnings of many series or texts, in one line
    seasonality      the season that no calendar tells, and whether series stay at their level
    panel_segments   series by the values of some columns
    targets_apart    the channels of joint series, one by one
"""
