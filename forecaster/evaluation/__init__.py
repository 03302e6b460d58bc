"""Score forecasts on values that did not train them, compared with baselines.

In: a Predictor and a Panel, or arrays of actual values and forecasts. Out: an Evaluation, frozen.
May import: forecasts (through the Predictor), windows, data and deploy; never model or training.

    origins             where scored forecasts start: fresh windows, else held out; what is known there
    channel_windows     windows as arrays, every channel of a series by itself
    backtest            forecasts from every origin and their losses
    baselines           the list of baselines, and which of them some windows are compared with
    linear              the linear baseline
    theta               the Theta model
    conformal           offsets with which quantiles cover their share
    metrics             losses, value by value; MASE and the units of scaled errors
    accumulators        sums of losses, batch by batch
    summary             scores over all units, from these sums
    unit_table          scores of each unit as columns
    units               how these are found, and examples to draw
    scores              the findings as frozen values, each score explained
    verdict             one sentence for a person, gates for a machine
"""
