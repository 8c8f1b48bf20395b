"""Papers of a branch's months: the list of meetings, the record of one, the sign-in sheet, the dues book.

They show what was recorded, and blank lines where people sign.
"""
