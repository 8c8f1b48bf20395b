"""Who lives in the demonstration town: the roster, names, habits, moves, and who plays which part.

They are drawn from a fixed seed: every demonstration is the same.
"""
