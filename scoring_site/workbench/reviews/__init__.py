"""The half-year review: its list, the half as one table, its steps, and the town's days.

Which step is open and why another is not, `points.reviews` says.
"""
