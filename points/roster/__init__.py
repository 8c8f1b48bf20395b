"""Changes of the roster that reach a score: moves, leaving, exemptions, and what closed halves forbid.

Details of a person that reach no score are changed in `members.people`.
"""
