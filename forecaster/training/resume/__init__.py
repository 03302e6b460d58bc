"""Keep a fit from being lost: a killed or interrupted one continues to the same weights.

In: the state between two updates. Out: checkpoint files, and the state read from them.
May import: training.epochs, training.machine, model, data, config, files.

    adamw           the optimizer: a moment of each weight, and the steps that these take
    state           all that the next update depends on
    checkpoint      the file of a state, replaced in one step, for the same fit alone
    interruption    Ctrl-C and SIGTERM wait for the end of an update
    guard           checkpoints, signals and diverging losses of one stage
"""
