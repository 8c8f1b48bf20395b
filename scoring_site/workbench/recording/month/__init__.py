"""This month: dues and the meeting of a branch on one page.

A pasted list of names, as last time, and all dues tick it; nothing is written before it is saved.
"""
