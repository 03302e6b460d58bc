"""How people spell a date: the words for its months, which number is what, and the numbers of a moment.

In: the shape of a text, words, or numbers. Out: forms (strftime's, and more), and seconds since 1970.
May import: deploy.time.

    vocabulary    words of months, weekdays, halves of the day and time zones, in several languages
    part_names    how people call the parts of a time
    id_names      how people call columns of ids
    candidates    the forms that a date may have by its shape
    hours         where the time of day stands in a shape, and its forms
    measures      decimal years and the serial days of spreadsheets, and how they are written
    fields        year, month, week, hour ... to seconds, and back; the ends of intervals
"""
