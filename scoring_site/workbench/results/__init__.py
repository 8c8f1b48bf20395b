"""What follows from a year's scores: ratings.

The sheet of a branch shows score and suggestion beside each decision.
"""
