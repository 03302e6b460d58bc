"""Decide what nobody said of a fit, from its data: tables with reasons.

In: a Panel, and what was said. Out: a RunConfig. May import: config, data, pretrained, deploy.

    recipe           lengths, season, normalisation, and the whole configuration
    training_recipe  how a fit from random weights trains
    start_recipe     whether a fit begins at the pretrained network, and how it trains then
"""
