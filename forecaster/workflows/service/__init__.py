"""Read the files that are sent to the service, for deploy.server.reading.

In: a file, the manifest of a model, and the query of POST /read. Out: JSON. May import: forecaster.{config,
data, forecasts}, deploy.bundle.

    uploads        a file that was sent, read for a model as `forecaster forecast` reads it
    other_columns  a file whose columns are called otherwise than those of the model
    offering       errors and notes with the names and values that a request may send in answer
    sent_series    series as items of POST /forecast, and their coming times as the file writes them
"""
