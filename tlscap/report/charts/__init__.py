"""Static charts, one a file: each is one table made by SQL and one `plot_` function that draws just that table."""

CHART_FILES = ("timeline.png", "timeline.csv")
"""What they leave in a report's folder."""
