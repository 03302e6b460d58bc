"""Train several networks of one fit, whose forecasts are averaged.

What one network gets wrong by the luck of its seed, others get wrong otherwise (Lakshminarayanan, Pritzel and
Blundell, 2017). In: a panel and a config. Out: the fits of all members as one. May import: the rest of
training, and jobs.

    members    one after the other, or in processes; the calibration of their mean
    apart      the fits of members in processes of their own
    member     the config of one member, and what it takes over from the first
"""
