"""Run the commands of `python -m deploy` on files.

In: options, a bundle, a CSV file of histories. Out: lines or a CSV file. May import: deploy.predictor and all
below it.

    commands        check and forecast
    history_file    histories from a CSV file
    forecast_rows   a forecast as rows of a table, and writing them
"""
