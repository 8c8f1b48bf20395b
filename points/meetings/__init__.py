"""Meetings with their attendance: holding and changing one, sign-in by phone, a branch's month, what is still owed.

What an attendance earns is written by `points.records`; the tick sheet is another way to the same squares.
"""
