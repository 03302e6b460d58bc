"""Forecast the series of a panel through deploy.Predictor, and prepare what is written or drawn of it.

In: a Panel and a Predictor. Out: a Forecast, sample paths, tables, plots to draw. May import: data, deploy.

    through_predictor   forecasts and sample paths of a panel, with the covariates that they need
    explained           what the forecasts of a panel are made of, and the rows of that
    panel_misfits       series that the model was not fitted for, refused by name and time
    forecast_table      the rows of both, and CSV
    wide_table          the same in the shape of data with times across
    nixtla_table        the same with the names of Nixtla's libraries
    series_plot         a series and its forecast, to be drawn in whichever way
"""
