"""What follows from a final year (4): ratings.

A score suggests, the branch decides, and the decision is what is kept.
"""
