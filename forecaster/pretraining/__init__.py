"""Pretrain a network on made-up series: no value of any real one.

In: a seed and a number of updates. Out: weights for forecaster.pretrained.
May import: pretrained, model, training.loss, windows.window and what lies below.

    __main__         python -m forecaster.pretraining FAMILY: the weights as they ship, and their card
    pretrain         the loop: made-up windows of a kind, its network, a gradient step; resumable
    supply           pools of made-up series, and windows of them
    start            weights before the first update
    prior/           the made-up series
"""
