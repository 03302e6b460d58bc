"""Turn files that are no text in columns into such: workbooks, JSON, and archives of one file.

In: a path, and the sheet that is asked for. Out: a table in a temporary file, and how its rows are counted.
May import: forecaster.config, forecaster.data.{complaints, notes}, deploy.

    unpacking       which kind a file is of, and the archive of one file
    workbooks       the sheet of a workbook
    objects         the records of JSON
"""
