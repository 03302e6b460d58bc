"""Train networks: select weights, refit them on all values, calibrate the mean of several.

In: a Panel, a RunConfig, a Listener, places for checkpoints. Out: a Fitted, whose ensembles are calibrated.
May import: evaluation (metrics and baselines), model, windows and what lies below, deploy.paths; never run
or show.

    fit_network     one network: the stages one after the other
    stages          what the loop trains on, for what share of the budget: selection, backtest, refit
    loop            the training loop, and who listens to it
    update          one update: batch, loss, gradient step
    loss            the quantile loss
    ridge           the highway as a ridge regression, and how much the LSTMs add to it
    curriculum      which patches fed to the decoder are true
    schedules       share of true patches, learning rate and budget over the progress
    masking         inputs hidden at random
    validation      free-running validation against the baselines
    epochs          what is known after each epoch; which weights to keep, when to stop
    calibration     offsets found on held-out windows (model/ensemble adds them to quantiles)
    dependence      ranks of the values of a patch, for sample paths
    fitted          the result of a fit
    members/        several networks, one after the other or in processes; calibrate their mean
    resume/         checkpoints and signals
    machine/        threads, precision and device
"""
