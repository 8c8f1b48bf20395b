"""Channels a town requires, and its days off.

Both decide when a notice may close; the days are counted in `publicity.notices`.
"""
