"""Write an evaluation as one page that needs nothing else: HTML, CSS and SVG.

In: an Evaluation and its Run. Out: one HTML file. May import: show and below.

    page        all that the page says, through report.html.j2 and report.css
    charts      its figures, each with a heading, a finding and a key
    findings    a sentence for each figure
    plots       what is drawn of the scores
    inline      figures of matplotlib as SVG in the page's colours
"""
