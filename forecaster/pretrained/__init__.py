"""A network that knows time series before it has seen any of a user's: its weights for any season.

In: a ModelConfig. Out: the state of a plain network of that patch, as arrays of numpy. Needs no torch.
May import: config, weights. How the weights are made: forecaster.pretraining.

    kinds            kinds of series that it is trained on: seasons, and how a recurrent step cuts them
    shipped          the weights of this package, and the networks that forecast without a fit
    widening         a plain network as one with covariates, other levels or several targets
    transplant       the weights as those of a network of a given patch
"""
