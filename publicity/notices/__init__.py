"""Notices (3.3): preparing, posting, the counted days, closing; what they show, whom they are for, their papers.

Objections to what a notice shows are a neighbour; here they only keep it open.
"""
