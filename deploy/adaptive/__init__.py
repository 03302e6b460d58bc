"""Actual values, compared with what was forecast of them, move the quantiles of the forecasts to come.

In: quantiles of the model and, later, actual values. Out: quantiles that cover as many actuals as their
levels say; how unusual each actual was, and whether to fit again.
May import: numpy, deploy.{errors, places, bundle, request, forecast, engine}.

    quantile_levels  Levels: quantile levels, and what follows of them alone
    tracker          Tracker: offsets by level and group of steps, learnt from one comparison after the other
    said             Adaptation: forecasts that wait for their actuals, and the tracker that learns from them
    surprise         Surprise: p-values of actuals, and the scores that are evidence
    alarm            Alarm, Evidence: bets against a series that stays as it is
    record           Record: running coverage and loss of many series, and their alarm
    calibrator       Calibrator: offsets next to a bundle, learnt from actuals of many series
    watching         watch: the last values of many series, one step after the other
    replay           the past of many series, forecast again and compared
    remembered       an adaptation as fields of JSON, and back
    stream_state     the state of a stream, as a value and as bytes
"""
