"""Show people what was found: lines, tables, drawings, pictures, a page.

In: values of the rooms below. Out: text, SVG, PNG, PDF and HTML. May import: run and below.

    lines               lines as wide as a terminal, broken between words
    console             the lines of the commands, and JSON
    fit_progress        a fit as it goes along, and its result
    inspection          a data file, a run or a bundle as lines
    tuning_table        a search of settings as it goes along
    segments_table      fits of segments as they end, and a table of all
    scoreboard          an evaluation as tables in the terminal
    terminal            forecasts drawn in the terminal
    wording             an evaluation in words and as rows of texts
    figures             figures in one look, the same bytes for the same data
    forecast_picture    forecasts as pictures
    explained_picture   what a forecast is made of and rests on, as a picture
    explained_words     the same in words
    training_picture    training.svg of a run
    report/             an evaluation as one page
"""
