"""Do what a command does: one public function on a frozen request each, called by cli and estimator alike.

In: a request. Out: a value, and the files that were asked for. May import: all rooms but cli.

    fit               read, derive, train, calibrate, keep the run
    preparation       the series, the configuration and the networks that a fit begins with
    recipes/          defaults from the data, as tables with reasons
    zero_shot         the pretrained network for a panel, without a fit
    own_past          the past of a panel as a judge of networks that were not fitted to it
    forecast          histories into tables of quantiles, sample paths, a picture
    explain           what forecasts are made of, and what they rest on
    cross_validation  forecasts from rolling origins, of a run, of fits on what is before them, or without
    rolling           which windows are scored, and by which model
    evaluate          a run's bundle scored on values that did not train it
    export            a run into a bundle, and into a model of Triton
    serve             the pretrained network for a service, a bundle for each usual step; a reader
    service/          that reader: files that are sent to the service
    in_use            what no output may replace: a run, a bundle, the data of a fit
    tuning/          settings around those of the recipe searched for better ones
    upkeep/           a run continued, or fitted again as values come and replaced by what is better
    segments/         the same for each value of some columns, by a run of its own
    inspect           what a data file, a run or a bundle holds
    prepare           data of any size as a panel on disk
"""
