"""The pages of members, one module per page with its form: one's points and why, notices, claims, hearings, results.

A member meets their own record here and nobody else's.
"""
