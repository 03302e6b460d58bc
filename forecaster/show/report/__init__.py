"""An evaluation as one page that needs nothing else: HTML, CSS and SVG."""
