"""What a submitted, approved or final half forbids, for every verb that writes to it.

Moving a half on, which locks it, is done in `points.reviews`.
"""
