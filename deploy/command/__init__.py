"""Run the commands of `python -m deploy` on files.

In: options, a bundle, files. Out: lines, a CSV file, a folder of Parquet. May import: deploy.arrow,
deploy.predictor and all below them.

    commands         check, forecast and calibrate
    explain_command  what forecasts are made of, and rest on
    score_command    score, by deploy.arrow
    watch_command    coverage of the last values, and the alarm
    history_file     histories from a CSV file
    forecast_rows    a forecast as rows of a table, and writing them
"""
