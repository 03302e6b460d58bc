"""Show forecasts: drawn by matplotlib where it is installed, and in notebooks without it.

In: arrays and texts. Out: lines on axes, or HTML. May import: numpy; matplotlib where something is drawn.

    ticks        round numbers and dates for an axis, as many as fit
    plotted      a series and its forecast, to be drawn in whichever way
    intervals    central intervals by their level in percent, and columns named by them
    joint_bands  bands of whole trajectories
    drawing      on axes of matplotlib: history, bands, median, actual values
    notebook     as HTML: an SVG chart and a table, without scripts
"""
