"""Members as the roster has them: new ones, changes, and what they say is wrong in their data.

Where a member belongs reaches a score and is changed in `points.roster`.
"""
