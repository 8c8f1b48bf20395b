"""Towns, branches, people and their accounts: who there is, who may do what (`access`), and the log of what was done.

Nothing here knows points; a change of the roster that reaches a score is a verb of `points.roster`.
"""
