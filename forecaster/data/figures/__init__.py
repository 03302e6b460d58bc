"""Numbers as people write them: signs, currencies, units, thousands, footnotes, signs for a missing one.

In: a source of cells. Out: cells in which numbers are numbers, and what to say of them, or a Complaint.
May import: forecaster.config, deploy.columns, forecaster.data.{complaints, audience, notes, table, times},
forecaster.data.files.

    suffixes       currencies, multipliers, units and footnotes around a number
    separators     decimal signs and thousands separators among its digits
    grammar        one cell as a number with what stands around it
    marks          signs for a missing number; yes and no
    readings       the distinct texts of a column, and its unit
    remarks        what is said of a column that was read, and of -999
    settling       all columns, with one decimal sign
"""
