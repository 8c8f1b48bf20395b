"""Papers of a half: the table to sign, and the result slips.

Both print what `points.reviews` worked out for the screen.
"""
