"""Resets of members' passwords by their branch: asked for, given by a second officer, confirmed by the town.

The code is shown once, to the second officer.
"""
