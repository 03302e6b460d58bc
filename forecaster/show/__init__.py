"""Show people what was found: lines, tables, drawings, pictures, a page.

In: values of the rooms below. Out: text, SVG, PNG, PDF and HTML. May import: run and below.

    lines               lines as wide as a terminal, broken between words
    console             the lines of the commands, and JSON
    fit_progress        a fit as it goes along, and its result
    inspection          a data file, a run or a bundle as lines
    tuning_table        a search of settings as it goes along
    segments_table      fits of segments as they end, and a table of all
    scoreboard          an evaluation as tables in the terminal
    terminal            forecasts drawn in the terminal, of several series a line each
    terminal_chart      one of them as a chart, with its axes
    wording             an evaluation in words and as rows of texts
    explained_words     what a forecast is made of and rests on, in words
    pictures/           forecasts, fits and what a forecast rests on, drawn by matplotlib
    report/             an evaluation as one page
"""
