"""Keep a fit in a folder: weights in safetensors, everything else JSON; no pickle.

In: a fit, or the path of a run. Out: the folder, or a Run. May import: training and below.

    run              a finished fit, written and read
    folder           the folder during a fit: where it grows, checkpoints, how it takes its place
    segment_fits     the runs of segments, or why there are none
    search_findings  the findings of a search of settings
    places           what stands next to a run, and what moves there
    reading          files of a run, whatever lies in their places
    record           the data of a fit, and what it saw of each series of a file
"""
