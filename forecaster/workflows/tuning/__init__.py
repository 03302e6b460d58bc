"""Search the settings of a fit that suit some data better than the recipe's.

In: data and what is said of them. Out: settings for a fit, and what mattered. May import: all rooms but cli.

    study       a search from its data to the file of settings
    space       what is varied, as multiples of what the recipe chose
    trials      fits in processes of their own, judged on the windows that validate
    search      what is tried next, dropped early, and chosen
"""
