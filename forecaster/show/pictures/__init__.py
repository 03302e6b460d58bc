"""Draw pictures in one look.

In: values of the rooms below. Out: SVG, PNG and PDF. May import: show's own modules and below.

    inks                names of colours, and those of the dark
    figures             figures in one look, the same bytes for the same data
    forecast_picture    forecasts
    explained_picture   what a forecast is made of and rests on
    training_picture    training.svg of a run
"""
