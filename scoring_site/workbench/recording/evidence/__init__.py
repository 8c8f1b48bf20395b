"""Files that prove what was recorded: kept, opened, added, voided.

Who may open one is asked of `points.evidence`.
"""
