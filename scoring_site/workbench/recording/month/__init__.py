"""This month: dues and the meeting of a branch on one page."""
