"""Tell what is to be forecast from what is known ahead, static, or nothing to forecast.

In: a sorted table and what is asked of it. Out: Columns, and why numbers are ignored, or a Complaint.
May import: forecaster.config, deploy.columns, forecaster.data.{complaints, notes, table, times, panel}.

    known_ahead     numbers that continue where those to forecast have ended
    told_by_time    numbers that the timestamps say already
    no_targets      numbers that are nothing to forecast, and why
    roles           targets, covariates known ahead, static columns
"""
