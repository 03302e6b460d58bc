"""A panel on disk: written once, a part at a time, and mapped into memory by whatever reads it.

In: a large text file and its key columns, or panels of some series each. Out: a folder, or a Panel of it.
May import: forecaster.data.files and below.

    lines_by_key    rows of a text file as bytes, and the series of each
    whole_series    a text file in parts of whole series
    appending       parts of a panel into a folder
    memory_map      the folder as a panel, and what else lies in it
"""
