"""The half-year review (3.2): steps and guards, who is in it, the half as one table, late records, confirmations.

What a half's state forbids to whoever records is in `points.halves`; showing it to the branch is `publicity`.
"""
