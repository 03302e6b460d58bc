"""Draw sample paths, and impose values on them.

In: an Engine, a Request and, perhaps, an Intervention. Out: paths (batch, paths, horizon, [D]).
May import: deploy.engine, deploy.request, deploy.forecast.

    sampling        the loop fed with draws of its own forecasts, coupled to the published quantiles
    interventions   Draw, and values of a caller in the place of drawn ones
    what_if         paths under an intervention
    patches         the dependence of the values of one patch
    units           the units in which a model adds
    scores          quantiles as a function of normal scores
"""
