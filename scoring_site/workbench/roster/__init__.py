"""Members, where they belong, exemptions and login slips: the list, a member's page, and the forms that change them.

A folder per table; moves and exemptions call the verbs of `points.roster`.
"""
